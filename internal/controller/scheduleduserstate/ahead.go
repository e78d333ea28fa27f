package scheduleduserstate

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// looks are how long after its time an event is checked.
var looks = []time.Duration{0, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, grace}

// lookAhead finds the next event and the time of the next look. A job of the object's own
// counts even if the list does not show it yet.
func (p *planner) lookAhead() {
	comes := func(e event) {
		first := p.next == nil || e.at.Before(p.next.At.Time) || e.at.Equal(p.next.At.Time) && e.state < p.next.State
		if !e.passed(p.now) && first {
			p.next = &v1alpha1.NextEvent{State: e.state, At: metav1.NewTime(e.at)}
		}
	}
	for _, j := range p.sight.jobs {
		if overlap(j.users, p.known) {
			comes(j.event)
		}
	}
	for i := range p.decision.jobs {
		if record := &p.decision.jobs[i]; !record.Adopted && !record.Lost && record.Users > 0 {
			comes(event{record.State, record.At.Time})
		}
	}
	wake := func(at time.Time) {
		if at.After(p.now) && (p.wake.IsZero() || at.Before(p.wake)) {
			p.wake = at
		}
	}
	for _, e := range p.coming {
		wake(e.at)
	}
	for _, at := range p.pending {
		wake(at)
		verify(p, at, wake)
	}
	for _, at := range p.awaited {
		verify(p, at, wake)
	}
}

// verify wakes the object to look at a due event again, as long as it may still be seen.
func verify(p *planner, due time.Time, wake func(time.Time)) {
	if due.After(p.now) || !p.lookedAt.Before(due.Add(grace)) {
		return
	}
	p.verifying = true
	wake(nextLook(due, p.now))
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

// lookSince returns the time of the latest look at a due event: readings must be newer than
// it.
func lookSince(due, now time.Time) time.Time {
	at := due
	for _, after := range looks {
		if next := due.Add(after); !next.After(now) {
			at = next
		}
	}
	return at
}
