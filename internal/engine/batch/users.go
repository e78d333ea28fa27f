package batch

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Users are the jobs that create and update users. No mail is sent.
type Users struct {
	Creates Batcher[jumpcloud.BulkUserCreate]
	Updates Batcher[jumpcloud.BulkUserUpdate]
}

// NewUsers returns Users with these limits, whose jobs carry carries on and count counts; see
// Batcher.
func NewUsers(limits submission.Limits, carry func(Step), count func(organizationID, outcome string)) *Users {
	return &Users{
		Creates: Batcher[jumpcloud.BulkUserCreate]{Limits: limits, Carry: carry, Count: count, Start: startCreate},
		Updates: Batcher[jumpcloud.BulkUserUpdate]{Limits: limits, Carry: carry, Count: count, Start: startUpdate},
	}
}

func startCreate(ctx context.Context, client *jumpcloud.Client, s jumpcloud.Submission, users []jumpcloud.BulkUserCreate) (string, error) {
	return client.StartBulkCreate(ctx, s, users, jumpcloud.BulkCreateOptions{SuppressEmail: true})
}

func startUpdate(ctx context.Context, client *jumpcloud.Client, s jumpcloud.Submission, users []jumpcloud.BulkUserUpdate) (string, error) {
	return client.StartBulkUpdate(ctx, s, users, jumpcloud.BulkUpdateOptions{SuppressEmail: true})
}
