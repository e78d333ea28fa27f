package continuous

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Creation is what a process knows of the announced creation of one object's counterpart. The
// zero value is ready for use.
type Creation struct {
	record v1alpha1.CreatingStatus
	since  time.Time

	// For a creation by a job: pending is set while this process has a change in the job, and
	// over is when the job ended, if that was seen.
	pending bool
	over    time.Time
	// recovery is nil until the submission protocol is asked about the announcement.
	recovery *recovery
}

// recovery is an announcement in the form of the submission protocol.
type recovery struct {
	job  v1alpha1.JobStatus
	seen submission.Observation
}

// Since returns when this process first saw an announcement that the status holds.
func (c *Creation) Since(record *v1alpha1.CreatingStatus, now time.Time) time.Time {
	if c.since.IsZero() || c.record != *record {
		*c = Creation{record: *record, since: now}
	}
	return c.since
}

// Announced makes a call that creates something, once, in Change.Do. After a lost answer,
// whatever has the name is the object's own. The announcement before the call decides between
// leaders. The call records in the status what it made, and Announced writes the result at
// once. A call that provably made nothing does not count as an attempt.
func Announced[T Object, M any](ctx context.Context, pass *Pass[T, M], c *Creation, name string, call func() error) error {
	status := pass.Object.Living()
	before := status.Creating
	announced := v1alpha1.CreatingStatus{Name: name, Attempt: 1}
	if before != nil {
		announced.Attempt += before.Attempt
	}
	status.Creating = &announced
	if err := pass.CommitStatus(ctx, pass.Working); err != nil {
		return err
	}
	*c = Creation{record: announced, since: time.Now()}
	err := call()
	switch {
	case err == nil:
		status.Creating = nil
	case jumpcloud.ClassOf(err) == jumpcloud.Unknown, before != nil && jumpcloud.IsAlreadyExists(err):
		return err // this attempt, or one before it, may have made it
	default:
		status.Creating = before
	}
	failure := pass.Record(ctx, pass.Working, func(stored T) bool {
		waiting := stored.Living().Creating
		return waiting != nil && *waiting == announced
	})
	if failure != nil {
		return failure
	}
	return err
}
