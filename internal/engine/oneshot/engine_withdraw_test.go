package oneshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var olderHash = "sha256:" + strings.Repeat("0", 64)

func (w *world) approveOnly(hash string) {
	w.T.Helper()
	w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.ApprovedPlan = hash })
}

// An older hash, such as Git restores, or an empty one withdraws the approval of what is not
// sent yet. A process may die at any call while that happens.
func TestAnApprovalCanBeWithdrawn(t *testing.T) {
	emails := func(n int) func(*world) int { return func(w *world) int { return w.changed(n) } }
	for name, c := range map[string]struct {
		lines []string
		set   func(*v1alpha1.BulkUserImport)
		hash  string
		by    v1alpha1.WithheldBy
		done  func(*world) int
	}{
		"of all, by none": {moves(6), afterApproval, "", v1alpha1.WithheldByMode, func(w *world) (n int) {
			for i := 1; i <= 6; i++ {
				if w.value(member(i), "department") == "Engines" {
					n++
				}
			}
			return n
		}},
		"of what the guard withheld, by an older one": {newEmails(6)[:7], func(*v1alpha1.BulkUserImport) {}, olderHash, v1alpha1.WithheldByGuard, emails(6)},
		"of which the guard would allow what is left, by an older one": {
			newEmails(5)[:6], func(*v1alpha1.BulkUserImport) {}, olderHash, v1alpha1.WithheldByWithdrawal, emails(5),
		},
		"of which the guard would allow what is left, by none": {
			newEmails(5)[:6], func(*v1alpha1.BulkUserImport) {}, "", v1alpha1.WithheldByWithdrawal, emails(5),
		},
	} {
		for n, died := 0, true; died; n++ {
			died = false
			t.Run(fmt.Sprintf("%s, death at call %d", name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, c.lines, c.set)
					w.Org.Generate(20)
					w.batches(2)
					w.rest()
					approved := w.Get().Status.Plan.Hash
					w.approve()
					w.Until(w.sent(1))
					w.Expect(w.Get().Status.Plan.ApprovedHash).To(Equal(approved))
					w.approveOnly(c.hash)
					w.DieAt(n, n%2 == 1, &died)
					w.rest()
					w.resyncs()
					reason := "False/ApprovalRequired"
					if c.hash != "" {
						reason = "False/PlanChanged"
					}
					w.ExpectReady(reason)
					w.Expect(c.done(w)).To(Equal(2))
					plan := w.Get().Status.Plan
					w.Expect(plan.ApprovedHash).To(BeEmpty())
					w.Expect(plan.Withheld).To(BeEquivalentTo(len(c.lines) - 1 - 2))
					w.Expect(plan.WithheldBy).To(Equal(c.by))
					w.Expect(plan.Hash).NotTo(Equal(approved), "two of it are done")

					w.approve()
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(c.done(w)).To(Equal(len(c.lines) - 1))
					w.expectCounted(0, 0)
					w.Expect(w.Get().Status.Plan.DoneHash).To(Equal(plan.Hash))
					w.Expect(w.Get().Status.Plan.ApprovedHash).To(BeEmpty())
					w.Expect(w.Get().Status.Plan.Withheld).To(BeZero())
				})
			})
		}
	}
}

// The approval of a change ends when the change is no longer planned: if it is planned again,
// it needs another approval.
func TestAnApprovalShrinksToWhatIsPlanned(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email,department", member(1) + ",changed1@example.org,Engines"}, afterApproval)
				w.Org.Generate(20)
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(1), Times: 2})
				w.rest()
				w.approve()
				w.Until(w.sent(1))
				// The row fails temporarily. Before the second job, somebody makes a part of
				// the change in the console, and reverts it afterwards.
				w.console(member(1), jumpcloudtest.User{"email": "changed1@example.org"})
				w.Until(w.sent(2))
				w.console(member(1), jumpcloudtest.User{"email": "back@example.org"})
				if restart {
					w.Restart()
				}
				w.rest()
				w.ExpectReady("False/PlanChanged")
				w.Expect(w.value(member(1), "email")).To(Equal("back@example.org"))

				w.approve()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.changed(1)).To(Equal(1))
			})
		})
	}
}

// An approved row that fails temporarily is sent again without a second approval.
func TestAnApprovalHoldsUntilItsPlanIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newEmails(5))
		w.Org.Generate(20)
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(2), Times: 2})
		w.rest()
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.changed(5)).To(Equal(5))
	})
}

// The status says why a plan waits.
func TestTheStatusSaysWhyAPlanWaits(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		set   func(*v1alpha1.BulkUserImport)
		by    v1alpha1.WithheldBy
		says  string
	}{
		"mode":  {moves(2), afterApproval, v1alpha1.WithheldByMode, "The plan waits for an approval"},
		"guard": {newEmails(5), func(*v1alpha1.BulkUserImport) {}, v1alpha1.WithheldByGuard, "exceeds the Organization's spec.guard,"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.lines, c.set)
				w.Org.Generate(20)
				w.rest()
				w.ExpectReady("False/ApprovalRequired")
				w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(c.by))
				w.Expect(w.Message()).To(And(ContainSubstring(c.says), ContainSubstring("PlanApproval"), ContainSubstring(w.Get().Status.Plan.Hash)))
				w.approve()
				w.rest()
				w.Expect(w.Get().Status.Plan.WithheldBy).To(BeEmpty())
			})
		})
	}
}
