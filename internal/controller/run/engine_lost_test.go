package run_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Who takes over after a lost answer finds the users in the directory. What
// was left for later of their rows is still to be sent.
func TestAManagerIsSetThoughTheAnswerToTheCreatesWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
		})
		w.rest()
		w.expect("True/Succeeded")
		w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
	})
}

func TestARowWhoseAnswerWasLostIsCreatedWhenItsSourceGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
		})
		w.until(w.sent(1))
		w.edit(func(o *v1alpha1.BulkUserImport) { o.Spec.UsersFrom[0].ConfigMapKeyRef.Name = "gone" })
		w.rest()
		w.expect("False/SourceNotFound")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated}))
		w.Expect(w.get().Status.Summary.Created).To(BeEquivalentTo(2))
	})
}

// Rows of an abandoned job that are there are done as far as the job goes, and
// go on.
func TestAManagerIsSetThoughTheJobOfTheCreatesWasAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead", "third,third@example.org,"})
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: "third", Record: jumpcloudtest.RecordPending})
		w.rest()
		w.expect("Unknown/JobTimedOut")
		w.annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1=Abandon")
		w.rest()
		w.expect("False/RowsFailed")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{
			"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated, "third": ledger.OutcomeFailed,
		}))
		w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
	})
}
