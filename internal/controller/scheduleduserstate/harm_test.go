package scheduleduserstate_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// crowd hires n people.
func (w *world) crowd(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("leaver%d", i)
		w.hire(names[i])
	}
	return names
}

func (w *world) waits() {
	w.T.Helper()
	w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Or(Equal("ApprovalRequired"), Equal("PlanChanged")), w.Describe)
}

// The leavers of an approved schedule stay suspended, whoever deletes it.
func TestADeletionThatCancelsManySuspensionsAsks(t *testing.T) {
	story(t, func(w *world) {
		w.edit(users(w.crowd(100)...))
		w.approve()
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Delete()
		w.Rest()
		w.waits()
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(100))
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByGuard))
		w.Expect(w.pending()).To(HaveLen(1))
		w.Restart()
		w.Resync()
		w.Expect(w.Gone()).To(BeFalse())
		w.approve()
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.pending()).To(BeEmpty())
	})
}

func TestToEndSuspensionsIsHarm(t *testing.T) {
	for name, c := range map[string]struct {
		change  []func(*spec)
		harmful int
	}{
		"fewer users":            {[]func(*spec){users("ada")}, 9},
		"another time":           {[]func(*spec){starts(30 * time.Hour)}, 10},
		"another time, by fewer": {[]func(*spec){users("ada"), starts(30 * time.Hour)}, 9},
		"the other state":        {[]func(*spec){becomes(v1alpha1.SchedulableActivated)}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.edit(users(append(w.crowd(9), "ada")...))
				w.approve()
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.edit(c.change...)
				w.Rest()
				if c.harmful > 3 {
					w.waits()
					w.Expect(w.Get().Status.Plan.Harmful).To(BeNumerically(">=", c.harmful))
				}
				w.Expect(w.pending()).To(ContainElement(ContainSubstring("leaver8")), w.About("nobody is left out unasked"))
			})
		})
	}
}

func TestToScheduleActivationsIsHarm(t *testing.T) {
	story(t, func(w *world) {
		w.edit(users(w.crowd(10)...))
		w.Rest()
		w.waits()
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(10))
		w.Expect(w.pending()).To(BeEmpty())
	}, becomes(v1alpha1.SchedulableActivated))
}

// A temporary suspension harms a user once, however often its time changes in a day.
func TestTheSameUsersAreHarmedOnce(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Scheduled")
		for _, after := range []time.Duration{30 * time.Hour, 32 * time.Hour, 34 * time.Hour} {
			w.edit(starts(after))
			w.Rest()
			w.ExpectReady("True/Scheduled")
		}
		w.Expect(w.Get().Status.Harmed).To(HaveLen(1))
		w.Expect(w.Get().Status.Harmed[0].Harmful).To(BeEquivalentTo(2))
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
	}, ends(48*time.Hour))
}

// The harm of a submission that came to nothing is counted by the one that succeeds.
func TestWhatWasNotScheduledIsNotCounted(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusTooManyRequests} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			story(t, func(w *world) {
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts, Times: 1}, Status: status})
				w.Until(func() bool {
					s := w.Get().Status.Submission
					return s != nil && s.State != v1alpha1.JobIntended
				})
				w.Expect(w.Get().Status.Submission.CountedAt).To(BeNil(), w.Describe)
				w.Rest()
				w.Resync()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.Get().Status.Submission.CountedAt).NotTo(BeNil())
				w.Expect(w.Get().Status.Harmed).To(HaveLen(1))
				w.Expect(w.Get().Status.Harmed[0].Harmful).To(BeEquivalentTo(2), w.Describe)
			})
		})
	}
}
