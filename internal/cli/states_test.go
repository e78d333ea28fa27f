package cli

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// hurts are states in which people ask what is wrong, each of an import of two rows.
var hurts = []struct {
	name       string
	conditions []metav1.Condition
	plan       v1alpha1.PlanStatus
	second     ledger.Entry
}{
	{
		name: "failed", conditions: stalled(v1alpha1.RowsFailedReason, "2 users: 1 created, 1 failed. The first is row 2 (JobFailed)."),
		second: ledger.Entry{Action: ledger.ActionUpdate, Outcome: ledger.OutcomeFailed, Reason: v1alpha1.RowFailedReason, Message: "Not Found"},
	},
	{
		name: "withheld", conditions: stalled(v1alpha1.ApprovalRequiredReason, "1 row would take access from a user, and waits for an approval."),
		plan:   v1alpha1.PlanStatus{Hash: waitingHashOf, Total: 2, Update: 1, Unchanged: 1, Harmful: 1, Withheld: 1, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard}},
		second: ledger.Entry{Action: ledger.ActionSuspend, Withheld: true},
	},
	{
		name: "unknown", conditions: stalled(v1alpha1.SubmissionOutcomeUnknownReason,
			"Job 1, attempt 1 (update of 1 user) ended without an answer. Set the annotation "+v1alpha1.ResolveSubmissionAnnotation+` to "1/1=Resubmit" or "1/1=Abandon".`),
		plan: v1alpha1.PlanStatus{Total: 2, Update: 1, Unchanged: 1}, second: ledger.Entry{Action: ledger.ActionUpdate, Message: "changes department"},
	},
	{
		name: "paused", conditions: append(ready(v1alpha1.SucceededReason, "1 user: 1 created"),
			condition(v1alpha1.PausedCondition, metav1.ConditionTrue, v1alpha1.PausedReason, "Rows are to be sent, and wait.")),
		plan: v1alpha1.PlanStatus{Total: 2, Update: 1, Unchanged: 1}, second: ledger.Entry{Action: ledger.ActionUpdate, Message: "changes department"},
	},
	{
		name: "limited", conditions: waits(v1alpha1.RateLimitedReason, "JumpCloud's rate limit, or the Organization's own spec.limits, is reached. The work goes on by itself."),
		plan: v1alpha1.PlanStatus{Total: 2, Update: 1, Unchanged: 1}, second: ledger.Entry{Action: ledger.ActionUpdate, Message: "changes department"},
	},
	{
		name: "rejected", conditions: waits(v1alpha1.OrganizationNotReadyReason, "Organization states/acme is not ready (AuthenticationFailed). See its conditions."),
		plan: v1alpha1.PlanStatus{Total: 2, Update: 1, Unchanged: 1}, second: ledger.Entry{Action: ledger.ActionUpdate, Message: "changes department"},
	},
}

// Each command says in each state what is wrong, and what remains to be done.
func TestCommandsTellWhatHurts(t *testing.T) {
	w := newWorld(t, "states")
	w.anOrganization()
	for _, hurt := range hurts {
		object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta(hurt.name), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: w.ref(), Users: []v1alpha1.UserRow{{Username: new("ada.byron")}},
		}}
		object.Status.Conditions = hurt.conditions
		if hurt.plan.Total > 0 {
			object.Status.Plan = hurt.plan.DeepCopy()
		}
		w.create(object)
		second := hurt.second
		second.Row, second.Username, second.Email, second.UserID = 2, "mary", "mary@example.org", "65f1c0ffee65f1c0ffee0003"
		w.entries(object, true, []ledger.Entry{
			{Row: 1, Username: "ada.byron", Email: "ada@example.org", Action: ledger.ActionCreate, Outcome: ledger.OutcomeCreated, UserID: "65f1c0ffee65f1c0ffee0001"},
			second,
		})
	}
	var told strings.Builder
	tell := func(args ...string) {
		code, out, errs := w.run("no\n", args...)
		if errs != "" {
			errs = paragraph(0, errs) // an error is one line, which pipelines can search
		}
		fmt.Fprintf(&told, "$ %s\n%s%s(%d)\n\n", strings.Join(args, " "), out, errs, code)
	}
	for _, command := range []string{"plan", "approve", "results"} {
		for _, hurt := range hurts {
			tell(command, "jcimport/"+hurt.name)
		}
	}
	tell("status")
	tell("why", "mary")
	w.golden("states", told.String())
	w.Expect(w.planApprovals()).To(BeEmpty())
}
