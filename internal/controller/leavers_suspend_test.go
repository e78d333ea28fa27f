package controller_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// eachStaff runs a test with each kind of import: an import of the first n users, which has
// run and suspends leavers.
func eachStaff(t *testing.T, n int, tell func(w *staff), changes ...func(spec)) {
	t.Helper()
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		k.staff(t, members(n), func(w *staff) {
			w.guard(100, 100)
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.expectLeavers()
			tell(w)
		}, append(changes, suspending)...)
	})
}

// Leavers who are protected, or are not certainly able to sign in, are only listed.
func TestLeaversWhoAreListedOnly(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *staff)
		says    string
	}{
		"staged":              {func(w *staff) { w.console(member(4), jumpcloudtest.User{"state": "STAGED"}) }, "does not show the user as Activated"},
		"of an unknown state": {func(w *staff) { w.console(member(4), jumpcloudtest.User{"state": "LOCKED"}) }, "does not show the user as Activated"},
		"without a state":     {func(w *staff) { w.console(member(4), jumpcloudtest.User{"state": nil}) }, "does not show the user as Activated"},
		"an administrator":    {func(w *staff) { w.console(member(4), jumpcloudtest.User{"admin": map[string]any{"id": "x"}}) }, "is protected"},
		"a protected user": {func(w *staff) {
			w.EditOrganization(func(o *v1alpha1.Organization) {
				o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: member(4).username}}
			})
		}, "is protected"},
	} {
		t.Run(name, func(t *testing.T) {
			eachStaff(t, 4, func(w *staff) {
				c.happens(w)
				w.names(members(2)...)
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(3))
				w.expectLeavers(member(4))
				w.Expect(w.Message()).To(HaveSuffix("; 1 user has left the source (status.leavers)"))
				w.Expect(w.entry(member(4))).To(And(HaveField("Action", ledger.ActionLeave), HaveField("Outcome", ledger.OutcomeSkipped),
					HaveField("Message", And(HavePrefix("no row is about this user any more; "), ContainSubstring(c.says)))))
				w.expectRest()
			})
		})
	}
}

// A user who was suspended for leaving is forgotten: the import does not overrule anyone who
// lifts the suspension, until the source names the user again.
func TestWhoWasSuspendedIsNotRemembered(t *testing.T) {
	eachStaff(t, 4, func(w *staff) {
		w.names(members(3)...)
		w.Rest()
		w.expectGone(member(4))
		w.console(member(4), jumpcloudtest.User{"state": "ACTIVATED"})
		w.Request()
		w.Rest()
		w.expectGone()
		w.names(members(2)...)
		w.Rest()
		w.expectGone(member(3))
		w.names(members(4)...)
		w.Rest()
		w.names(members(2)...)
		w.Rest()
		w.expectGone(member(3), member(4))
	})
}

// A plan shows who would be suspended, keeps what is remembered, and waits for its approval.
func TestAPlanTellsWhoLeft(t *testing.T) {
	eachStaff(t, 4, func(w *staff) {
		w.edit(planning)
		digest := w.status().Leavers.Digest
		w.names(members(2)...)
		w.Rest()
		w.ExpectReady("True/Planned")
		w.expectGone()
		w.expectLeavers(member(3), member(4))
		w.Expect(w.status().Plan).To(And(HaveField("Update", int32(2)), HaveField("Harmful", int32(2)), HaveField("Invalid", BeZero())))
		w.Expect(w.entry(member(4))).To(And(HaveField("Action", ledger.ActionSuspendLeaver), HaveField("Outcome", BeEmpty())))
		w.Expect(w.status().Leavers.Digest).To(Equal(digest))

		w.edit(afterApproval)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Resync()
		w.expectGone()
		w.approve()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.expectLeavers()
	})
}

// 30 people leave at once, and somebody joins.
func TestManyLeaversWait(t *testing.T) {
	for by, limit := range map[v1alpha1.WithheldBy]func(w *staff){
		v1alpha1.WithheldByGuard:  func(w *staff) { w.guard(100, 25) },
		v1alpha1.WithheldByWindow: func(w *staff) { w.guard(25, 100) },
	} {
		t.Run(string(by), func(t *testing.T) {
			eachStaff(t, 40, func(w *staff) {
				limit(w)
				w.names(append(members(10), hire)...)
				w.Rest()
				w.ExpectReady("False/ApprovalRequired")
				w.expectGone()
				w.Expect(w.id(hire)).NotTo(BeEmpty(), "what is harmless goes on")
				status := w.status()
				w.Expect(status.Plan).To(And(HaveField("Withheld", int32(30)), HaveField("Harmful", int32(30)), HaveField("WithheldBy", by)))
				w.Expect(status.Leavers.Count).To(BeEquivalentTo(30))
				w.Expect(w.Message()).To(And(ContainSubstring("30 users have left the source (status.leavers)."), ContainSubstring(status.Plan.Hash)))
				w.Resync()
				w.expectGone()
				w.Expect(w.status().Plan.Hash).To(Equal(status.Plan.Hash), "it is the same plan still")
				w.Expect(w.Counted().Harmful).To(BeZero())

				// Another client suspends one of them: what was shown is not what would be
				// done.
				w.console(member(40), jumpcloudtest.User{"state": "SUSPENDED"})
				w.approve()
				w.Rest()
				w.ExpectReady("False/PlanChanged")
				w.expectGone(member(40))

				w.approve()
				w.Restart()
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(HaveLen(30))
				w.Expect(w.puts()).To(Equal(29))
				w.expectLeavers()
				w.Expect(w.entry(member(40))).To(And(HaveField("Outcome", ledger.OutcomeUnchanged), HaveField("Message", ContainSubstring("after the plan was made"))))
				w.Expect(w.Counted().Harmful).To(BeZero(), "what is approved is not counted")
			})
		})
	}
}

// As many as guard and window allow are suspended without an approval, and are counted.
func TestAsManyLeaversAsTheGuardAllows(t *testing.T) {
	eachStaff(t, 40, func(w *staff) {
		w.guard(20, 20)
		w.names(members(20)...)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(HaveLen(20))
		w.Expect(w.Counted().Harmful).To(Equal(20))
		w.names(members(19)...)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.status().Plan.WithheldBy).NotTo(BeEmpty())
		w.Expect(w.suspended()).To(HaveLen(20), "those of before count for a day")
	})
}

// The manifest says whom a run suspends. The status knows its digest, so an edit of the
// manifest makes nobody else a leaver.
func TestTheLedgerOfLeaversIsEdited(t *testing.T) {
	for name, change := range map[string]func(w *staff, c *corev1.ConfigMap) error{
		"to name another user": func(w *staff, c *corev1.ConfigMap) error {
			c.Data["manifest.csv"] = strings.Replace(c.Data["manifest.csv"], w.id(member(4)), w.id(member(9)), 1)
			return w.API.Update(w.T.Context(), c)
		},
		"away": func(w *staff, c *corev1.ConfigMap) error { return w.API.Delete(w.T.Context(), c) },
	} {
		t.Run(name, func(t *testing.T) {
			eachStaff(t, 4, func(w *staff) {
				w.batches(1)
				w.names(members(1)...)
				w.Until(func() bool { return len(w.suspended()) == 1 })
				c := &corev1.ConfigMap{}
				w.Expect(w.API.Get(w.T.Context(), client.ObjectKey{Namespace: "identity", Name: "staff" + w.results + "-000"}, c)).To(Succeed())
				w.Expect(change(w, c)).To(Succeed())
				w.Restart()
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3), member(4))
				w.expectLeavers()
			})
		})
	}
}
