package oneshot_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A user whom the source names again does not count as having left, even during the run.
func TestALeaverComesBackDuringTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		jobs := len(w.Org.Jobs())
		w.source(append(moves(2), hires(1)[1])...)
		w.Until(w.sent(jobs + 1))
		w.source(append(moves(4), hires(1)[1])...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone()
		w.expectLeavers()
	})
}

// The spec at the time of the call decides what becomes of leavers, not the spec at the
// beginning of the run.
func TestLeaversAreNoLongerToBeSuspended(t *testing.T) {
	for _, policy := range []v1alpha1.LeaversPolicy{v1alpha1.LeaversReport, v1alpha1.LeaversIgnore} {
		for _, suspended := range []int{0, 1} {
			for _, restart := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, after %d, restart %v", policy, suspended, restart), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := staffOf(t, 4, 10)
						jobs := len(w.Org.Jobs())
						w.batches(1)
						w.source(append(moves(2), hires(1)[1])...)
						w.Until(func() bool { return len(w.Org.Jobs()) > jobs && w.puts("") == suspended })
						w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = policy })
						if restart {
							w.Restart()
						}
						w.rest()
						w.resyncs()
						w.ExpectReady("True/Succeeded")
						w.Expect(w.puts("")).To(Equal(suspended))
						w.expectGone([]string{member(3), member(4)}[:suspended]...)
						w.expectCounted(suspended, 1)
						if policy == v1alpha1.LeaversReport {
							w.expectLeavers([]string{member(3), member(4)}[suspended:]...)
						} else {
							w.Expect(w.Get().Status.Leavers).To(BeNil())
						}
					})
				})
			}
		}
	}
}

// If a user is named again after the suspension was sent, the ledger says so: nobody lifts it.
func TestALeaverIsNamedAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := &claimants{}
		w := claimed(t, others)
		w.Edit(suspending)
		w.window(100, 100, 100)
		w.rest()
		w.source(moves(3)...)
		id := w.id(member(4))
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + id, Times: 1}, Kind: jumpcloudtest.FaultReset})
		w.Until(func() bool { return w.puts(id) == 1 })
		others.now = plan.Claims{Usernames: map[string]bool{member(4): true}}
		w.Restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Outcome", ledger.OutcomeUnchanged),
			HaveField("Message", And(ContainSubstring("another object"), ContainSubstring("may have been sent before")))))
		w.Expect(w.puts(id)).To(Equal(1), "it is not sent again")
		w.expectCounted(1, 0)
	})
}
