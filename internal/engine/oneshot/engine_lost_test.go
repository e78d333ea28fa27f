package oneshot_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// The process that takes over after a lost answer finds the users in the directory. The rest
// of their rows that was left for later is still to be sent.
func TestAManagerIsSetThoughTheAnswerToTheCreatesWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
		})
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
	})
}

func TestARowWhoseAnswerWasLostIsCreatedWhenItsSourceGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
		})
		w.Until(w.sent(1))
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.UsersFrom[0].ConfigMapKeyRef.Name = "gone" })
		w.rest()
		w.ExpectReady("False/SourceNotFound")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated}))
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(2))
	})
}

// Rows of an abandoned job whose users exist are done as far as the job goes, and continue.
func TestAManagerIsSetThoughTheJobOfTheCreatesWasAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead", "third,third@example.org,"})
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: "third", Record: jumpcloudtest.RecordPending})
		w.rest()
		w.ExpectReady("Unknown/JobTimedOut")
		w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1=Abandon")
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{
			"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated, "third": ledger.OutcomeFailed,
		}))
		w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
	})
}
