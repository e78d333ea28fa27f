package submission_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// transitions lists every move that any record and any observation can lead to. It is the
// protocol at a glance: a move that is not listed cannot happen.
const transitions = `
Planned         Intend -> Intended, Rest
Intended        Abandon -> Abandoned, Escalate -> OutcomeUnknown, Finish -> Finished, PlanAgain -> Planned, ReadDirectory, RecordJobID -> Submitted, Recover -> Recovered, Reject -> Rejected, ReturnToPlanned -> Planned, Wait
Submitted       Abandon -> Abandoned, Finish -> Finished, PlanAgain -> Planned, Poll, ReadDirectory, TimeOut -> TimedOut
Finished        Rest
Recovered       Rest
Rejected        Rest
OutcomeUnknown  Abandon -> Abandoned, AskPerson, PlanAgain -> Planned, ReadDirectory, Recover -> Recovered
TimedOut        Abandon -> Abandoned, AskPerson, Finish -> Finished, PlanAgain -> Planned, ReadDirectory
Abandoned       Rest
FromTheFuture   Abandon -> Abandoned, AskPerson, PlanAgain -> Planned, ReadDirectory, Recover -> Recovered
`

var states = []v1alpha1.JobState{
	v1alpha1.JobPlanned, v1alpha1.JobIntended, v1alpha1.JobSubmitted,
	v1alpha1.JobFinished, v1alpha1.JobRecovered, v1alpha1.JobRejected,
	v1alpha1.JobOutcomeUnknown, v1alpha1.JobTimedOut, v1alpha1.JobAbandoned,
	"FromTheFuture",
}

// TestEveryStateAndObservation goes through the whole grid of records and observations and
// checks every action against the rules of the protocol.
func TestEveryStateAndObservation(t *testing.T) {
	moves := map[v1alpha1.JobState]map[string]bool{}
	cases := 0
	for job, seen := range grid() {
		cases++
		action := submission.Next(job, seen, limits, now)
		if broken := brokenRule(job, seen, action); broken != "" {
			t.Fatalf("%s\nrecord %+v\nobservation %s\naction %+v", broken, job, describe(seen), action)
		}
		after := job
		move := string(action.Verb)
		if submission.Apply(&after, action, now) {
			move += " -> " + string(after.State)
		}
		if moves[job.State] == nil {
			moves[job.State] = map[string]bool{}
		}
		moves[job.State][move] = true
	}

	var table strings.Builder
	table.WriteByte('\n')
	for _, state := range states {
		var row []string
		for move := range moves[state] {
			row = append(row, move)
		}
		slices.Sort(row)
		fmt.Fprintf(&table, "%-15s %s\n", state, strings.Join(row, ", "))
	}
	t.Logf("%d combinations of record and observation:%s", cases, table.String())
	NewWithT(t).Expect(table.String()).To(Equal(transitions))
}

