package submission_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// The second proof of absence must come after the first by twice the time that the slowest job
// took: a job that is queued behind such a job takes that long.
func TestTheGapBetweenProofsOfAbsence(t *testing.T) {
	for name, c := range map[string]struct {
		slowest, before, after time.Duration
	}{
		"no job yet: the settle window":      {0, 59 * time.Second, 61 * time.Second},
		"twice the slowest job":              {10 * time.Minute, 19 * time.Minute, 21 * time.Minute},
		"twice the time that a job may take": {3 * time.Hour, 119 * time.Minute, 121 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			next := func(sinceFirst time.Duration) submission.Verb {
				job := v1alpha1.JobStatus{Index: 1, Attempt: 1, Rows: 2, State: v1alpha1.JobIntended}
				seen := submission.Observation{
					FirstSeen: ago(5 * time.Hour), FirstAbsence: ago(sinceFirst), SlowestJob: c.slowest,
					Directory: &submission.Presence{Began: now, Ended: now, Complete: true, Absent: 2},
				}
				return submission.Next(job, seen, limits, now).Verb
			}
			g.Expect(next(c.before)).To(Equal(submission.Wait))
			g.Expect(next(c.after)).To(Equal(submission.PlanAgain))
		})
	}
}
