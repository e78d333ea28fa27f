package scheduleduserstate

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// sortJobs determines which jobs serve the events, which are in the way, and which are
// missing.
func (p *planner) sortJobs() {
	ours := sets.New[string]()
	serving := map[event][]*v1alpha1.ScheduledJobStatus{}
	var present, missing []*v1alpha1.ScheduledJobStatus
	for i := range p.status.Jobs {
		record := p.status.Jobs[i].DeepCopy()
		live := p.sight.jobs[record.ScheduledJobID]
		if live != nil {
			p.takeOver(record, live)
		}
		switch {
		case record.Adopted && live == nil:
			p.gone(record)
		case record.Adopted:
		case live == nil:
			ours.Insert(record.ScheduledJobID)
			missing = append(missing, record)
		default:
			ours.Insert(record.ScheduledJobID)
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
func (p *planner) serves(record *v1alpha1.ScheduledJobStatus) (event, bool) {
	e := declared(record.State, record.At, record.InsteadOf)
	due := !record.At.After(p.now)
	switch {
	case !slices.Contains(p.events, e):
		return e, false
	case !record.Adopted && !due && record.Mail != p.mails[e.state]:
		return e, false
	case record.InsteadOf != nil:
		return e, p.last != nil && e == *p.last && beforeNext(p.coming, record.At.Time)
	default:
		return e, true
	}
}

// present records what is seen of a job of ours that is there, and reports which event it
// serves. A job about users who are not the object's any more serves none, unless its time has
// come: then it cannot be replaced.
func (p *planner) present(record *v1alpha1.ScheduledJobStatus, live *job) (event, bool) {
	e, serves := p.serves(record)
	record.Lost, record.UserIDs = false, join(live.users)
	serves = serves && live.state == record.State && live.at.Equal(record.At.Time) &&
		(!record.At.After(p.now) || p.able.IsSuperset(live.users))
	record.Replacing = !serves
	return e, serves
}

// consolidate gives up jobs of ours that are not needed beside others for the same event:
// those that the largest covers alone, and all if users who came one by one have made too many
// of them.
func (p *planner) consolidate(e event, records []*v1alpha1.ScheduledJobStatus) {
	if _, ahead := p.covered[e]; !ahead {
		return
	}
	slices.SortStableFunc(records, func(a, b *v1alpha1.ScheduledJobStatus) int { return len(b.UserIDs) - len(a.UserIDs) })
	largest, needed := split(records[0].UserIDs), 1
	for _, record := range records[1:] {
		record.Replacing = largest.IsSuperset(split(record.UserIDs))
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
	users := split(record.UserIDs)
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
	p.decision.jobs = append(p.decision.jobs, *record)
}

// cover counts the users of a job as scheduled.
func (p *planner) cover(e event, record *v1alpha1.ScheduledJobStatus, users sets.Set[string]) {
	users = users.Intersection(p.able)
	if covered, ok := p.covered[e]; ok {
		p.covered[e] = covered.Union(users)
		return
	}
	for id := range users {
		if p.last != nil && e == *p.last && record.At.After(p.pending[id]) {
			p.pending[id] = record.At.Time
		}
	}
}

// adopt counts what others have scheduled for the declared events. Each user is listed with
// only one job: all users of all jobs would not fit into a status.
func (p *planner) adopt(ours sets.Set[string]) {
	adopted := 0
	for _, id := range slices.Sorted(maps.Keys(p.sight.jobs)) {
		j := p.sight.jobs[id]
		users := j.users.Intersection(p.able)
		if ours.Has(id) || users.Len() == 0 || !slices.Contains(p.events, j.event) || j.passed(p.now) && (p.last == nil || *p.last != j.event) {
			continue
		}
		record := &v1alpha1.ScheduledJobStatus{ScheduledJobID: id, State: j.state, At: metav1.NewTime(j.at), Adopted: true}
		p.takeOver(record, j)
		if !record.Adopted {
			p.cover(j.event, record, users)
			p.keep(record, j.users)
			continue
		}
		record.Users, record.UserIDs = int32(users.Len()), join(users.Difference(p.coveredOf(j.event)))
		p.cover(j.event, record, users)
		if adopted < maxAdopted {
			p.decision.jobs = append(p.decision.jobs, *record)
		}
		adopted++
	}
}

// takeOver makes an adopted job the object's own if a person says so. A job with other users
// stays adopted, because a job is cancelled for all of its users.
func (p *planner) takeOver(record *v1alpha1.ScheduledJobStatus, live *job) {
	if record.Adopted && p.takesOver && p.able.IsSuperset(live.users) {
		record.Adopted, record.Mail, record.UserIDs = false, p.mails[record.State], join(live.users)
	}
}

// gone records that a job is not there any more. If its time has come, it has run.
func (p *planner) gone(record *v1alpha1.ScheduledJobStatus) {
	e, serves := p.serves(record)
	if serves && p.last != nil && e == *p.last && !record.At.After(p.now) {
		p.await(split(record.UserIDs), record.At.Time)
	}
}

// keepMissing handles a job of ours that JumpCloud does not list.
func (p *planner) keepMissing(record *v1alpha1.ScheduledJobStatus) {
	e, serves := p.serves(record)
	users := split(record.UserIDs)
	near := record.At.Sub(p.now) <= lossMargin
	switch {
	case !record.At.After(p.now):
		if !record.Lost {
			p.gone(record)
		}
		return
	case !serves || record.Replacing: // it was to be cancelled anyway
		return
	}
	open := users.Intersection(p.able).Difference(p.coveredOf(e))
	switch proved := p.lost.Has(record.ScheduledJobID); {
	case open.Len() == 0:
		return
	case near && !record.Lost:
		p.cover(e, record, users)
	case record.Lost || proved:
		if !record.Lost {
			p.newlyLost = append(p.newlyLost, *record)
		}
		record.Lost = true
		p.lostUsers = p.lostUsers.Union(open)
	default:
		p.suspects = append(p.suspects, *record)
		p.cover(e, record, users)
	}
	p.keep(record, users)
}

// coveredOf returns the users who have a job for the event.
func (p *planner) coveredOf(e event) sets.Set[string] {
	if covered, ok := p.covered[e]; ok {
		return covered
	}
	return sets.KeySet(p.pending)
}