// brokenRule returns the rule that an action breaks; "" if it breaks none.
func brokenRule(job v1alpha1.JobStatus, seen submission.Observation, action submission.Action) string {
	firstSeen := seen.FirstSeen
	if firstSeen.IsZero() {
		firstSeen = now
	}
	settled := firstSeen.Add(limits.SettleWindow)
	read := seen.Directory
	complete := read != nil && read.Complete && read.Present+read.Absent >= int(job.Rows)
	late := !now.Before(firstSeen.Add(limits.JobTimeout)) ||
		job.State == v1alpha1.JobSubmitted && now.Sub(job.SubmittedAt.Time) >= limits.JobTimeout
	byPerson := seen.Decision == submission.DecideResubmit && read != nil && !read.Began.Before(seen.DecidedAt)
	waitsForPerson := job.State == v1alpha1.JobOutcomeUnknown || job.State == v1alpha1.JobTimedOut || job.State == "FromTheFuture"

	if ended(job.State) && action.Verb != submission.Rest {
		return "what ended stays"
	}
	switch action.Verb {
	case submission.Intend:
		if job.State != v1alpha1.JobPlanned || seen.Deleting {
			return "only planned jobs are intended, and none when deleting"
		}
	case submission.RecordJobID:
		if job.State != v1alpha1.JobIntended || seen.Sent.Kind != submission.Accepted || action.JobID != seen.Sent.JobID || action.JobID == "" {
			return "an id is recorded as it was answered"
		}
	case submission.ReturnToPlanned, submission.Reject:
		if job.State != v1alpha1.JobIntended || seen.Sent == nil || seen.Sent.Kind == submission.Unknown {
			return "only a definite answer takes an intent back or rejects it"
		}
	case submission.PlanAgain:
		if seen.Deleting {
			return "nothing of a deleted object is planned"
		}
		if !complete || action.Rows < 1 || int(action.Rows) != read.Absent {
			return "only rows absent in a complete read are planned again"
		}
		gap := max(limits.SettleWindow, 2*min(seen.SlowestJob, limits.JobTimeout))
		proved := !seen.FirstAbsence.IsZero() && !read.Began.Before(seen.FirstAbsence.Add(gap)) &&
			!read.Began.Before(settled) && job.State == v1alpha1.JobIntended && job.Attempt < submission.DefaultMaxUnknownAttempts
		if !byPerson && !proved {
			return "rows are planned again only if proved absent twice, or by a person after a fresh read"
		}
	case submission.Escalate:
		if job.Attempt < submission.DefaultMaxUnknownAttempts || seen.Deleting {
			return "a person is asked only after the last attempt"
		}
	case submission.Recover:
		if !complete || read.Absent != 0 || read.Began.Before(firstSeen) && !byPerson {
			return "recovered rows are all present"
		}
		if job.State == v1alpha1.JobIntended && read.Began.Before(settled) && (!late || !byPerson) {
			return "a read within the settle window decides nothing"
		}
	case submission.TimeOut:
		if !complete || read.Absent == 0 || !late || seen.Results == nil {
			return "a job times out only late, with results read and rows missing"
		}
	case submission.Abandon:
		asked := seen.Deleting || seen.Decision == submission.DecideAbandon
		absentTwice := seen.Deleting && complete && read.Absent > 0 && !seen.FirstAbsence.IsZero()
		if !asked || !late && !waitsForPerson && !absentTwice {
			return "an open job is abandoned only when a person asked, and late"
		}
	case submission.Wait:
		if action.Until.IsZero() != (job.State == v1alpha1.JobPlanned) || !action.Until.IsZero() && !action.Until.After(now) {
			return "a wait ends, later than now, or by whoever ends the pause"
		}
	case submission.Poll:
		if job.State != v1alpha1.JobSubmitted || action.Until.Before(now) {
			return "only submitted jobs are polled"
		}
	case submission.ReadDirectory:
		if read != nil && read.Began.After(action.NewerThan) {
			return "a read that did not do is not asked for again"
		}
		// The requested reading must move the job on.
		next := seen
		next.Directory = &submission.Presence{Began: now, Ended: now, Complete: true, Absent: int(job.Rows)}
		if action.NewerThan.After(now) || submission.Next(job, next, limits, now).Verb == submission.ReadDirectory {
			return "the read that is asked for is enough"
		}
	}
	return ""
}

func TestPollsAreATwentiethOfTheAgeApart(t *testing.T) {
	g := NewWithT(t)
	for age, want := range map[time.Duration]time.Duration{
		0:                time.Second,
		10 * time.Second: time.Second,
		40 * time.Second: 2 * time.Second,
		2 * time.Minute:  6 * time.Second,
		5 * time.Minute:  15 * time.Second,
		30 * time.Minute: 15 * time.Second,
	} {
		job := record(v1alpha1.JobSubmitted, 1, age)
		seen := submission.Observation{FirstSeen: now.Add(-age)}
		seen.SawResults(submission.Progress{ReadAt: now, Records: 10, Pending: 10})
		action := submission.Next(job, seen, limits, now)
		g.Expect(action.Verb).To(Equal(submission.Poll))
		g.Expect(action.Until.Sub(now)).To(Equal(want), "at an age of %s", age)
	}
}

func TestClocksThatDisagreeDoNotMoveTheTimeout(t *testing.T) {
	g := NewWithT(t)
	// The record was written by a clock that is an hour ahead of this one.
	job := record(v1alpha1.JobSubmitted, 1, -time.Hour)
	seen := submission.Observation{FirstSeen: now.Add(-limits.JobTimeout)}
	seen.SawResults(submission.Progress{ReadAt: now, Records: 1, Pending: 1})
	g.Expect(submission.Next(job, seen, limits, now).Verb).To(Equal(submission.ReadDirectory))
}
