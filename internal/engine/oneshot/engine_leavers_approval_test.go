package oneshot_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// manyLeave makes a world in which 30 of 40 users leave, a new one joins, and the guard
// lets go 25 at most.
func manyLeave(t *testing.T) *world {
	t.Helper()
	w := staffOf(t, 40, 1000)
	w.window(50, 100, 25)
	w.source(append(moves(10), hires(1)[1])...)
	w.rest()
	return w
}

func TestManyLeaversWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := manyLeave(t)
		w.ExpectReady("False/ApprovalRequired")
		w.expectGone()
		w.Expect(w.value(hire(1), "email")).NotTo(BeEmpty(), "what is harmless goes on")
		status := w.Get().Status
		w.Expect(status.Plan).To(And(HaveField("Withheld", int32(30)), HaveField("Harmful", int32(30)), HaveField("WithheldBy", v1alpha1.WithheldByGuard)))
		w.Expect(status.Leavers.Count).To(BeEquivalentTo(30))
		w.Expect(w.Message()).To(And(ContainSubstring("30 users have left the source (status.leavers)."), ContainSubstring(status.Plan.Hash)))
		w.resyncs()
		w.expectGone()
		w.Expect(w.Get().Status.Plan.Hash).To(Equal(status.Plan.Hash), "it is the same plan still")

		// One is suspended by somebody else: what was shown is not what would be done.
		w.console(member(40), jumpcloudtest.User{"state": "SUSPENDED"})
		w.approve()
		w.rest()
		w.ExpectReady("False/PlanChanged")
		w.expectGone(member(40))

		w.approve()
		w.Restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(Equal(30))
		w.Expect(w.puts("")).To(Equal(29))
		w.expectLeavers()
		w.expectCounted(0, 1)
		w.Expect(w.entries()[member(40)]).To(And(HaveField("Outcome", ledger.OutcomeUnchanged), HaveField("Message", ContainSubstring("after the plan was made"))))
	})
}

// An approval is for what it named, as long as that is planned: who comes back or is
// suspended meanwhile is left out, and nobody is asked again.
func TestAnApprovalOfLeaversShrinksWithThePlan(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := manyLeave(t)
				w.batches(5)
				w.approve()
				w.Until(func() bool { return w.suspended() == 5 })
				w.console(member(39), jumpcloudtest.User{"state": "SUSPENDED"})
				w.console(member(40), jumpcloudtest.User{"state": "STAGED"})
				if restart {
					w.Restart()
				}
				<-time.After(time.Minute)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(Equal(29))
				w.Expect(w.puts("")).To(Equal(28))
				w.Expect(w.value(member(40), "state")).To(Equal("STAGED"))
				w.Expect(w.outcomes()).To(And(HaveKeyWithValue(member(39), ledger.OutcomeUnchanged), HaveKeyWithValue(member(40), ledger.OutcomeSkipped)))
			})
		})
	}
}

// Who was not suspended yet when the approval was withdrawn waits for another one,
// although the guard alone would let go who is left.
func TestAnApprovalOfLeaversCanBeWithdrawn(t *testing.T) {
	for n, died := 0, true; died; n += 3 {
		died = false
		t.Run(fmt.Sprintf("death at call %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := manyLeave(t)
				w.batches(5)
				w.approve()
				w.Until(func() bool { return w.suspended() == 5 })
				w.approveOnly("")
				w.DieAt(n, n%2 == 1, &died)
				w.rest()
				w.resyncs()
				w.ExpectReady("False/ApprovalRequired")
				w.Expect(w.suspended()).To(Equal(5))
				w.Expect(w.Get().Status.Plan).To(And(HaveField("Withheld", int32(25)), HaveField("WithheldBy", v1alpha1.WithheldByWithdrawal)))
				w.Expect(w.Message()).To(ContainSubstring("The approval of 25 rows was withdrawn before they were sent, so they wait for another one."))

				w.approve()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(Equal(30))
				w.Expect(w.puts("")).To(Equal(30))
				w.expectCounted(0, 1)
			})
		})
	}
}

// The window of the organization holds for those who leave, too.
func TestLeaversWaitForTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 40, 1000)
		w.window(20, 100, 100)
		w.source(moves(10)...)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWindow))
		w.expectGone()
		w.expectCounted(0, 0)
		w.source(moves(20)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(Equal(20))
		w.expectCounted(20, 0)
	})
}

func TestAPlanTellsWhomItWouldSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Mode = v1alpha1.ModePlan })
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("True/Planned")
		w.expectGone()
		w.expectLeavers(member(3), member(4))
		w.Expect(w.Get().Status.Plan).To(And(HaveField("Total", int32(4)), HaveField("Update", int32(2)), HaveField("Harmful", int32(2)), HaveField("Invalid", BeZero())))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Action", ledger.ActionSuspendLeaver), HaveField("Outcome", BeEmpty()),
			HaveField("Message", "no row is about this user any more, so the user is suspended")))
		w.Edit(afterApproval)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.resyncs()
		w.expectGone()
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
	})
}
