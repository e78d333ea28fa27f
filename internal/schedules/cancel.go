package schedules

import (
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Cancellation is one job to delete.
type Cancellation struct {
	v1alpha1.ScheduledJobStatus
	// Harmed is how many users will not be suspended because of it.
	Harmed int
}

// CancelAll returns the cancellations of all jobs of the object's own. See Terms about counts.
func CancelAll(jobs []v1alpha1.ScheduledJobStatus, counts func(at time.Time) bool, now time.Time) []Cancellation {
	var all []Cancellation
	for _, record := range jobs {
		if record.Adopted {
			continue
		}
		c := Cancellation{ScheduledJobStatus: record}
		if at := record.CountedAt; at == nil || !counts(at.Time) {
			c.Harmed = suspends(&record, now).Len()
		}
		all = append(all, c)
	}
	return all
}

// cancel plans to delete the jobs that are in the way, once no user loses the event by that.
func (p *planner) cancel() {
	waiting := sets.New[string]()
	for _, o := range p.Held {
		waiting.Insert(o.Users...)
	}
	if !p.Whole {
		for _, o := range p.Orders {
			waiting.Insert(o.Users...)
		}
	}
	unharmed := p.suspended().Union(sets.KeySet(p.harmed))
	for _, record := range p.replaced {
		wrong := Distorted(p.status.Submission) && p.status.Submission.JobID == record.ScheduledJobID
		if wrong || !meet(IDs(record.UserIDs), waiting) {
			p.Cancellations = append(p.Cancellations, Cancellation{*record, suspends(record, p.Now).Difference(unharmed).Len()})
		}
	}
}

// suspended returns the users who are suspended, or will be by jobs that stay or are about to
// be made.
func (p *planner) suspended() sets.Set[string] {
	all := sets.New[string]()
	for _, o := range p.Orders {
		if o.State == v1alpha1.SchedulableSuspended {
			all.Insert(o.Users...)
		}
	}
	for e, users := range p.covered {
		if e.State == v1alpha1.SchedulableSuspended {
			all = all.Union(users)
		}
	}
	if p.last != nil && p.last.State == v1alpha1.SchedulableSuspended {
		all = all.Union(p.executed).Union(sets.KeySet(p.pending))
	}
	return all
}

// suspends returns the users that a job suspends, as long as it may still do so.
func suspends(record *v1alpha1.ScheduledJobStatus, now time.Time) sets.Set[string] {
	if record.State != v1alpha1.SchedulableSuspended || now.After(record.At.Add(Grace)) {
		return sets.New[string]()
	}
	return IDs(record.UserIDs)
}
