package usergroup

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxAttempts is how often a creation after a lost answer may be answered with
// that the group exists, before a person is told that the list lacks it. A list
// that is merely late has shown it by then: attempts are a settle window apart.
const maxAttempts = 10

// creation is what a process knows of the creations of one group.
type creation struct {
	// record is the announcement that the status holds, and since when this
	// process has seen it.
	record v1alpha1.CreatingStatus
	since  time.Time
	// takenName is a name that JumpCloud said was taken, and when it said so.
	takenName string
	takenAt   time.Time
}

// sees returns since when this process has seen an announcement.
func (c *creation) sees(record *v1alpha1.CreatingStatus, now time.Time) time.Time {
	if c.since.IsZero() || c.record != *record {
		c.announce(*record, now)
	}
	return c.since
}

// announce takes down a new announcement. It may read like one before that was
// taken back.
func (c *creation) announce(record v1alpha1.CreatingStatus, now time.Time) {
	c.record, c.since = record, now
}

// refused tells whether JumpCloud has said lately that a name is taken.
func (c *creation) refused(name string, now time.Time, lately time.Duration) bool {
	return c.takenName == name && now.Sub(c.takenAt) < lately
}

// create makes the group. The announcement before decides between leaders, and
// makes the group ours if the answer is lost.
func create(in jumpcloud.UserGroupInput) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		status, before := &pass.Object.Status, pass.Object.Status.Creating
		announced := v1alpha1.CreatingStatus{Name: in.Name, Attempt: 1}
		if before != nil {
			announced.Attempt += before.Attempt
		}
		status.Creating = &announced
		if err := pass.Claim(ctx, pass.Working); err != nil {
			return err
		}
		pass.Memory.creation.announce(announced, time.Now())
		made, err := pass.Session.Client.CreateUserGroup(ctx, submission, in)
		switch {
		case err == nil:
			status.ID, status.Adopted, status.Creating = made.ID, false, nil
			return record(ctx, pass, announced)
		case jumpcloud.ClassOf(err) == jumpcloud.Unknown:
			return err
		case !jumpcloud.IsAlreadyExists(err):
			// Nothing was made: this was no attempt.
			status.Creating = before
			if failure := record(ctx, pass, announced); failure != nil {
				return failure
			}
			return err
		case before != nil:
			// An attempt before may have made it, and the list does not show it yet.
			if announced.Attempt >= maxAttempts {
				pass.Memory.creation.takenName, pass.Memory.creation.takenAt = in.Name, time.Now()
			}
			return living.Stop(lifecycle.Progressing(v1alpha1.SubmissionSettlingReason, fmt.Sprintf(
				"JumpCloud says that the group %q exists, as it should after a creation whose answer was lost. It is looked for.", in.Name), session.ReadingDelay))
		default:
			pass.Memory.creation.takenName, pass.Memory.creation.takenAt = in.Name, time.Now()
			status.Creating = nil
			if failure := record(ctx, pass, announced); failure != nil {
				return failure
			}
			return living.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason,
				fmt.Sprintf("JumpCloud says that it has a group named %q by now. It is looked for.", in.Name), session.ReadingDelay))
		}
	}
}

// record writes what became of a creation, as long as the stored object still
// waits for it.
func record(ctx context.Context, pass *pass, announced v1alpha1.CreatingStatus) error {
	return pass.Record(ctx, pass.Working, func(stored *v1alpha1.UserGroup) bool {
		return stored.Status.Creating != nil && *stored.Status.Creating == announced
	})
}
