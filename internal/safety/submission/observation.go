package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// AnswerKind is what an answer to a submission says.
type AnswerKind int

// The kinds of answers.
const (
	// Unknown: the job may or may not have been accepted. It is the zero value because it is
	// the safe default.
	Unknown AnswerKind = iota
	// Accepted: JumpCloud accepted the job and returned its id.
	Accepted
	// Completed: everything was answered and there is nothing to poll.
	Completed
	// Refused: JumpCloud definitely did not accept the job, and would not accept it next time.
	Refused
	// NotSent: nothing reached JumpCloud.
	NotSent
	// RateLimited: JumpCloud did not accept the job because of its rate limits.
	RateLimited
	// Unauthorized: JumpCloud did not accept the job because of the credentials. The
	// organization's work is paused elsewhere.
	Unauthorized
)

// Answer is the result of a submission.
type Answer struct {
	Kind AnswerKind
	// JobID of a job that was Accepted, or Completed if it has one.
	JobID string
}

// Observation is what a process knows about one attempt of one job. The zero value knows
// nothing.
type Observation struct {
	// Sent is the answer to the submission that this process made for exactly this attempt;
	// nil if it made none.
	Sent *Answer
	// FirstSeen is when this process first saw the attempt's record. The times in the record
	// may have been written by another clock.
	FirstSeen time.Time
	// Directory is the latest completed reading about the attempt's rows.
	Directory *Presence
	// FirstAbsence is when the first reading ended that proves that rows were absent after the
	// settle window; zero if there was none yet.
	FirstAbsence time.Time
	// Results is the latest reading of the job's results.
	Results *Progress
	// UnreadAt is when reading the job's results last failed; zero if it never did. A server
	// that does not answer must not keep a job open forever.
	UnreadAt time.Time
	// SlowestJob is the duration of the slowest job that the process knows of.
	SlowestJob time.Duration
	// Decision of a person about exactly this attempt.
	Decision Decision
	// DecidedAt is when this process first saw the decision.
	DecidedAt time.Time
	// Deleting is set when the object is being deleted: nothing new is sent, and open jobs are
	// waited for.
	Deleting bool

	// The attempt that is observed: its number is used again when an intent is taken back, its
	// time is not.
	attempt    int32
	intendedAt time.Time
}

// Track begins a step. It forgets what is known if the record is at another attempt than the
// one observed so far, and records when this process first saw the attempt and the decision.
func (o *Observation) Track(job v1alpha1.JobStatus, decision Decision, now time.Time) {
	var intendedAt time.Time
	if job.IntendedAt != nil {
		intendedAt = job.IntendedAt.Time
	}
	if o.FirstSeen.IsZero() || o.attempt != job.Attempt || !o.intendedAt.Equal(intendedAt) {
		*o = Observation{
			FirstSeen:  now,
			SlowestJob: o.SlowestJob,
			Deleting:   o.Deleting,
			attempt:    job.Attempt,
			intendedAt: intendedAt,
		}
	}
	if o.Decision != decision {
		o.Decision, o.DecidedAt = decision, now
	}
}

// SawAnswer records the answer to the submission that this process made for the record's
// current attempt.
func (o *Observation) SawAnswer(job v1alpha1.JobStatus, answer Answer, now time.Time) {
	o.Track(job, o.Decision, now)
	o.Sent = &answer
}

// SawDirectory records a completed reading of the directory.
func (o *Observation) SawDirectory(read Presence, limits Limits) {
	o.Directory = &read
	settled := o.FirstSeen.Add(limits.SettleWindow)
	if read.Complete && read.Absent > 0 && o.FirstAbsence.IsZero() && !read.Began.Before(settled) {
		o.FirstAbsence = read.Ended
	}
}

// SawResults records a reading of the job's results.
func (o *Observation) SawResults(read Progress) {
	read.ChangedAt = read.ReadAt
	if o.Results != nil && o.Results.same(read) {
		read.ChangedAt = o.Results.ChangedAt
	}
	o.Results = &read
}

// firstAbsence returns when the first reading that proved absence ended: the latest one if
// there was none before.
func (o *Observation) firstAbsence() time.Time {
	if o.FirstAbsence.IsZero() {
		return o.Directory.Ended
	}
	return o.FirstAbsence
}

// Underway reports whether a job runs as expected: it was accepted, and nothing that was read
// about it says that its results are gone or have stopped before their end. If several jobs
// are open, another one is announced only while all of them are under way.
func Underway(job v1alpha1.JobStatus, seen Observation) bool {
	results := seen.Results
	return job.State == v1alpha1.JobSubmitted &&
		(results == nil || !results.Gone && (results.Records == 0 || results.Pending > 0))
}
