package scheduledstate

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// order makes the jobs that are missing: one for each event.
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
		if o.state == v1alpha1.SchedulableSuspended && !replaced.Has(u.id) {
			o.harmed++
		}
	}
	if len(o.users) == 0 {
		return
	}
	slices.Sort(o.users)
	o.mail = p.mails[o.state]
	if p.cameToNothing(&o) && !p.again {
		p.held = append(p.held, o)
		return
	}
	p.orders = append(p.orders, o)
}

// cameToNothing tells whether the latest submission was for this very order,
// and must not be repeated without a person: a person gave it up, or JumpCloud
// made something else of it.
func (p *planner) cameToNothing(o *order) bool {
	last := p.status.Submission
	return last != nil && (last.State == v1alpha1.JobAbandoned || distorted(last)) &&
		last.Digest == o.digest() && declared(last.ScheduledState, last.At, last.InsteadOf) == o.event
}

// distorted tells whether JumpCloud answered a submission with something else
// than what was asked for.
func distorted(s *v1alpha1.ScheduleSubmission) bool {
	return s != nil && s.State == v1alpha1.JobRejected && s.JobID != ""
}

// cancel plans to delete what is in the way, once nobody is left without the
// event by that.
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
	for _, record := range p.replaced {
		wrong := distorted(p.status.Submission) && p.status.Submission.JobID == record.ScheduledJobID
		if wrong || !overlap(split(record.UserIDs), waiting) {
			p.cancels = append(p.cancels, *record)
		}
	}
}
