package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// DefaultMaxUnknownAttempts of one job may end without a known outcome.
const DefaultMaxUnknownAttempts = 3

// Limits bound how long a job is waited for, and how often it is sent.
type Limits struct {
	// SettleWindow is how long after the first sight of an intent its request
	// may still be under way. It must exceed the deadline of a submission.
	SettleWindow time.Duration
	// StallTimeout is how long results may stay the same until they count as all there is.
	StallTimeout time.Duration
	// JobTimeout is how long after its submission a job may take.
	JobTimeout time.Duration
	// MaxUnknownAttempts of a job may end without a known outcome until a
	// person must decide; zero is DefaultMaxUnknownAttempts.
	MaxUnknownAttempts int32
}

// Next tells what to do about a job, by its record and what was observed
// about the attempt that the record is at. It is a pure function.
func Next(job v1alpha1.JobStatus, seen Observation, limits Limits, now time.Time) Action {
	return Action{Verb: Rest}
}

// Open tells whether the job was announced and what became of it is still to
// be found out, by the operator itself.
func Open(job v1alpha1.JobStatus) bool { return false }

// Ended tells whether nothing can change the record any more.
func Ended(job v1alpha1.JobStatus) bool { return false }

// Slowest returns how long the slowest finished job took.
func Slowest(jobs []v1alpha1.JobStatus) time.Duration { return 0 }
