package scheduleduserstate

import (
	"context"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// look reads users and jobs and decides. Both come from readings that all objects of the
// organization share, so even status.next costs nothing: the list of jobs says more than
// eventlist/next, which takes a call for each hundred users.
func look(ctx context.Context, pass *pass, t *schedules.Terms) (d schedules.Decision, err error) {
	status := &pass.Object.Status
	since := continuous.Latest(pass.NewerThan, t.LookSince(status, pass.Now))
	if fellShort(status) {
		since = continuous.Latest(since, pass.ChangedAt)
	}
	found, err := pass.Resolve(ctx, pass.Object.Spec.Users, since)
	if err != nil {
		return d, err
	}
	listing, err := pass.Session.ScheduledStates.Read(ctx, since)
	if err != nil {
		return d, err
	}
	users := usersOf(pass, found)
	if err := contest(ctx, pass, users); err != nil {
		return d, err
	}
	ids := schedules.IDsOf(users)
	s := schedules.Sight{Now: pass.Now, LookedAt: found.Began, Users: users, Jobs: pass.Memory.jobs(listing, status, ids)}
	d = schedules.Decide(*t, status, s)
	if len(d.Suspects) > 0 {
		if s.Lost, err = confirm(ctx, pass, listing, d.Suspects, ids); err != nil {
			return d, err
		}
		d = schedules.Decide(*t, status, s)
	}
	return d, nil
}

// fellShort reports whether the latest submission did not schedule all of its users: some may
// have been deleted after they were read.
func fellShort(status *v1alpha1.ScheduledUserStateStatus) bool {
	s := status.Submission
	if s == nil || s.State == v1alpha1.JobRecovered {
		return false
	}
	return s.State != v1alpha1.JobFinished || slices.ContainsFunc(status.Jobs, func(record v1alpha1.ScheduledJobStatus) bool {
		return record.ScheduledJobID == s.JobID && record.UserIDs != s.UserIDs
	})
}

// jobs returns the jobs of a listing that are ours or about one of the users, corrected by
// what this process knows better.
func (m *Memory) jobs(listing *directory.Listing[jumpcloud.ScheduledState], status *v1alpha1.ScheduledUserStateStatus, users sets.Set[string]) map[string]*schedules.Job {
	ours, jobs := recorded(status), schedules.JobsIn(listing.Items)
	maps.DeleteFunc(jobs, func(id string, j *schedules.Job) bool { return !ours.Has(id) && j.Users.Intersection(users).Len() == 0 })
	if listing.Unknown > 0 { // these may be rows of ours
		for i := range status.Jobs {
			if j := jobs[status.Jobs[i].ScheduledJobID]; j != nil {
				j.Users = j.Users.Union(schedules.IDs(status.Jobs[i].UserIDs))
			}
		}
	}
	maps.DeleteFunc(m.accepted, func(_ string, a acceptance) bool { return listing.Began.After(a.at) })
	maps.DeleteFunc(m.cancelled, func(_ string, at time.Time) bool { return listing.Began.After(at) })
	for id, a := range m.accepted {
		jobs[id] = a.Job
	}
	for id := range m.cancelled {
		delete(jobs, id)
	}
	return jobs
}

// recorded returns the ids of the jobs in a status.
func recorded(status *v1alpha1.ScheduledUserStateStatus) sets.Set[string] {
	ids := sets.New[string]()
	for i := range status.Jobs {
		ids.Insert(status.Jobs[i].ScheduledJobID)
	}
	return ids
}

// accept records a job that JumpCloud answered with.
func (m *Memory) accept(j *schedules.Job) {
	if m.accepted == nil {
		m.accepted = map[string]acceptance{}
	}
	m.accepted[j.ID] = acceptance{j, time.Now()}
}

// forgetJob records that a job was deleted.
func (m *Memory) forgetJob(status *v1alpha1.ScheduledUserStateStatus, id string) {
	if m.cancelled == nil {
		m.cancelled = map[string]time.Time{}
	}
	m.cancelled[id] = time.Now()
	delete(m.accepted, id)
	status.Jobs = slices.DeleteFunc(status.Jobs, func(record v1alpha1.ScheduledJobStatus) bool { return record.ScheduledJobID == id })
}
