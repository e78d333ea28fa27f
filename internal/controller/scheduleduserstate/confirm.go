package scheduleduserstate

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

const (
	// maxWitnesses is how many users of a job have their lists read: a job is deleted as a
	// whole, so one user who still has it proves that it is there.
	maxWitnesses = 5
	// readings is how many readings of each list must lack a job.
	readings = 2
	// confirmSlice is how long one pass reads: other objects wait for its worker.
	confirmSlice = time.Second
)

// check is a proof in progress.
type check struct {
	// listing is where the suspicion came from.
	listing *directory.Listing[jumpcloud.ScheduledState]
	// done are the jobs that were decided about, lost those of them that are lost.
	done, lost sets.Set[string]
	// reading reads the present witness's list; read is how often that was read to its end.
	reading *directory.Pages[jumpcloud.ScheduledState]
	read    int
	witness int
}

// confirm proves which of our jobs that a listing lacks are lost: the lists of their users who
// still exist lack them, too, in two complete readings. It may take several passes.
func confirm(
	ctx context.Context, pass *pass, listing *directory.Listing[jumpcloud.ScheduledState], suspects []v1alpha1.ScheduledJobStatus, users sets.Set[string],
) (sets.Set[string], error) {
	c := &pass.Memory.check
	if c.listing != listing {
		*c = check{listing: listing, done: sets.New[string](), lost: sets.New[string]()}
	}
	for began := time.Now(); len(suspects) > 0; suspects = suspects[1:] {
		record := &suspects[0]
		if time.Since(began) > confirmSlice {
			return nil, directory.ErrReading
		}
		if c.done.Has(record.ScheduledJobID) {
			continue
		}
		witnesses := sets.List(schedules.IDs(record.UserIDs).Intersection(users))
		there, err := c.advance(ctx, pass.Session.Client, record.ScheduledJobID, witnesses[:min(len(witnesses), maxWitnesses)])
		if err != nil {
			return nil, err
		}
		c.done.Insert(record.ScheduledJobID)
		if !there {
			c.lost.Insert(record.ScheduledJobID)
		}
		c.reading, c.read, c.witness = nil, 0, 0
	}
	return c.lost, nil
}

// advance reads the witnesses' lists until one shows the job, or all lack it.
func (c *check) advance(ctx context.Context, client *jumpcloud.Client, jobID string, witnesses []string) (there bool, err error) {
	for c.witness < len(witnesses) {
		if c.reading == nil {
			c.reading = statesOf(client, witnesses[c.witness])
		}
		err := c.reading.Advance(ctx)
		if err != nil && !jumpcloud.IsNotFound(err) {
			return false, err // a deleted user has no list
		}
		if err == nil && c.reading.Unknown() > 0 {
			return true, nil // the job may be the one whose id cannot be read
		}
		if slices.ContainsFunc(c.reading.Items(), func(s jumpcloud.ScheduledState) bool { return s.ScheduledJobID == jobID }) {
			return true, nil
		}
		c.reading = nil
		c.read++
		if c.read == readings {
			c.read = 0
			c.witness++
		}
	}
	return false, nil
}

// statesOf reads what is scheduled for one user.
func statesOf(client *jumpcloud.Client, userID string) *directory.Pages[jumpcloud.ScheduledState] {
	return directory.NewPages(
		func(s jumpcloud.ScheduledState) string { return s.ScheduledJobID },
		func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.ScheduledState], error) {
			return directory.FirstPage(client.ScheduledStatePages(ctx, jumpcloud.ScheduledStateListOptions{UserID: userID, Skip: skip}))
		})
}
