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
)

// maxJobID is the longest id that a status can hold.
const maxJobID = 128

// look reads users and jobs and decides. Both come from readings that all objects of the
// organization share, so even status.next costs nothing: the list of jobs says more than
// eventlist/next, which takes a call for each hundred users.
func (k Kind) look(ctx context.Context, pass *pass, t terms) (decision, []user, error) {
	status := &pass.Object.Status
	since := freshness(pass, t)
	found, err := pass.Resolve(ctx, pass.Object.Spec.Users, since)
	if err != nil {
		return decision{}, nil, err
	}
	listing, err := pass.Session.ScheduledStates.Read(ctx, since)
	if err != nil {
		return decision{}, nil, err
	}
	users := usersOf(pass.Object.Spec.Users, found, pass.Session.Protected)
	if err := k.contest(ctx, pass, users); err != nil {
		return decision{}, nil, err
	}
	s := sight{now: pass.Now, lookedAt: found.Began, users: users, jobs: pass.Memory.jobs(listing, status, idsOf(users))}
	d := decide(t, status, s)
	if len(d.suspects) == 0 {
		return d, users, nil
	}
	if s.lost, err = k.confirm(ctx, pass, listing, d.suspects, idsOf(users)); err != nil {
		return decision{}, nil, err
	}
	return decide(t, status, s), users, nil
}

// freshness returns what readings must be newer than: the latest of the engine's time, a
// submission that fell short, and the last look at each event that is due.
func freshness(pass *pass, t terms) time.Time {
	since, now, status := pass.NewerThan, pass.Now, &pass.Object.Status
	if fellShort(status) {
		since = continuous.Latest(since, pass.ChangedAt)
	}
	due := func(at time.Time) {
		if at.After(now) {
			return
		}
		since = continuous.Latest(since, lookSince(at, now))
	}
	for _, e := range t.events {
		due(e.at)
	}
	for i := range status.Jobs {
		due(status.Jobs[i].At.Time)
	}
	for i := range status.Passed {
		due(status.Passed[i].At.Time)
	}
	return since
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
func (m *Memory) jobs(listing *directory.Listing[jumpcloud.ScheduledState], status *v1alpha1.ScheduledUserStateStatus, users sets.Set[string]) map[string]*job {
	ours := sets.New[string]()
	for i := range status.Jobs {
		ours.Insert(status.Jobs[i].ScheduledJobID)
	}
	jobs := jobsIn(listing.Items, func(j *job) bool {
		return len(j.id) <= maxJobID && (ours.Has(j.id) || overlap(j.users, users))
	})
	if listing.Unknown > 0 { // these may be rows of ours
		for i := range status.Jobs {
			if j := jobs[status.Jobs[i].ScheduledJobID]; j != nil {
				j.users = j.users.Union(split(status.Jobs[i].UserIDs))
			}
		}
	}
	maps.DeleteFunc(m.accepted, func(_ string, a acceptance) bool { return listing.Began.After(a.at) })
	maps.DeleteFunc(m.cancelled, func(_ string, at time.Time) bool { return listing.Began.After(at) })
	for id, a := range m.accepted {
		jobs[id] = a.job
	}
	for id := range m.cancelled {
		delete(jobs, id)
	}
	return jobs
}

// accept records a job that JumpCloud answered with.
func (m *Memory) accept(j *job, now time.Time) {
	if m.accepted == nil {
		m.accepted = map[string]acceptance{}
	}
	m.accepted[j.id] = acceptance{j, now}
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
