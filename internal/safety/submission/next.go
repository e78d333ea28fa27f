package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Next returns what to do about a job, given its record and what was observed about the
// record's current attempt. It is a pure function that has an answer for every record and
// observation.
func Next(job v1alpha1.JobStatus, seen Observation, limits Limits, now time.Time) Action {
	if seen.FirstSeen.IsZero() {
		seen.FirstSeen = now
	}
	switch job.State {
	case v1alpha1.JobPlanned:
		return planned(seen)
	case v1alpha1.JobIntended:
		return intended(job, seen, limits, now)
	case v1alpha1.JobSubmitted:
		return submitted(job, seen, limits, now)
	case v1alpha1.JobFinished, v1alpha1.JobRecovered, v1alpha1.JobRejected, v1alpha1.JobAbandoned:
		return Action{Verb: Rest}
	case v1alpha1.JobOutcomeUnknown, v1alpha1.JobTimedOut:
		return undecided(job, seen, limits, now)
	default:
		// A state of a newer version of the operator: nothing is known about it, so only a
		// person's decision is carried out.
		return undecided(job, seen, limits, now)
	}
}

func planned(seen Observation) Action {
	if seen.Deleting {
		return Action{Verb: Rest}
	}
	return Action{Verb: Intend}
}

// intended decides about an attempt that was announced. Without an answer, it may have been
// sent, by this process or another, and may be queued at JumpCloud: once nothing can be on its
// way any more, only the directory shows what became of it.
func intended(job v1alpha1.JobStatus, seen Observation, limits Limits, now time.Time) Action {
	if action, ok := answered(seen.Sent); ok {
		return action
	}
	settled := seen.FirstSeen.Add(limits.SettleWindow)
	if now.Before(settled) {
		return Action{Verb: Wait, Until: settled}
	}
	if !now.Before(latest(settled, seen.FirstSeen.Add(limits.JobTimeout))) {
		if action, ok := told(job, seen, now); ok {
			return action
		}
	}
	if !seen.Directory.accounts(job, settled) {
		return readAfter(settled, seen.Directory)
	}
	if seen.Directory.Absent == 0 {
		return Action{Verb: Recover}
	}
	second := seen.firstAbsence().Add(limits.betweenReads(seen.SlowestJob))
	switch {
	case now.Before(second):
		return Action{Verb: Wait, Until: second}
	case seen.Directory.Began.Before(second):
		return readAfter(second, seen.Directory)
	case seen.Deleting:
		return Action{Verb: Abandon}
	case job.Attempt >= limits.maxUnknownAttempts():
		return Action{Verb: Escalate}
	default:
		return Action{Verb: PlanAgain, Rows: int32(seen.Directory.Absent)}
	}
}

// answered returns the action that follows from a definite answer.
func answered(answer *Answer) (Action, bool) {
	if answer == nil {
		return Action{}, false
	}
	switch answer.Kind {
	case Accepted:
		// An id that the record cannot hold cannot be polled after a restart: the job counts
		// as unanswered.
		usable := answer.JobID != "" && len(answer.JobID) <= maxJobID
		return Action{Verb: RecordJobID, JobID: answer.JobID}, usable
	case Completed:
		return Action{Verb: Finish, JobID: answer.JobID}, len(answer.JobID) <= maxJobID
	case Refused:
		return Action{Verb: Reject}, true
	case NotSent, RateLimited, Unauthorized:
		return Action{Verb: ReturnToPlanned}, true
	default:
		return Action{}, false
	}
}

// submitted decides about a job whose id is known, by its results. The directory is read only
// if the results do not decide.
func submitted(job v1alpha1.JobStatus, seen Observation, limits Limits, now time.Time) Action {
	if seen.Results.over(job, limits) {
		return Action{Verb: Finish}
	}
	began := submittedAt(job, seen)
	// A process that has just started looks for itself before it gives up on a job whose time
	// ran out while no process was looking.
	deadline := latest(began.Add(limits.JobTimeout), seen.FirstSeen.Add(limits.StallTimeout))
	if now.Before(deadline) {
		if gone, ok := seen.Results.goneSince(limits); ok {
			switch {
			case !seen.Directory.accounts(job, gone):
				return readAfter(gone, seen.Directory)
			case seen.Directory.Absent == 0:
				return Action{Verb: Finish}
			}
		}
		return poll(seen.Results, began, now)
	}
	if action, ok := told(job, seen, now); ok {
		return action
	}
	switch {
	case !seen.Directory.accounts(job, deadline):
		return readAfter(deadline, seen.Directory)
	case seen.Directory.Absent == 0:
		return Action{Verb: Finish}
	case (seen.Results == nil || seen.Results.ReadAt.Before(deadline)) && seen.UnreadAt.Before(deadline):
		return Action{Verb: Poll, Until: now}
	default:
		return Action{Verb: TimeOut}
	}
}

// undecided decides about a job that waits for a person. The job also ends if its rows turn
// out to be done.
func undecided(job v1alpha1.JobStatus, seen Observation, limits Limits, now time.Time) Action {
	finished := job.JobID != "" && seen.Results.over(job, limits)
	present := seen.Directory.accounts(job, seen.FirstSeen) && seen.Directory.Absent == 0
	if finished || present {
		return done(job)
	}
	if action, ok := told(job, seen, now); ok {
		return action
	}
	return Action{Verb: AskPerson}
}

// told returns the action that a person requested, by a decision or by deleting the object. A
// resubmission sends the rows that are absent now, so even then the directory is read first.
func told(job v1alpha1.JobStatus, seen Observation, now time.Time) (Action, bool) {
	switch {
	case seen.Deleting, seen.Decision == DecideAbandon:
		return Action{Verb: Abandon}, true
	case seen.Decision != DecideResubmit:
		return Action{}, false
	}
	decided := seen.DecidedAt
	if decided.IsZero() {
		decided = now
	}
	switch {
	case !seen.Directory.accounts(job, decided):
		return readAfter(decided, seen.Directory), true
	case seen.Directory.Absent == 0:
		return done(job), true
	default:
		return Action{Verb: PlanAgain, Rows: int32(seen.Directory.Absent)}, true
	}
}

// done ends a job whose rows are done.
func done(job v1alpha1.JobStatus) Action {
	if job.JobID == "" {
		return Action{Verb: Recover}
	}
	return Action{Verb: Finish}
}

// readAfter requests a reading that begins after t, and after the latest reading, which was
// not sufficient.
func readAfter(t time.Time, read *Presence) Action {
	if read != nil {
		t = latest(t, read.Began)
	}
	return Action{Verb: ReadDirectory, NewerThan: t}
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
