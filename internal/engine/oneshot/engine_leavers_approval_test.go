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

// manyLeave makes a world in which 30 of 40 users leave, a new one joins, and the guard allows
// 25 suspensions at most.
func manyLeave(t *testing.T) *world {
	t.Helper()
	w := staffOf(t, 40, 1000)
	w.window(50, 100, 25)
	w.source(append(moves(10), hires(1)[1])...)
	w.rest()
	return w
}

// An approval covers what it named as long as that is planned: users who come back or are
// suspended in the meantime are left out, and no new approval is needed.
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

// Users who were not suspended yet when the approval was withdrawn wait for another one,
// although the guard alone would allow to suspend those who are left.
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
