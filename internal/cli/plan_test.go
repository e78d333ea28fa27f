package cli

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

func TestPlanOfAnImportThatWaits(t *testing.T) {
	w := newWorld(t, "plan-waits")
	w.anImportThatWaits()
	for _, name := range []string{"bulkuserimport/hires", "jcimport/hires", "bulkuserimports.jumpcloud-operator.io/hires"} {
		code, out, errs := w.run("", "plan", name)
		w.Expect(errs).To(BeEmpty(), name)
		w.Expect(code).To(Equal(exitDifferences), name)
		w.golden("plan-waits", out)
	}
	code, out, _ := w.run("", "plan", "jcimport", "hires", "-o", "csv")
	w.Expect(code).To(Equal(exitDifferences))
	w.Expect(out).To(ContainSubstring(`BulkUserImport,plan-waits,hires,Update,charles.babbage,"changes department, jobTitle",false,true,false`))
	_, out, _ = w.run("", "plan", "jcimport/hires", "-o", "yaml")
	w.Expect(out).To(ContainSubstring("hash: " + waitingHashOf))
}

// A plan that is too long for a status is shown completely or not at all.
func TestALongPlanIsShownWhole(t *testing.T) {
	w := newWorld(t, "plan-long")
	changes := make([]planlist.Change, 60)
	for i := range changes {
		changes[i] = planlist.Change{Action: v1alpha1.ChangeRemoveMember, Subject: fmt.Sprintf("user%02d", i), Harmful: true, Withheld: true}
	}
	changes[0] = planlist.Change{Action: v1alpha1.ChangeUpdate, Subject: "engineers", Fields: []string{"description", "email"}, Withheld: true}
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{OrganizationRef: w.ref()}}
	group.Status.Conditions = stalled(v1alpha1.ApprovalRequiredReason, "60 changes wait.")
	w.create(group)
	group.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("UserGroup"))
	store := &planlist.Store{Reader: plane.Client, Writer: plane.Client}
	book, err := store.Prepare(t.Context(), planOwner(group), changes)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(store.Write(t.Context(), book)).To(Succeed())
	group.Status.PlanConfigMaps = book.References
	group.Status.Plan = &v1alpha1.ChangePlan{Hash: waitingHashOf, Total: 60, Harmful: 59, Withheld: 60, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard}}
	for _, change := range changes[1:51] {
		group.Status.Plan.Changes = append(group.Status.Plan.Changes, v1alpha1.PlannedChange{Action: change.Action, Subject: change.Subject, Harmful: true, Withheld: true})
	}
	w.Expect(plane.Client.Status().Update(t.Context(), group)).To(Succeed())

	code, out, errs := w.run("", "plan", "jcgroup/engineers")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitDifferences))
	w.Expect(out).To(And(ContainSubstring("user59"), ContainSubstring("description, email"), ContainSubstring("60 changes wait")))
	w.fits(out)

	config := &corev1.ConfigMap{ObjectMeta: w.meta(book.References[0].ConfigMap)}
	w.Expect(plane.Client.Get(t.Context(), client.ObjectKeyFromObject(config), config)).To(Succeed())
	config.Data[planlist.Key] = strings.ReplaceAll(config.Data[planlist.Key], "user59", "user00")
	w.Expect(plane.Client.Update(t.Context(), config)).To(Succeed())
	code, out, errs = w.run("yes\n", "approve", "jcgroup/engineers")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(out).To(BeEmpty())
	w.Expect(errs).To(And(ContainSubstring("cannot be shown completely"), ContainSubstring(config.Name)))
	w.Expect(w.planApprovals()).To(BeEmpty())
}

