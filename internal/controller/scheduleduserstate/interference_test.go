package scheduleduserstate_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

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
		"create two events": {In: in(ends(48 * time.Hour)), Steps: (*world).Rest, End: isScheduled(leave, back)},
		"another time": {
			In:    in(),
			Begin: (*world).Rest,
			Steps: func(w *world) {
				w.edit(func(s *spec) { s.StartDate = w.end.UTC().Format(time.RFC3339) })
				w.Rest()
			},
			End: isScheduled(func(w *world) string { return scheduled("SUSPENDED", w.end, "ada", "chas") }),
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
		},
	})
}

// in is where a story of an object with these changes is run.
func in(changes ...func(*spec)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, changes...)
	}
}
