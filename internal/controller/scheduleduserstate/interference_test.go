package scheduleduserstate_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func TestStoriesUnderInterference(t *testing.T) {
	isScheduled := func(events ...func(w *world) string) func(w *world) {
		return func(w *world) {
			var all []string
			for _, event := range events {
				all = append(all, event(w))
			}
			w.ExpectReady("True/Scheduled")
			w.Expect(w.pending()).To(ConsistOf(all))
			expectNobodyTwice(w)
		}
	}
	leave := func(w *world) string { return scheduled("SUSPENDED", w.start, "ada", "chas") }
	back := func(w *world) string { return scheduled("ACTIVATED", w.end, "ada", "chas") }
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create two events": {In: in(ends(48 * time.Hour)), Steps: (*world).Rest, End: isScheduled(leave, back), Harmed: (*world).leaving},
		"suspend within the window": {
			In: in(),
			Begin: func(w *world) {
				w.Org.Generate(200)
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = new(int32(20)) })
				w.edit(users(w.crowd(9)...))
			},
			Steps: (*world).Rest,
			End: func(w *world) {
				w.ExpectReady("True/Scheduled")
				w.Expect(w.leaving()).To(Equal(9))
				expectNobodyTwice(w)
			},
			Harmed: (*world).leaving,
		},
		"another time": {
			In:    in(),
			Begin: (*world).Rest,
			Steps: func(w *world) {
				w.edit(func(s *spec) { s.StartDate = w.end.UTC().Format(time.RFC3339) })
				w.Rest()
			},
			End:    isScheduled(func(w *world) string { return scheduled("SUSPENDED", w.end, "ada", "chas") }),
			Harmed: (*world).leaving,
		},
		"an approval": {
			In:    in(mode(v1alpha1.ModeApplyAfterApproval)),
			Begin: (*world).Rest,
			Steps: func(w *world) {
				w.approve()
				w.Rest()
			},
			End: isScheduled(leave),
		},
		"execution": {
			In: in(),
			Steps: func(w *world) {
				w.Rest()
				w.sleep(25 * time.Hour)
				w.Rest()
			},
			End: func(w *world) {
				w.ExpectReady("True/Executed")
				w.Expect(w.Finalized()).To(BeFalse())
			},
		},
		"delete": {
			In: in(ends(48 * time.Hour)), Idempotent: true,
			Begin: func(w *world) {
				w.others("SUSPENDED", w.start, "ada", "grace")
				w.Rest()
			},
			Steps: func(w *world) {
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.pending()).To(ConsistOf("(" + scheduled("SUSPENDED", w.start, "ada", "grace") + ")"))
			},
			// chas, whose suspension is scheduled or was cancelled on the same day.
			Harmed: func(*world) int { return 1 },
		},
		"delete once the suspensions are forgotten": {
			In: in(starts(96 * time.Hour)), Idempotent: true,
			Begin: func(w *world) {
				w.Rest()
				w.sleep(48 * time.Hour)
				w.Rest()
				w.Expect(w.leaving()).To(Equal(2))
			},
			Steps: func(w *world) {
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.pending()).To(BeEmpty())
			},
			Harmed: func(w *world) int { return 2 - w.leaving() },
		},
	})
}

// leaving counts the users whom the object's future jobs suspend.
func (w *world) leaving() int {
	users := sets.New[string]()
	for _, j := range w.Org.ScheduledJobs() {
		if j.Request != 0 && j.State == "SUSPENDED" {
			users.Insert(j.Pending...)
		}
	}
	return users.Len()
}

// in runs a story of an object with these changes.
func in(changes ...func(*spec)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, changes...)
	}
}