func TestResultsOfAnImportThatPartlyFailed(t *testing.T) {
	w := newWorld(t, "results-failed")
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Users: []v1alpha1.UserRow{{Username: new("ada.byron")}},
	}}
	object.Status.Conditions = stalled(v1alpha1.RowsFailedReason, "3 users: 1 created, 1 failed, 1 pending.")
	w.create(object)
	code, out, errs := w.run("", "results", "jcimport/hires")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.Expect(out).To(ContainSubstring("No rows found"))
	w.entries(object, false, []ledger.Entry{
		{Row: 1, Username: "ada.byron", Email: "ada@example.org", Action: ledger.ActionCreate, Outcome: ledger.OutcomeCreated, UserID: "65f1c0ffee65f1c0ffee0001", JobID: "j1"},
		{
			Row: 2, Username: "charles", Email: "charles@example.org", Action: ledger.ActionUpdate, Outcome: ledger.OutcomeFailed,
			Reason: v1alpha1.RowNotAppliedReason, Message: "the job ended, and the directory does not show department as it is declared: " + strings.Repeat("look again ", 9),
		},
		{Row: 3, Username: "mary", Email: "mary@example.org", Action: ledger.ActionSuspend, Withheld: true},
	})
	code, out, errs = w.run("", "results", "jcimport/hires")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.golden("results-failed", out)
	_, out, _ = w.run("", "results", "jcimport/hires", "--outcome", "Failed", "-o", "csv")
	w.Expect(out).To(Equal("username,email\ncharles,charles@example.org\n"))
	w.Expect(plane.Client.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: w.meta("again"), Data: map[string]string{"users.csv": out}})).To(Succeed())
	again, err := (&rows.Loader{Reader: plane.Client}).Load(t.Context(), w.namespace, nil, []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "again", Key: "users.csv"}}}, nil)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(again.Rows).To(HaveLen(1), "an import takes it again")
	w.Expect(again.Rows[0].Problems).To(BeEmpty())
	_, out, _ = w.run("", "results", "jcimport/hires", "--outcome", "Pending", "-o", "json")
	w.Expect(out).To(And(ContainSubstring(`"withheld": true`), Not(ContainSubstring("charles"))))
	code, _, errs = w.run("", "results", "jcimport/hires", "--outcome", "failed")
	w.Expect(code).To(Equal(exitUsage))
	w.Expect(errs).To(ContainSubstring("Failed"))
}

func TestResultsOfTenThousandRows(t *testing.T) {
	w := newWorld(t, "results-many")
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("all"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Users: []v1alpha1.UserRow{{Username: new("ada.byron")}},
	}}
	w.create(object)
	const many = 10_000
	entries := make([]ledger.Entry, many)
	for i := range entries {
		entries[i] = ledger.Entry{Row: i + 1, Username: fmt.Sprintf("user%05d", i), Email: fmt.Sprintf("user%05d@example.org", i), Action: ledger.ActionCreate, Outcome: ledger.OutcomeCreated}
	}
	for i := range entries {
		entries[i].Email = strings.Repeat("e", 100) + entries[i].Email
	}
	w.entries(object, true, entries)
	w.Expect(len(object.Status.Results)).To(BeNumerically(">=", 8))
	code, out, errs := w.run("", "results", "jcimport/all")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.Expect(strings.Count(out, "\n")).To(BeNumerically(">=", many))
	w.Expect(out).To(ContainSubstring("user09999"))
	w.fits(out[len(out)-10_000:])

	w.tellsOfAll(many)

	w.Expect(plane.Client.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: w.meta(object.Status.Results[5].ConfigMap)})).To(Succeed())
	code, out, errs = w.run("", "results", "jcimport/all")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(out).To(BeEmpty())
	w.Expect(errs).To(And(ContainSubstring("all-import-results-005 does not exist"), ContainSubstring(v1alpha1.ReconcileRequestedAtAnnotation)))
}

// tellsOfAll creates an import of that many rows that waits for an approval, and expects the
// other commands to show all of them.
func (w *world) tellsOfAll(many int) {
	w.t.Helper()
	w.anOrganization()
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("waits"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Users: []v1alpha1.UserRow{{Username: new("ada.byron")}},
	}}
	entries := make([]ledger.Entry, many)
	for i := range entries {
		username := fmt.Sprintf("user%05d", i)
		entries[i] = ledger.Entry{Row: i + 1, Username: username, Email: strings.Repeat("e", 150) + username + "@example.org", Action: ledger.ActionCreate}
	}
	object.Status.Conditions = stalled(v1alpha1.ApprovalRequiredReason, "The plan waits for an approval.")
	object.Status.Plan = &v1alpha1.PlanStatus{
		Hash: waitingHashOf, Total: text.Int32(many), Create: text.Int32(many), Withheld: text.Int32(many), Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode},
	}
	w.create(object)
	w.entries(object, true, entries)
	w.Expect(len(object.Status.Results)).To(BeNumerically(">=", 8))
	last := fmt.Sprintf("user%05d", many-1)
	_, out, _ := w.run("", "plan", "jcimport/waits")
	w.Expect(out).To(And(ContainSubstring(fmt.Sprintf("%d changes wait for an approval", many)), MatchRegexp(`(?m)^Create +%s +yes$`, last)))
	_, out, _ = w.run("no\n", "approve", "jcimport/waits")
	w.Expect(out).To(MatchRegexp(`(?m)^Create +%s +yes$`, last), "what is approved was shown")
	_, out, _ = w.run("", "why", last)
	w.Expect(out).To(ContainSubstring(fmt.Sprintf("row %d: Create, Pending", many)))
	_, out, _ = w.run("", "status")
	w.Expect(out).To(MatchRegexp(`(?m)^  STALLED +BulkUserImport \S+/waits \(ApprovalRequired\)$`))
}

