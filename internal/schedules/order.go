package schedules

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Order is one job to schedule.
type Order struct {
	Event
	// MakesUp is set if the event's time has passed, so that the job runs shortly after it is
	// sent.
	MakesUp bool
	Users   []string // sorted ids
	// Mail is who gets the activation mail; "": nobody does.
	Mail string
	// Harmed counts the users who were not counted before, and whom neither a replaced job nor
	// an earlier event of the object changes already.
	Harmed int

	// before is the time of the next event if the order makes up for a passed one; zero: there
	// is none.
	before time.Time
	// countedAt is when the first of its users were counted as harmed before; zero: none were.
	// exempt is set if some of the users are not counted by this order.
	countedAt time.Time
	exempt    bool
}

// TooLate reports whether an order must not be sent any more because of the time since it was
// planned: its event has passed or, if it makes up for a passed one, it would run after the
// next event.
func (o *Order) TooLate(now time.Time) bool {
	if o.MakesUp {
		return !o.before.IsZero() && !now.Add(RunDelay).Before(o.before)
	}
	return o.Passed(now)
}

// order plans the missing jobs, one for each event.
func (p *planner) order() {
	p.harmed = p.countedUsers()
	if p.last != nil && p.policy == v1alpha1.PastDueRunNow {
		o := Order{Event: *p.last, MakesUp: true}
		if len(p.coming) > 0 {
			o.before = p.coming[0].At
		}
		p.orderFor(o, func(u User) bool { return p.judged(u) == pastDue })
	}
	for _, e := range p.coming {
		p.orderFor(Order{Event: e}, func(u User) bool { return !p.covered[e].Has(u.ID) && !p.rejected(u) })
	}
}

// orderFor orders a job for the users who need one.
func (p *planner) orderFor(o Order, needs func(User) bool) {
	replaced := sets.New[string]()
	for _, record := range p.replaced {
		if declared(record.State, record.At, record.InsteadOf) == o.Event {
			replaced = replaced.Union(IDs(record.UserIDs))
		}
	}
	for _, u := range p.Sight.Users {
		if !p.able.Has(u.ID) || !needs(u) {
			continue
		}
		o.Users = append(o.Users, u.ID)
		at, before := p.harmed[u.ID]
		switch {
		case before:
			if o.countedAt.IsZero() || at.Before(o.countedAt) {
				o.countedAt = at
			}
		case replaced.Has(u.ID), p.changedBefore(o.Event, u.ID):
			o.exempt = true
		default:
			o.Harmed++
		}
	}
	if len(o.Users) == 0 {
		return
	}
	slices.Sort(o.Users)
	o.Mail = p.mails[o.State]
	if o.cameToNothing(p.status.Submission) && !p.Again {
		p.Held = append(p.Held, o)
		return
	}
	p.Orders = append(p.Orders, o)
}

// changedBefore reports whether another event of the object changes the user before e: a
// temporary suspension counts once.
func (p *planner) changedBefore(e Event, id string) bool {
	if _, due := p.pending[id]; due {
		return true
	}
	return slices.ContainsFunc(p.Orders, func(o Order) bool { return o.At.Before(e.At) && slices.Contains(o.Users, id) }) ||
		slices.ContainsFunc(p.coming, func(other Event) bool { return other.At.Before(e.At) && p.covered[other].Has(id) })
}

// countedUsers returns the users who were counted as harmed lately, and when.
func (p *planner) countedUsers() map[string]time.Time {
	users := map[string]time.Time{}
	note := func(at *metav1.Time, ids string) {
		if at == nil || !p.Counts(at.Time) {
			return
		}
		for id := range IDs(ids) {
			if before, ok := users[id]; !ok || at.Time.Before(before) {
				users[id] = at.Time
			}
		}
	}
	for i := range p.status.Jobs {
		note(p.status.Jobs[i].CountedAt, p.status.Jobs[i].UserIDs)
	}
	if s := p.status.Submission; s != nil { // it may have come to nothing
		note(s.CountedAt, s.UserIDs)
	}
	return users
}
