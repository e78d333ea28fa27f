package submission_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// environment answers everything that a job asks for, always in the same way.
type environment struct {
	answer   submission.AnswerKind
	absent   int // rows that the directory lacks
	unread   int // reads of the directory that are incomplete at first
	results  func(age time.Duration) submission.Progress
	decision submission.Decision
	deleting bool
}

// drive advances a job until it rests or asks a person, and returns the verbs on the way;
// consecutive repetitions count once.
func drive(t *testing.T, job *v1alpha1.JobStatus, env environment) string {
	t.Helper()
	var trace []string
	seen := submission.Observation{Deleting: env.deleting}
	clock := now
	for range 2000 {
		clock = clock.Add(time.Millisecond)
		seen.Track(*job, env.decision, clock)
		action := submission.Next(*job, seen, limits, clock)
		if len(trace) == 0 || trace[len(trace)-1] != string(action.Verb) {
			trace = append(trace, string(action.Verb))
		}
		submission.Apply(job, action, clock)
		switch action.Verb {
		case submission.Rest, submission.AskPerson:
			return strings.Join(trace, " ")
		case submission.Intend:
			seen.SawAnswer(*job, submission.Answer{Kind: env.answer, JobID: "65f1c0ffee65f1c0ffee0001"}, clock)
		case submission.ReturnToPlanned:
			clock = clock.Add(time.Minute)
			env.answer = submission.Accepted
		case submission.Wait:
			clock = action.Until
		case submission.ReadDirectory:
			env.unread--
			began := clock.Add(time.Millisecond)
			clock = clock.Add(10 * time.Second)
			seen.SawDirectory(submission.Presence{
				Began: began, Ended: clock, Complete: env.unread < 0,
				Present: int(job.Rows) - env.absent, Absent: env.absent,
			}, limits)
		case submission.Poll:
			clock = action.Until
			read := env.results(clock.Sub(job.SubmittedAt.Time))
			read.ReadAt = clock
			seen.SawResults(read)
		}
	}
	t.Fatalf("no end after %s", strings.Join(trace, " "))
	return ""
}

func progress(records, pending, final int) func(time.Duration) submission.Progress {
	return func(time.Duration) submission.Progress {
		return submission.Progress{Records: records, Pending: pending, Final: final}
	}
}

func gone(time.Duration) submission.Progress { return submission.Progress{Gone: true} }