// A ledger that does not match the status, or has another header, of whatever version, is not
// interpreted, not even in part.
func TestALedgerThatCannotBeTaken(t *testing.T) {
	for said, harm := range map[string]func(config *corev1.ConfigMap){
		"another version of the operator": func(config *corev1.ConfigMap) {
			config.Data["results.csv"] = strings.Replace(config.Data["results.csv"], "row,username,", "row,login,", 1)
		},
		"was edited": func(config *corev1.ConfigMap) {
			config.Data["results.csv"] = strings.Replace(config.Data["results.csv"], "charles", "carl", 1)
		},
		"does not exist": nil,
	} {
		t.Run(said, func(t *testing.T) {
			w := newWorld(t, "ledger-"+strings.ReplaceAll(said, " ", "-"))
			w.anOrganization()
			object := w.anImportThatWaits()
			config := &corev1.ConfigMap{ObjectMeta: w.meta(object.Status.Results[0].ConfigMap)}
			w.Expect(plane.Client.Get(t.Context(), client.ObjectKeyFromObject(config), config)).To(Succeed())
			if harm == nil {
				w.Expect(plane.Client.Delete(t.Context(), config)).To(Succeed())
			} else {
				harm(config)
				w.Expect(plane.Client.Update(t.Context(), config)).To(Succeed())
			}
			for _, command := range []string{"plan", "results", "approve"} {
				code, out, errs := w.run("yes\n", command, "jcimport/hires")
				w.Expect(code).To(Equal(exitFailed), command)
				w.Expect(out).To(BeEmpty(), command)
				w.Expect(errs).To(And(ContainSubstring(said), ContainSubstring("the rows of BulkUserImport "+w.namespace+"/hires ")), command)
			}
			w.Expect(w.planApprovals()).To(BeEmpty())
			_, out, _ := w.run("", "why", "charles.babbage")
			_, _, errs := w.run("", "why", "charles.babbage", "-o", "json")
			for _, told := range []string{out, errs} {
				w.Expect(strings.Join(strings.Fields(told), " ")).To(And(ContainSubstring("Note: "), ContainSubstring(said)))
			}
		})
	}
}

// An object that changed is reread completely: with its kind, and without fields that are
// gone.
func TestAnObjectIsReadAgain(t *testing.T) {
	w := newWorld(t, "reread")
	c := &cluster{Client: plane.Client, namespace: w.namespace}
	w.anImportThatWaits()
	read, err := c.object(t.Context(), []string{"bulkuserimport/hires"})
	w.Expect(err).NotTo(HaveOccurred())
	moved, ok := read.DeepCopyObject().(*v1alpha1.BulkUserImport)
	w.Expect(ok).To(BeTrue())
	moved.Status.Plan = nil
	w.Expect(plane.Client.Status().Update(t.Context(), moved)).To(Succeed())
	w.Expect(c.reread(t.Context(), read)).To(Succeed())
	w.Expect(title(read)).To(Equal("BulkUserImport reread/hires"))
	w.Expect(waitingHash(read)).To(BeEmpty())
}

