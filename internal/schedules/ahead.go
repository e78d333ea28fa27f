package schedules

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// looks are how long after its time an event is checked.
var looks = []time.Duration{0, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, Grace}

// LookSince returns the time of the latest look at what is due, which readings must be newer
// than; zero: nothing is due.
func (t *Terms) LookSince(status *v1alpha1.ScheduledUserStateStatus, now time.Time) time.Time {
	var all []time.Time
	for _, e := range t.Events {
		all = append(all, e.At)
	}
	for i := range status.Jobs {
		all = append(all, status.Jobs[i].At.Time)
	}
	for i := range status.Passed {
		all = append(all, status.Passed[i].At.Time)
	}
	var since time.Time
	for _, at := range all {
		for _, after := range looks {
			if look := at.Add(after); !look.After(now) && look.After(since) {
				since = look
			}
		}
	}
	return since
}

// nextLook returns the time of the next look at a due event; a second from now if none is
// left.
func nextLook(due, now time.Time) time.Time {
	for _, after := range looks {
		if at := due.Add(after); at.After(now) {
			return at
		}
	}
	return now.Add(time.Second)
}

// lookAhead finds the next event and the time of the next look.
func (p *planner) lookAhead() {
	events := slices.DeleteFunc(p.scheduled(), func(e Event) bool { return e.Passed(p.Now) })
	if len(events) > 0 {
		next := slices.MinFunc(events, Event.compare)
		p.next = &v1alpha1.NextEvent{State: next.State, At: metav1.NewTime(next.At)}
	}
	for _, e := range p.coming {
		p.wake(e.At)
	}
	for _, at := range p.pending {
		p.wake(at)
		p.verify(at)
	}
	for _, at := range p.awaited {
		p.verify(at)
	}
}

// scheduled returns the events of the jobs about the object's users. A job of the object's own
// counts even if the list does not show it yet.
func (p *planner) scheduled() []Event {
	var events []Event
	for _, j := range p.Jobs {
		if meet(j.Users, p.known) {
			events = append(events, j.Event)
		}
	}
	for i := range p.kept {
		if record := &p.kept[i]; !record.Adopted && !record.Lost && record.Users > 0 {
			events = append(events, Event{record.State, record.At.Time})
		}
	}
	return events
}

// wake wakes the object at a time that is still to come.
func (p *planner) wake(at time.Time) {
	if at.After(p.Now) && (p.Wake.IsZero() || at.Before(p.Wake)) {
		p.Wake = at
	}
}

// verify wakes the object to look at a due event again, as long as it may still be seen.
func (p *planner) verify(due time.Time) {
	if !due.After(p.Now) && p.LookedAt.Before(due.Add(Grace)) {
		p.Verifying = true
		p.wake(nextLook(due, p.Now))
	}
}
