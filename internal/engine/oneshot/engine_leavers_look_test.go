package oneshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// What comes between the plan and the call counts, and what becomes of the leaver is told.
func TestALeaverIsLookedAtAgainBeforeTheCall(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *world, others *claimants)
		outcome ledger.Outcome
		says    string
	}{
		"another object names the user": {func(_ *world, others *claimants) {
			others.now = plan.Claims{Usernames: map[string]bool{member(4): true}}
		}, ledger.OutcomeUnchanged, "another object"},
		"it is not known whom another import names": {func(_ *world, others *claimants) {
			others.now = plan.Claims{Unknown: "BulkUserImport identity/b has no rows", BlockedBy: "BulkUserImport identity/b"}
		}, ledger.OutcomeSkipped, "BulkUserImport identity/b has no rows"},
		"the user has the email of a row": {func(w *world, _ *claimants) {
			w.console(member(1), jumpcloudtest.User{"email": "other@example.org"})
			w.console(member(4), jumpcloudtest.User{"email": member(1) + "@example.org"})
		}, ledger.OutcomeSkipped, "a row is about this user again"},
		"the user is suspended": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"state": "SUSPENDED"})
		}, ledger.OutcomeUnchanged, "was suspended"},
		"the user is staged": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"state": "STAGED"})
		}, ledger.OutcomeSkipped, "does not show the user as Activated"},
		"the user becomes an administrator": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"admin": map[string]any{"id": "x"}})
		}, ledger.OutcomeSkipped, "is protected"},
		"the user is deleted": {func(w *world, _ *claimants) { w.Org.DeleteUser(w.id(member(4))) }, ledger.OutcomeUnchanged, "was deleted"},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					others := &claimants{}
					w := claimed(t, others)
					w.Edit(suspending)
					w.window(100, 100, 100)
					w.rest()
					w.Sim.ForgetHistory()
					w.batches(1)
					w.source(append(moves(2), hires(1)[1])...)
					w.Until(w.sent(2))
					id := w.id(member(4))
					c.happens(w, others)
					if restart {
						w.Restart()
					}
					w.rest()
					w.Expect(w.puts(id)).To(BeZero())
					w.Expect(w.entries()[member(4)]).To(And(HaveField("Outcome", c.outcome), HaveField("Message", ContainSubstring(c.says))), "%s", w.Describe())
					if others.now.Unknown != "" {
						w.Expect(w.Get().Status.Leavers.BlockedBy).To(Equal("BulkUserImport identity/b"))
						w.Expect(w.puts("")).To(BeZero())
						others.now = plan.Claims{}
						w.Resync()
						w.ExpectReady("True/Succeeded")
						w.expectGone(member(3), member(4))
						return
					}
					w.Expect(w.puts(w.id(member(3)))).To(Equal(1))
					w.expectCounted(1, 1)
					w.expectRemembered(id, c.outcome == ledger.OutcomeSkipped)
				})
			})
		}
	}
}

// expectRemembered says whether a user belongs to the import.
func (w *world) expectRemembered(id string, remembered bool) {
	w.T.Helper()
	found := false
	w.eachMembers(func(c *corev1.ConfigMap) { found = found || strings.Contains(c.Data["results.csv"], id) })
	w.Expect(found).To(Equal(remembered), "whether the import remembers the user")
}

// A user whom the source names again is none who left, though the run is under way.
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

// What becomes of leavers is as the spec says when the call is made, and not as it said
// when the run began.
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

// Who is named again after the suspension was sent is told of: nobody lifts it.
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
			HaveField("Message", And(ContainSubstring("another object"), ContainSubstring("had been sent before")))))
		w.Expect(w.puts(id)).To(Equal(1), "it is not sent again")
		w.expectCounted(1, 0)
	})
}
