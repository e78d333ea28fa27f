package controller_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// Wherever the process dies, each leaver is reported or suspended once, and nobody else is.
func TestWhoLeftAfterADeath(t *testing.T) {
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		for policy, set := range policies {
			t.Run(policy, func(t *testing.T) {
				enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
					t.Helper()
					k.staff(t, members(4), func(w *staff) {
						w.guard(100, 100)
						w.Rest()
						w.batches(1)
						w.Die(d)
						w.names(append(members(2), hire)...)
						w.Rest()
						w.ExpectReady("True/Succeeded")
						w.Expect(w.Org.Submissions()[hire.username]).To(HaveLen(1))
						for i := 3; i <= 4; i++ {
							w.Expect(w.putsOf(w.id(member(i)))).To(BeNumerically("<=", 2))
						}
						if policy == "Report" {
							w.expectLeavers(member(3), member(4))
							w.expectGone()
						} else {
							w.expectLeavers()
							w.expectGone(member(3), member(4))
						}
						w.names(append(members(1), hire)...)
						w.Rest()
						w.Expect(len(w.suspended()) + len(w.status().Leavers.Users)).To(Equal(3))
					}, set)
				})
			})
		}
	})
}

func TestLeaversUnderInterference(t *testing.T) {
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		k.stories(t, members(4), map[string]enginetest.Story[*staff]{
			"leavers and a new user": {
				Begin: func(w *staff) {
					w.batches(2)
					w.guard(20, 100)
					w.Rest()
				},
				Steps: func(w *staff) {
					w.names(append(members(1), hire)...)
					w.Rest()
				},
				End: func(w *staff) {
					w.ExpectReady("True/Succeeded")
					w.expectGone(member(2), member(3), member(4))
					w.expectLeavers()
				},
				Harmed: func(w *staff) int { return len(w.suspended()) },
			},
		}, suspending)
		k.stories(t, members(3), map[string]enginetest.Story[*staff]{
			"leavers who are approved": {
				Begin: func(w *staff) {
					w.batches(2)
					w.Rest()
					w.approve()
					w.Rest()
					w.names(members(1)...)
					w.Rest()
					w.Expect(w.unready()).To(BeTrue())
				},
				Steps: func(w *staff) {
					w.approve()
					w.Rest()
				},
				End: func(w *staff) {
					w.ExpectReady("True/Succeeded")
					w.expectGone(member(2), member(3))
					w.expectLeavers()
				},
			},
		}, suspending, afterApproval)
		k.stories(t, members(4), map[string]enginetest.Story[*staff]{
			"leavers who are reported": {
				Begin: func(w *staff) { w.Rest() },
				Steps: func(w *staff) {
					w.names(append(members(3), hire)...)
					w.Rest()
				},
				End: func(w *staff) {
					w.ExpectReady("True/Succeeded")
					w.expectLeavers(member(4))
				},
			},
		}, reporting)
	})
}
