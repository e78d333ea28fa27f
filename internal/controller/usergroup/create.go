package usergroup

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxAttempts is how many attempts after a lost answer JumpCloud may refuse because the name
// exists, before the status reports that the list lacks the group. Attempts are a settle
// window apart, so a list that is merely late shows the group before that.
const maxAttempts = 10

// creation is what a process knows of the creations of one group.
type creation struct {
	continuous.Creation
	// takenName is a name that JumpCloud reported as taken, takenAt is when.
	takenName string
	takenAt   time.Time
}

// refused reports whether JumpCloud reported the name as taken less than lately ago.
func (c *creation) refused(name string, now time.Time, lately time.Duration) bool {
	return c.takenName == name && now.Sub(c.takenAt) < lately
}

// create returns the call that creates the group.
func create(in jumpcloud.UserGroupInput) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		status, memory := &pass.Object.Status, &pass.Memory.creation
		err := continuous.Announced(ctx, pass, &memory.Creation, in.Name, func() error {
			made, err := pass.Session.Client.CreateUserGroup(ctx, submission, in)
			if err == nil {
				status.ID, status.Name, status.Adopted = made.ID, in.Name, false
			}
			return err
		})
		if !jumpcloud.IsAlreadyExists(err) {
			return otherFilters(pass, &in, err)
		}
		reason, text := v1alpha1.ProgressingReason, "JumpCloud says that a group named %q already exists. Searching for it."
		if status.Creating != nil { // an earlier attempt may have created it, and the list does not show it yet
			reason = v1alpha1.SubmissionSettlingReason
			text = "JumpCloud says that the group %q exists, as it should after a creation whose answer was lost. Searching for it."
		}
		if status.Creating == nil || status.Creating.Attempt >= maxAttempts {
			memory.takenName, memory.takenAt = in.Name, time.Now()
		}
		return continuous.NotMade(lifecycle.Progressing(reason, fmt.Sprintf(text, in.Name), directory.ReadingDelay))
	}
}
