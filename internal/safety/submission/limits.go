package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// DefaultMaxUnknownAttempts is how many attempts of a job may end without a
// known outcome before a person must decide.
const DefaultMaxUnknownAttempts = 3

// The interval between polls of a job's results is a twentieth of the job's age, within these
// bounds: the delay that it adds to a long job stays small, and so does the cost of polling.
const (
	pollAgeFraction = 20
	minPollInterval = time.Second
	maxPollInterval = 15 * time.Second
)

// maxJobID is the maximum length of a job id that a record can hold.
const maxJobID = 128

// Limits bound how long a job is waited for, and how often it is sent.
type Limits struct {
	// SettleWindow is how long after the first sight of an intent its request may still be on
	// its way. It must exceed the deadline of a submission.
	SettleWindow time.Duration
	// StallTimeout is how long results without pending records may stay unchanged until they
	// count as complete.
	StallTimeout time.Duration
	// JobTimeout is how long a job may take.
	JobTimeout time.Duration
	// MaxUnknownAttempts is how many attempts of a job may end without a known outcome before
	// a person must decide; zero means DefaultMaxUnknownAttempts.
	MaxUnknownAttempts int32
}

func (l Limits) maxUnknownAttempts() int32 {
	if l.MaxUnknownAttempts == 0 {
		return DefaultMaxUnknownAttempts
	}
	return l.MaxUnknownAttempts
}

// betweenReads returns how long after the first reading that found rows absent the second one
// must begin. A job may be queued for as long as others took; a job that took longer than
// JobTimeout was not waited for.
func (l Limits) betweenReads(slowest time.Duration) time.Duration {
	return max(l.SettleWindow, 2*min(slowest, l.JobTimeout))
}

// Slowest returns how long the slowest of the finished jobs took, from its id to the end of
// its results.
func Slowest(jobs []v1alpha1.JobStatus) time.Duration {
	var slowest time.Duration
	for _, job := range jobs {
		if job.State == v1alpha1.JobFinished && job.SubmittedAt != nil && job.FinishedAt != nil {
			slowest = max(slowest, job.FinishedAt.Sub(job.SubmittedAt.Time))
		}
	}
	return slowest
}

// submittedAt returns when the job was accepted: the recorded time, or the time at which this
// process first saw the attempt if that is earlier, because the record was written by a clock
// that is ahead, or if nothing is recorded.
func submittedAt(job v1alpha1.JobStatus, seen Observation) time.Time {
	if job.SubmittedAt == nil || seen.FirstSeen.Before(job.SubmittedAt.Time) {
		return seen.FirstSeen
	}
	return job.SubmittedAt.Time
}

// poll requests the results when they are due: at once if they were never read.
func poll(latestRead *Progress, began, now time.Time) Action {
	if latestRead == nil {
		return Action{Verb: Poll, Until: now}
	}
	age := latestRead.ReadAt.Sub(began)
	interval := min(max(age/pollAgeFraction, minPollInterval), maxPollInterval)
	return Action{Verb: Poll, Until: latest(now, latestRead.ReadAt.Add(interval))}
}

// Oldest returns how long the oldest of the jobs that were accepted and have not ended has
// run; other jobs may be queued behind it.
func Oldest(jobs []v1alpha1.JobStatus, now time.Time) time.Duration {
	var oldest time.Duration
	for _, job := range jobs {
		if (job.State == v1alpha1.JobSubmitted || job.State == v1alpha1.JobTimedOut) && job.SubmittedAt != nil {
			oldest = max(oldest, now.Sub(job.SubmittedAt.Time))
		}
	}
	return oldest
}
