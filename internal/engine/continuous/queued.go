package continuous

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Queued holds what decides when an announced creation by a job, whose answer is unknown,
// cannot happen any more: JumpCloud may begin a job late.
type Queued struct {
	// Limits are those of the submission protocol, and Slowest is how long the slowest known
	// job took.
	Limits  submission.Limits
	Slowest time.Duration
}

// announce begins the next attempt of a creation by a job, and returns the announcement for
// the status. An attempt that provably made nothing does not count.
func (c *Creation) announce(name string, before *v1alpha1.CreatingStatus) *v1alpha1.CreatingStatus {
	announced := v1alpha1.CreatingStatus{Name: name, Attempt: 1}
	if before != nil && (c.record != *before || c.over.IsZero()) {
		announced.Attempt += before.Attempt
	}
	*c = Creation{record: announced, since: time.Now()}
	return &announced
}

// recovery returns the announcement in the form of the submission protocol: a job with one
// row.
func (s *Search[T, M, R]) recovery() *recovery {
	c := s.Creation
	s.since()
	if c.recovery == nil {
		c.recovery = &recovery{job: v1alpha1.JobStatus{Index: 1, Attempt: s.creating().Attempt, Rows: 1, State: v1alpha1.JobIntended}}
	}
	return c.recovery
}

// next returns the next action of the submission protocol for the announcement.
func (s *Search[T, M, R]) next() submission.Action {
	r, object := s.recovery(), s.Pass.Object
	decision := submission.DecisionOn(r.job, object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation])
	if decision == submission.DecideAbandon {
		decision = submission.Undecided // the object still declares what was to be created
	}
	r.seen.Deleting, r.seen.SlowestJob = !object.GetDeletionTimestamp().IsZero(), s.Queued.Slowest
	r.seen.Track(r.job, decision, s.Pass.Now)
	return submission.Next(r.job, r.seen, s.Queued.Limits, s.Pass.Now)
}

// queuedSince returns what a reading for the result of a job must be newer than.
func (s *Search[T, M, R]) queuedSince() time.Time {
	since := s.since()
	switch c := s.Creation; {
	case c.pending:
		return since
	case !c.over.IsZero():
		return c.over
	}
	if action := s.next(); action.Verb == submission.ReadDirectory {
		return Latest(since, action.NewerThan)
	}
	return since
}

// recoverQueued is recover for a creation by a job. The submission protocol decides when it is
// proved that nothing was created: two readings, far enough apart, must show nothing, unless
// the job is known to have ended.
func (s *Search[T, M, R]) recoverQueued(ctx context.Context) (*R, error) {
	c, creating := s.Creation, s.creating()
	seen, err := s.Named(ctx, creating.Name, s.newerThan())
	switch {
	case err != nil:
		return nil, err
	case len(seen.Found) > 1:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Several, Name: creating.Name, IDs: seen.IDs})
	case len(seen.Found) == 1:
		return s.take(ctx, &seen, false)
	case c.pending:
		return nil, s.settling(directory.ReadingDelay)
	case seen.Hides:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Hidden, Name: creating.Name})
	case !c.over.IsZero():
		return nil, nil
	}
	r := s.recovery()
	r.seen.SawDirectory(submission.Presence{Began: seen.Began, Ended: time.Now(), Complete: true, Absent: 1}, s.Queued.Limits)
	switch action := s.next(); action.Verb {
	case submission.PlanAgain, submission.Abandon:
		return nil, nil
	case submission.Wait, submission.ReadDirectory:
		return nil, s.settling(max(action.Until.Sub(s.Pass.Now), directory.ReadingDelay))
	default:
		submission.Apply(&r.job, action, s.Pass.Now)
		return nil, lifecycle.Stop(lifecycle.Undecided(v1alpha1.SubmissionOutcomeUnknownReason, fmt.Sprintf(
			"JumpCloud's answers to %d jobs that were to create %q were lost, and the directory does not show it. Nothing more is sent until you decide. "+
				"Look in JumpCloud, then set the annotation %s to %d/%d=Resubmit to create it again.",
			creating.Attempt, creating.Name, v1alpha1.ResolveSubmissionAnnotation, r.job.Index, r.job.Attempt)))
	}
}

func (s *Search[T, M, R]) settling(after time.Duration) error {
	return lifecycle.Stop(lifecycle.Progressing(v1alpha1.SubmissionSettlingReason, s.Explain(Finding{Result: Settling, Name: s.creating().Name}), after))
}