func TestWrongUses(t *testing.T) {
	w := newWorld(t, "wrong-uses")
	for _, tc := range []struct {
		line string
		code int
		says string
	}{
		{"plan", exitUsage, "accepts between 1 and 2"},
		{"plan hires", exitUsage, "write KIND/NAME"},
		{"plan jcimport/", exitUsage, "write KIND/NAME"},
		{"plan jcimport/a b", exitUsage, "write KIND/NAME"},
		{"plan pod/hires", exitUsage, "is not a kind of this operator"},
		{"plan deployment.apps/hires", exitUsage, "is not a kind of this operator"},
		{"plan planapproval/hires", exitFailed, "there is no PlanApproval hires in namespace wrong-uses"},
		{"plan jcimport/hires", exitFailed, "there is no BulkUserImport hires in namespace wrong-uses"},
		{"plan jcimport/hires -o xml", exitUsage, "json, yaml, csv"},
		{"approve jcimport/hires --yes", exitUsage, "--hash"},
		{"status jcimport/hires", exitUsage, "is not an Organization"},
		{"status acme", exitFailed, "there is no Organization acme"},
		{"why", exitUsage, "accepts 1 arg"},
		{"plan --nonsense", exitUsage, "unknown flag"},
		{"plan jcimport/hires --context=none", exitFailed, `context "none" does not exist`},
	} {
		code, out, errs := w.run("", strings.Fields(tc.line)...)
		w.Expect(code).To(Equal(tc.code), tc.line+": "+errs)
		w.Expect(out).To(BeEmpty(), tc.line)
		w.Expect(errs).To(ContainSubstring(tc.says), tc.line)
	}
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{OrganizationRef: w.ref()}}
	w.create(group)
	code, _, errs := w.run("", "results", "jcgroup/engineers")
	w.Expect(code).To(Equal(exitUsage))
	w.Expect(errs).To(ContainSubstring("has no rows"))
	approval := &v1alpha1.PlanApproval{ObjectMeta: w.meta("given"), Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "BulkUserImport", Name: "hires"}, Plan: waitingHashOf,
	}}
	w.create(approval)
	for _, command := range []string{"plan", "approve", "results"} {
		code, out, errs := w.run("yes\n", command, "jcapproval/given")
		w.Expect(code).To(Equal(exitUsage), command+": "+out)
		w.Expect(errs).To(ContainSubstring(" has no "), command)
	}
}

var talksToACluster = map[string][]string{
	"plan": {"plan", "jcimport/hires"}, "approve": {"approve", "jcimport/hires"}, "results": {"results", "jcimport/hires"},
	"status": {"status"}, "why": {"why", "ada.byron"},
}

func TestWithoutACluster(t *testing.T) {
	w := newWorld(t, "no-cluster")
	closed := *plane.Config
	closed.Host = "https://127.0.0.1:1"
	w.as(&closed)
	for name, args := range talksToACluster {
		code, out, errs := w.run("yes\n", args...)
		w.Expect(code).To(Equal(exitFailed), name)
		w.Expect(out).To(BeEmpty(), name)
		w.Expect(errs).To(ContainSubstring("cannot be reached"), name)
	}
}

func TestWithoutRights(t *testing.T) {
	w := newWorld(t, "no-rights")
	w.anImportThatWaits()
	stranger, err := plane.As("stranger")
	w.Expect(err).NotTo(HaveOccurred())
	w.as(stranger)
	for name, args := range talksToACluster {
		code, out, errs := w.run("yes\n", args...)
		w.Expect(code).To(Equal(exitFailed), name)
		w.Expect(out).To(BeEmpty(), name)
		w.Expect(errs).To(MatchRegexp(`cannot (get|list) resource "(bulkuserimports|organizations|users)"`), name)
	}
}

// Errors of the API server are explained, with a remedy.
func TestWithoutCredentials(t *testing.T) {
	w := newWorld(t, "no-credentials")
	stale := rest.AnonymousClientConfig(plane.Config)
	stale.BearerToken = "expired-token"
	w.as(stale)
	for name, args := range talksToACluster {
		code, out, errs := w.run("yes\n", args...)
		w.Expect(code).To(Equal(exitFailed), name)
		w.Expect(out).To(BeEmpty(), name)
		w.Expect(errs).To(And(ContainSubstring("does not accept your credentials"), ContainSubstring("--context"), Not(ContainSubstring("expired-token"))), name)
	}
	w.Expect(explain(fmt.Errorf("list Organizations: %w", &apimeta.NoKindMatchError{GroupKind: v1alpha1.GroupVersion.WithKind("Organization").GroupKind()}))).
		To(ContainSubstring("install the CRDs"))
}
