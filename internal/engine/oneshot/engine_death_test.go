package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A process may die at any call that changes something, before or after it: the process that
// takes over comes to the same end, and nobody is created twice.
func TestAProcessMayDieAtAnyCall(t *testing.T) {
	managers := []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead", member(1) + "," + member(1) + "@example.org,lead"}
	for name, c := range map[string]struct {
		lines    []string
		changes  []func(*v1alpha1.BulkUserImport)
		approval bool
		// faulty is the user whose row fails the first time.
		faulty string
		check  func(*world)
	}{
		"creates": {lines: hires(4), faulty: "nobody", check: func(w *world) {
			w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(4))
		}},
		"creates and updates": {lines: append(hires(3), moves(3)[1:]...), faulty: "nobody", check: func(w *world) {
			w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(3))
			w.Expect(w.value(member(3), "department")).To(Equal("Engines"))
		}},
		"failures that pass": {lines: hires(3), faulty: hire(2), check: func(w *world) {
			w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(3))
		}},
		"updates after an approval": {
			lines: moves(3), faulty: "nobody", changes: []func(*v1alpha1.BulkUserImport){afterApproval}, approval: true,
			check: func(w *world) {
				w.Expect(w.Get().Status.Summary.Updated).To(BeEquivalentTo(3))
			},
		},
		"managers":                   {lines: managers, faulty: "nobody", check: haveManagers},
		"managers after an approval": {lines: managers, faulty: "nobody", changes: []func(*v1alpha1.BulkUserImport){afterApproval}, approval: true, check: haveManagers},
		"managers that fail first":   {lines: managers, faulty: "member", check: haveManagers},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
				t.Helper()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, c.lines, c.changes...)
					w.Org.Generate(10)
					w.batches(2)
					w.Org.ScriptRows(jumpcloudtest.RowFault{Username: c.faulty, Times: 1})
					w.Die(d)
					if c.approval {
						w.rest()
						w.ExpectReady("False/ApprovalRequired")
						w.approve()
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					c.check(w)
					w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
					w.Expect(w.Finalized()).To(BeFalse())
				})
			})
		})
	}
}

func haveManagers(w *world) {
	for _, username := range []string{"member", member(1)} {
		w.Expect(w.value(username, "manager")).To(Equal(w.id("lead")), username)
	}
	w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(2))
	w.Expect(w.outcomes()).To(And(HaveKeyWithValue("lead", ledger.OutcomeCreated), HaveKeyWithValue("member", ledger.OutcomeCreated)))
}
