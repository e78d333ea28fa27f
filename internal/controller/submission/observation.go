package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Verdict is what an answer to a submission says.
type Verdict int

// The verdicts.
const (
	// Unknown: the job may or may not have been accepted. The zero value,
	// because it is the one that is safe to be wrong about.
	Unknown Verdict = iota
	// Accepted: JumpCloud took the job and told its id.
	Accepted
	// Completed: everything was answered and there is nothing to poll.
	Completed
	// Refused: JumpCloud definitely did not take the job, and would not next time.
	Refused
	// NotSent: nothing reached JumpCloud.
	NotSent
	// RateLimited: JumpCloud did not take the job because of its limits.
	RateLimited
	// Unauthorized: JumpCloud did not take the job because of the credentials.
	// The organization's work is paused elsewhere.
	Unauthorized
)

// Answer is what came of a submission.
type Answer struct {
	Verdict Verdict
	// JobID of a job that was Accepted, or Completed if it has one.
	JobID string
}

// Presence is what one read of the directory says about the rows of a job.
//
// A row that is to be created is present when its username and email are
// there: it was absent in a complete read before its first intent, so whoever
// is there now is the job's doing. A row that is to be updated is present when
// every stated value is live. A row that one read of an attempt found present
// is counted present in all later ones.
type Presence struct {
	// Began and Ended are when the read began and ended.
	Began, Ended time.Time
	// Complete reads saw the whole directory, or everything about the rows.
	// What an incomplete read lacks proves nothing.
	Complete bool
	// Present and Absent rows; together all rows of the attempt.
	Present, Absent int
}

// Progress is what one read of a job's results says.
type Progress struct {
	// ReadAt is when the results were read.
	ReadAt time.Time
	// Records of the results. They come one a row, in no known order.
	Records int
	// Pending of them say pending, Final ones say a final word. Others are neither.
	Pending, Final int
	// Gone is set when JumpCloud says that it knows no such job.
	Gone bool
	// Fingerprint differs when any record does; the counts alone decide if it is empty.
	Fingerprint string
	// ChangedAt is when the results last differed from the read before.
	// SawResults sets it.
	ChangedAt time.Time
}

// Observation is what a process knows about one attempt of one job. The zero
// value knows nothing.
type Observation struct {
	// Sent is what came of the submission that this process made for this very
	// attempt; nil if it made none.
	Sent *Answer
	// FirstSeen is when this process first saw the attempt's record. Times of
	// the record itself were written by another clock, perhaps.
	FirstSeen time.Time
	// Directory is the latest read about the attempt's rows that ended.
	Directory *Presence
	// FirstAbsence is when the first read ended that proves that rows were
	// absent after the settle window; zero if there was none yet.
	FirstAbsence time.Time
	// Results is the latest read of the job's results.
	Results *Progress
	// SlowestJob is how long the slowest job took that the process knows of.
	SlowestJob time.Duration
	// Decision of a person about exactly this attempt.
	Decision Decision
	// DecidedAt is when this process first saw the decision.
	DecidedAt time.Time
	// Deleting is set when the object is being deleted: nothing new is sent,
	// what is open is waited for.
	Deleting bool
	// Paused is set when no mutating call may be made.
	Paused bool

	attempt    int32
	intendedAt time.Time
}

// Track begins a pass. It forgets what is known when the record is of another
// attempt than the one tracked so far, and takes down when the attempt and the
// decision were first seen.
func (o *Observation) Track(job v1alpha1.JobStatus, decision Decision, now time.Time) {}

// SawDirectory takes down a read of the directory that ended.
func (o *Observation) SawDirectory(read Presence, limits Limits) {}

// SawResults takes down a read of the job's results.
func (o *Observation) SawResults(read Progress) {}
