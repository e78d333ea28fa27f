package scheduleduserstate

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// order plans the missing jobs, one for each event.
func (p *planner) order() {
	if p.last != nil && p.pastDuePolicy() == v1alpha1.PastDueRunNow {
		o := order{event: *p.last, makesUp: true}
		if len(p.coming) > 0 {
			o.before = p.coming[0].at
		}
		p.orderFor(o, func(u user) bool { return p.judged(u) == pastDue })
	}
	for _, e := range p.coming {
		p.orderFor(order{event: e}, func(u user) bool { return !p.covered[e].Has(u.id) && !p.rejected(u) })
	}
}

// orderFor orders a job for the users who need one.
func (p *planner) orderFor(o order, needs func(user) bool) {
	replaced := sets.New[string]()
	counted := countedUsers(p.status, p.counts)
	for _, record := range p.replaced {
		if declared(record.State, record.At, record.InsteadOf) == o.event {
			replaced = replaced.Union(split(record.UserIDs))
		}
	}
	for _, u := range p.users {
		if !p.able.Has(u.id) || !needs(u) {
			continue
		}
		o.users = append(o.users, u.id)
		at, before := counted[u.id]
		switch {
		case before:
			if o.countedAt.IsZero() || at.Before(o.countedAt) {
				o.countedAt = at
			}
		case replaced.Has(u.id), p.changedBefore(o.event, u.id):
			o.exempt = true
		default:
			o.harmed++
		}
	}
	if len(o.users) == 0 {
		return
	}
	slices.Sort(o.users)
	o.mail = p.mails[o.state]
	if cameToNothing(p.status.Submission, &o) && !p.again {
		p.held = append(p.held, o)
		return
	}
	p.orders = append(p.orders, o)
}

// changedBefore reports whether another event of the object changes the user before e: a
// temporary suspension counts once.
func (p *planner) changedBefore(e event, id string) bool {
	for _, o := range p.orders {
		if o.at.Before(e.at) && slices.Contains(o.users, id) {
			return true
		}
	}
	if _, due := p.pending[id]; due {
		return true
	}
	return slices.ContainsFunc(p.coming, func(other event) bool {
		return other.at.Before(e.at) && p.covered[other].Has(id)
	})
}

// cameToNothing reports whether the latest submission was for this very order and must not be
// repeated by itself: a person abandoned it, or JumpCloud scheduled something else.
func cameToNothing(last *v1alpha1.ScheduleSubmission, o *order) bool {
	return last != nil && (last.State == v1alpha1.JobAbandoned || distorted(last)) &&
		last.Digest == o.digest() && declared(last.ScheduledState, last.At, last.InsteadOf) == o.event
}

// distorted reports whether JumpCloud answered a submission with something else than it asked
// for.
func distorted(s *v1alpha1.ScheduleSubmission) bool {
	return s != nil && s.State == v1alpha1.JobRejected && s.JobID != ""
}

// cancel plans to delete the jobs that are in the way, once no user loses the event by that.
func (p *planner) cancel() {
	waiting := sets.New[string]()
	for _, o := range p.held {
		waiting.Insert(o.users...)
	}
	if !p.whole {
		for _, o := range p.orders {
			waiting.Insert(o.users...)
		}
	}
	suspended, counted := p.suspended(), countedUsers(p.status, p.counts)
	for _, record := range p.replaced {
		wrong := distorted(p.status.Submission) && p.status.Submission.JobID == record.ScheduledJobID
		if wrong || !overlap(split(record.UserIDs), waiting) {
			p.cancels = append(p.cancels, cancellation{*record, suspends(record, p.now).Difference(suspended).Difference(sets.KeySet(counted)).Len()})
		}
	}
}

// countedUsers returns the users who were counted as harmed lately, and when.
func countedUsers(status *v1alpha1.ScheduledUserStateStatus, counts func(at *metav1.Time) bool) map[string]time.Time {
	users := map[string]time.Time{}
	note := func(at *metav1.Time, ids string) {
		if at == nil || counts == nil || !counts(at) {
			return
		}
		for id := range split(ids) {
			if before, ok := users[id]; !ok || at.Time.Before(before) {
				users[id] = at.Time
			}
		}
	}
	for i := range status.Jobs {
		note(status.Jobs[i].CountedAt, status.Jobs[i].UserIDs)
	}
	if latest := status.Submission; latest != nil { // it may have come to nothing
		note(latest.CountedAt, latest.UserIDs)
	}
	return users
}

// suspended returns the users who are suspended, or will be by jobs that stay or are about to
// be made.
func (p *planner) suspended() sets.Set[string] {
	all := sets.New[string]()
	for _, o := range p.orders {
		if o.state == v1alpha1.SchedulableSuspended {
			all.Insert(o.users...)
		}
	}
	for e, users := range p.covered {
		if e.state == v1alpha1.SchedulableSuspended {
			all = all.Union(users)
		}
	}
	if p.last != nil && p.last.state == v1alpha1.SchedulableSuspended {
		all = all.Union(p.executed).Union(sets.KeySet(p.pending))
	}
	return all
}

// suspends returns the users that a job suspends, as long as it may still do so.
func suspends(record *v1alpha1.ScheduledJobStatus, now time.Time) sets.Set[string] {
	if record.State != v1alpha1.SchedulableSuspended || now.After(record.At.Add(grace)) {
		return sets.New[string]()
	}
	return split(record.UserIDs)
}