func TestWays(t *testing.T) {
	finishes := func(age time.Duration) submission.Progress {
		done := min(int(age/time.Second), rows)
		return submission.Progress{Records: rows, Pending: rows - done, Final: done}
	}
	for name, way := range map[string]struct {
		from v1alpha1.JobState // Planned if empty
		env  environment
		to   v1alpha1.JobState
		want string
	}{
		"accepted": {
			env: environment{answer: submission.Accepted, results: finishes},
			to:  v1alpha1.JobFinished, want: "Intend RecordJobID Poll Finish Rest",
		},
		"completed without a job": {
			env: environment{answer: submission.Completed},
			to:  v1alpha1.JobFinished, want: "Intend Finish Rest",
		},
		"refused": {
			env: environment{answer: submission.Refused},
			to:  v1alpha1.JobRejected, want: "Intend Reject Rest",
		},
		"not sent at first": {
			env: environment{answer: submission.NotSent, results: finishes},
			to:  v1alpha1.JobFinished, want: "Intend ReturnToPlanned Intend RecordJobID Poll Finish Rest",
		},
		"answer lost, job done": {
			env: environment{},
			to:  v1alpha1.JobRecovered, want: "Intend Wait ReadDirectory Recover Rest",
		},
		"answer lost, directory in motion": {
			env: environment{unread: 3},
			to:  v1alpha1.JobRecovered, want: "Intend Wait ReadDirectory Recover Rest",
		},
		"never seen": {
			env: environment{absent: rows},
			to:  v1alpha1.JobOutcomeUnknown,
			want: "Intend Wait ReadDirectory Wait ReadDirectory PlanAgain " +
				"Intend Wait ReadDirectory Wait ReadDirectory PlanAgain " +
				"Intend Wait ReadDirectory Wait ReadDirectory Escalate AskPerson",
		},
		"results that never show every row": {
			env: environment{answer: submission.Accepted, results: progress(rows-1, 0, rows-1)},
			to:  v1alpha1.JobFinished, want: "Intend RecordJobID Poll Finish Rest",
		},
		"results with a word nobody knows": {
			env: environment{answer: submission.Accepted, results: progress(rows, 0, 0)},
			to:  v1alpha1.JobFinished, want: "Intend RecordJobID Poll Finish Rest",
		},
		"results gone, rows done": {
			env: environment{answer: submission.Accepted, results: gone},
			to:  v1alpha1.JobFinished, want: "Intend RecordJobID Poll ReadDirectory Finish Rest",
		},
		"results gone, rows missing": {
			env: environment{answer: submission.Accepted, results: gone, absent: 1},
			to:  v1alpha1.JobTimedOut, want: "Intend RecordJobID Poll ReadDirectory Poll ReadDirectory TimeOut AskPerson",
		},
		"pending for ever, rows done": {
			env: environment{answer: submission.Accepted, results: progress(rows, 1, rows-1)},
			to:  v1alpha1.JobFinished, want: "Intend RecordJobID Poll ReadDirectory Finish Rest",
		},
		"pending for ever, rows missing": {
			env: environment{answer: submission.Accepted, results: progress(rows, rows, 0), absent: 1},
			to:  v1alpha1.JobTimedOut, want: "Intend RecordJobID Poll ReadDirectory TimeOut AskPerson",
		},
		"no results ever": {
			env: environment{answer: submission.Accepted, results: progress(0, 0, 0), absent: rows},
			to:  v1alpha1.JobTimedOut, want: "Intend RecordJobID Poll ReadDirectory TimeOut AskPerson",
		},
		"planned when deleted": {
			env: environment{deleting: true},
			to:  v1alpha1.JobPlanned, want: "Rest",
		},
		"intended when deleted, never seen": {
			from: v1alpha1.JobIntended, env: environment{deleting: true, absent: rows},
			to: v1alpha1.JobAbandoned, want: "Wait ReadDirectory Wait ReadDirectory Abandon Rest",
		},
		"intended when deleted, directory never at rest": {
			from: v1alpha1.JobIntended, env: environment{deleting: true, unread: 1 << 20},
			to: v1alpha1.JobAbandoned, want: "Wait ReadDirectory Abandon Rest",
		},
		"submitted when deleted": {
			from: v1alpha1.JobSubmitted, env: environment{deleting: true, results: finishes},
			to: v1alpha1.JobFinished, want: "Poll Finish Rest",
		},
		"submitted when deleted, pending for ever": {
			from: v1alpha1.JobSubmitted, env: environment{deleting: true, results: progress(1, 1, 0)},
			to: v1alpha1.JobAbandoned, want: "Poll Abandon Rest",
		},
		"unknown when deleted": {
			from: v1alpha1.JobOutcomeUnknown, env: environment{deleting: true},
			to: v1alpha1.JobAbandoned, want: "Abandon Rest",
		},
		"unknown and abandoned": {
			from: v1alpha1.JobOutcomeUnknown, env: environment{decision: submission.DecideAbandon},
			to: v1alpha1.JobAbandoned, want: "Abandon Rest",
		},
		"unknown and sent again": {
			from: v1alpha1.JobOutcomeUnknown, env: environment{decision: submission.DecideResubmit, absent: 2, answer: submission.Accepted, results: progress(2, 0, 2)},
			to: v1alpha1.JobFinished, want: "ReadDirectory PlanAgain Intend RecordJobID Poll Finish Rest",
		},
		"unknown, and done when it is to be sent again": {
			from: v1alpha1.JobOutcomeUnknown, env: environment{decision: submission.DecideResubmit},
			to: v1alpha1.JobRecovered, want: "ReadDirectory Recover Rest",
		},
		"timed out and sent again": {
			from: v1alpha1.JobTimedOut, env: environment{decision: submission.DecideResubmit, absent: 2, answer: submission.Accepted, results: progress(2, 0, 2)},
			to: v1alpha1.JobFinished, want: "ReadDirectory PlanAgain Intend RecordJobID Poll Finish Rest",
		},
		"timed out and abandoned": {
			from: v1alpha1.JobTimedOut, env: environment{decision: submission.DecideAbandon},
			to: v1alpha1.JobAbandoned, want: "Abandon Rest",
		},
		"a decision does not cut the settling short": {
			from: v1alpha1.JobIntended, env: environment{decision: submission.DecideAbandon},
			to: v1alpha1.JobRecovered, want: "Wait ReadDirectory Recover Rest",
		},
		"a directory never at rest, and abandoned": {
			from: v1alpha1.JobIntended, env: environment{decision: submission.DecideAbandon, unread: 1 << 20},
			to: v1alpha1.JobAbandoned, want: "Wait ReadDirectory Abandon Rest",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			job := record(v1alpha1.JobPlanned, 0, 0)
			if way.from != "" {
				job = record(way.from, 1, time.Minute)
			}
			g.Expect(drive(t, &job, way.env)).To(Equal(way.want))
			g.Expect(job.State).To(Equal(way.to))
		})
	}
}

// TestEveryStateHasAWayOut checks that every state that does not end by itself ends by a
// decision or a deletion, whatever the environment does.
func TestEveryStateHasAWayOut(t *testing.T) {
	g := NewWithT(t)
	for _, state := range states {
		for _, results := range []func(time.Duration) submission.Progress{progress(rows, 0, rows), progress(0, 0, 0), progress(rows, 1, 0), gone} {
			for _, absent := range []int{0, 1, rows} {
				for _, env := range []environment{
					{decision: submission.DecideAbandon}, {deleting: true}, {decision: submission.DecideResubmit, answer: submission.Completed},
				} {
					env.results, env.absent = results, absent
					job := record(state, 1, 0)
					drive(t, &job, env)
					g.Expect(ended(job.State) || env.deleting && job.State == v1alpha1.JobPlanned).
						To(BeTrue(), "from %s to %s with %+v", state, job.State, env)
				}
			}
		}
	}
}
