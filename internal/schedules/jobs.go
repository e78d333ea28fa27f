package schedules

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// sortJobs determines which jobs serve the events, which are in the way, and which are
// missing.
func (p *planner) sortJobs() {
	ours := sets.New[string]()
	serving := map[Event][]*v1alpha1.ScheduledJobStatus{}
	var present, missing []*v1alpha1.ScheduledJobStatus
	for i := range p.status.Jobs {
		record := p.status.Jobs[i].DeepCopy()
		live := p.Jobs[record.ScheduledJobID]
		if live != nil {
			p.takeOver(record, live)
		}
		if !record.Adopted {
			ours.Insert(record.ScheduledJobID)
		}
		switch {
		case record.Adopted && live == nil:
			p.gone(record)
		case record.Adopted:
		case live == nil:
			missing = append(missing, record)
		default:
			present = append(present, record)
			if e, serves := p.present(record, live); serves {
				serving[e] = append(serving[e], record)
			}
		}
	}
	for e, records := range serving {
		p.consolidate(e, records)
	}
	for _, record := range present {
		p.keepPresent(record)
	}
	p.adopt(ours)
	// Last, because users whom other jobs cover are not missed.
	for _, record := range missing {
		p.keepMissing(record)
	}
}

// serves returns the declared event of a job, and reports whether the job serves it.
func (p *planner) serves(record *v1alpha1.ScheduledJobStatus) (Event, bool) {
	e := declared(record.State, record.At, record.InsteadOf)
	switch {
	case !slices.Contains(p.Events, e):
		return e, false
	case !record.Adopted && record.At.After(p.Now) && record.Mail != p.mails[e.State]:
		return e, false
	case record.InsteadOf != nil:
		return e, p.isLast(e) && p.beforeNext(record.At.Time)
	default:
		return e, true
	}
}

// present records what is seen of a job of ours that is there, and reports which event it
// serves. A job about users who are not the object's any more serves none, unless its time has
// come: then it cannot be replaced.
func (p *planner) present(record *v1alpha1.ScheduledJobStatus, live *Job) (Event, bool) {
	e, serves := p.serves(record)
	record.Lost, record.UserIDs = false, join(live.Users)
	serves = serves && live.State == record.State && live.At.Equal(record.At.Time) &&
		(!record.At.After(p.Now) || p.able.IsSuperset(live.Users))
	record.Replacing = !serves
	return e, serves
}

// consolidate gives up jobs of ours that are not needed beside others for the same event:
// those that the largest covers alone, and all if users who came one by one have made too many
// of them.
func (p *planner) consolidate(e Event, records []*v1alpha1.ScheduledJobStatus) {
	if _, ahead := p.covered[e]; !ahead {
		return
	}
	slices.SortStableFunc(records, func(a, b *v1alpha1.ScheduledJobStatus) int { return len(b.UserIDs) - len(a.UserIDs) })
	largest, needed := IDs(records[0].UserIDs), 1
	for _, record := range records[1:] {
		record.Replacing = largest.IsSuperset(IDs(record.UserIDs))
		if !record.Replacing {
			needed++
		}
	}
	if needed <= maxOurs {
		return
	}
	for _, record := range records {
		record.Replacing = true
	}
}

// keepPresent counts a job of ours that is there, or has it replaced.
func (p *planner) keepPresent(record *v1alpha1.ScheduledJobStatus) {
	users := IDs(record.UserIDs)
	if record.Replacing {
		p.replaced = append(p.replaced, record)
	} else if e, serves := p.serves(record); serves {
		p.cover(e, record, users)
	}
	p.keep(record, users)
}

// keep records a job in the status.
func (p *planner) keep(record *v1alpha1.ScheduledJobStatus, users sets.Set[string]) {
	record.UserIDs = join(users)
	record.Users = int32(users.Intersection(p.known).Len())
	p.kept = append(p.kept, *record)
}

// cover counts the users of a job as scheduled.
func (p *planner) cover(e Event, record *v1alpha1.ScheduledJobStatus, users sets.Set[string]) {
	users = users.Intersection(p.able)
	if covered, ahead := p.covered[e]; ahead {
		p.covered[e] = covered.Union(users)
	} else if p.isLast(e) {
		latest(p.pending, users, record.At.Time)
	}
}

// coveredOf returns the users who have a job for the event.
func (p *planner) coveredOf(e Event) sets.Set[string] {
	if covered, ok := p.covered[e]; ok {
		return covered
	}
	return sets.KeySet(p.pending)
}
