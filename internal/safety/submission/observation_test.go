package submission_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

func TestTrackForgetsAnotherAttempt(t *testing.T) {
	first := record(v1alpha1.JobIntended, 1, 0)
	for name, next := range map[string]v1alpha1.JobStatus{
		"the next attempt": record(v1alpha1.JobIntended, 2, 0),
		// The first intent was taken back, so its number is used again.
		"the same number, intended again": record(v1alpha1.JobIntended, 1, -time.Second),
		"the intent taken back":           record(v1alpha1.JobPlanned, 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			seen := submission.Observation{SlowestJob: time.Minute, Deleting: true}
			seen.SawAnswer(first, submission.Answer{Kind: submission.NotSent}, now)
			seen.SawDirectory(submission.Presence{Began: now.Add(time.Hour), Ended: now.Add(2 * time.Hour), Complete: true, Absent: rows}, limits)
			seen.SawResults(submission.Progress{ReadAt: now})
			seen.Track(first, submission.Undecided, now.Add(time.Second))
			g.Expect(seen.FirstSeen).To(Equal(now), "the same attempt is still known")
			g.Expect(seen.FirstAbsence).To(Equal(now.Add(2 * time.Hour)))

			seen.Track(next, submission.Undecided, now.Add(time.Minute))
			g.Expect(seen.FirstSeen).To(Equal(now.Add(time.Minute)))
			g.Expect(seen.Sent).To(BeNil(), "an answer to another attempt must not be taken for this one's")
			g.Expect(seen.Directory).To(BeNil())
			g.Expect(seen.FirstAbsence).To(BeZero())
			g.Expect(seen.Results).To(BeNil())
			g.Expect(seen.SlowestJob).To(Equal(time.Minute))
			g.Expect(seen.Deleting).To(BeTrue())
		})
	}
}

func TestTrackKeepsWhatIsKnownWhenTheJobMovesOn(t *testing.T) {
	g := NewWithT(t)
	job := record(v1alpha1.JobPlanned, 0, 0)
	var seen submission.Observation
	seen.Track(job, submission.Undecided, now)
	submission.Apply(&job, submission.Action{Verb: submission.Intend}, now)
	seen.Track(job, submission.Undecided, now.Add(time.Second))
	submission.Apply(&job, submission.Action{Verb: submission.RecordJobID, JobID: "a"}, now.Add(time.Minute))
	seen.Track(job, submission.Undecided, now.Add(time.Minute))
	g.Expect(seen.FirstSeen).To(Equal(now.Add(time.Second)))
}

func TestTrackTakesDownWhenTheDecisionWasFirstSeen(t *testing.T) {
	g := NewWithT(t)
	job := record(v1alpha1.JobOutcomeUnknown, 3, 0)
	var seen submission.Observation
	seen.Track(job, submission.Undecided, now)
	g.Expect(seen.DecidedAt).To(BeZero())
	seen.Track(job, submission.DecideResubmit, now.Add(time.Minute))
	seen.Track(job, submission.DecideResubmit, now.Add(time.Hour))
	g.Expect(seen.DecidedAt).To(Equal(now.Add(time.Minute)))
}

func TestFirstAbsenceIsOfACompleteReadAfterTheWindow(t *testing.T) {
	g := NewWithT(t)
	job := record(v1alpha1.JobIntended, 1, 0)
	read := func(began time.Duration, complete bool, absent int) submission.Presence {
		return submission.Presence{Began: now.Add(began), Ended: now.Add(began + time.Second), Complete: complete, Present: rows - absent, Absent: absent}
	}
	var seen submission.Observation
	seen.Track(job, submission.Undecided, now)
	for _, not := range []submission.Presence{
		read(limits.SettleWindow-1, true, rows),
		read(limits.SettleWindow, false, rows),
		read(limits.SettleWindow, true, 0),
	} {
		seen.SawDirectory(not, limits)
		g.Expect(seen.FirstAbsence).To(BeZero())
	}
	first := read(limits.SettleWindow, true, 1)
	seen.SawDirectory(first, limits)
	seen.SawDirectory(read(time.Hour, true, 1), limits)
	g.Expect(seen.FirstAbsence).To(Equal(first.Ended))
}

func TestResultsChangeWithAnyRecord(t *testing.T) {
	g := NewWithT(t)
	var seen submission.Observation
	at := func(minute int, fingerprint string) time.Time {
		seen.SawResults(submission.Progress{ReadAt: now.Add(time.Duration(minute) * time.Minute), Records: 3, Fingerprint: fingerprint})
		return seen.Results.ChangedAt
	}
	g.Expect(at(0, "a")).To(Equal(now))
	g.Expect(at(1, "a")).To(Equal(now))
	g.Expect(at(2, "b")).To(Equal(now.Add(2 * time.Minute)))
	g.Expect(at(3, "b")).To(Equal(now.Add(2 * time.Minute)))
}

// A time without readings does not mean that nothing changed.
func TestResultsDoNotStallWhileTheyAreNotRead(t *testing.T) {
	g := NewWithT(t)
	job := record(v1alpha1.JobSubmitted, 1, 0)
	var seen submission.Observation
	seen.Track(job, submission.Undecided, now)
	seen.SawResults(submission.Progress{ReadAt: now, Records: 1, Final: 1})
	later := now.Add(2 * limits.StallTimeout)
	g.Expect(submission.Next(job, seen, limits, later).Verb).To(Equal(submission.Poll))
	seen.SawResults(submission.Progress{ReadAt: later, Records: 1, Final: 1})
	g.Expect(submission.Next(job, seen, limits, later).Verb).To(Equal(submission.Finish))
}
