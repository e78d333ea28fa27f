package scheduleduserstate_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// A process may die before or after any mutating call: its successor reaches the same end, and
// nobody is scheduled twice.
func TestAProcessMayDieAtAnyCall(t *testing.T) {
	for name, c := range map[string]struct {
		changes []func(*spec)
		tell    func(w *world)
		check   func(w *world)
	}{
		"create": {
			tell:  func(w *world) { w.Rest() },
			check: func(w *world) { w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas"))) },
		},
		"create two events": {
			changes: []func(*spec){ends(48 * time.Hour)},
			tell:    func(w *world) { w.Rest() },
			check: func(w *world) {
				w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas"), scheduled("ACTIVATED", w.end, "ada", "chas")))
			},
		},
		"another time": {
			tell: func(w *world) {
				w.Rest()
				w.edit(func(s *spec) { s.StartDate = w.end.UTC().Format(time.RFC3339) })
				w.Rest()
			},
			check: func(w *world) { w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.end, "ada", "chas"))) },
		},
		"fewer users": {
			tell: func(w *world) {
				w.Rest()
				w.edit(users("chas"))
				w.Rest()
			},
			check: func(w *world) { w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "chas"))) },
		},
		"approval": {
			changes: []func(*spec){mode(v1alpha1.ModeApplyAfterApproval)},
			tell: func(w *world) {
				w.Rest()
				hash := w.Get().Status.Plan.Hash
				w.edit(func(s *spec) { s.ApprovedPlan = hash })
				w.Rest()
			},
			check: func(w *world) { w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas"))) },
		},
		"execution": {
			tell: func(w *world) {
				w.Rest()
				w.sleep(25 * time.Hour)
				w.Rest()
			},
			check: func(w *world) {
				w.ExpectReady("True/Executed")
				w.Expect(w.Finalized()).To(BeFalse())
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
				t.Helper()
				story(t, func(w *world) {
					w.Die(d)
					c.tell(w)
					if d.Died() {
						w.Rest()
					}
					c.check(w)
					expectNobodyTwice(w)
					w.Resync()
					c.check(w)
				}, c.changes...)
			})
		})
	}
}

// A process may die while an object is being deleted, too.
func TestAProcessMayDieAtAnyCallOfADeletion(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		story(t, func(w *world) {
			w.others("SUSPENDED", w.start, "ada", "grace")
			w.Rest()
			w.Delete()
			w.Die(d)
			w.Until(w.Gone)
			w.Expect(w.pending()).To(ConsistOf("(" + scheduled("SUSPENDED", w.start, "ada", "grace") + ")"))
		}, ends(48*time.Hour))
	})
}

// expectNobodyTwice checks that no user has two events of ours with one state and instant.
func expectNobodyTwice(w *world) {
	w.T.Helper()
	seen := map[string]bool{}
	for _, j := range w.Org.ScheduledJobs() {
		for _, id := range j.Pending {
			key := fmt.Sprint(j.State, j.Date, id)
			w.Expect(j.Request != 0 && seen[key]).To(BeFalse(), "%s twice: %v", key, w.pending())
			seen[key] = j.Request != 0 || seen[key]
		}
	}
}
