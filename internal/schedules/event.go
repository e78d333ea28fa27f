// Package schedules decides what must be scheduled and cancelled at JumpCloud so that users
// change their states when a spec says so. It is pure: it reads no clock and makes no calls.
package schedules

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules/dates"
)

// Event is a change of the state of users at an instant, in whole seconds. Its instants are in
// UTC, so that equal events are equal.
type Event struct {
	State v1alpha1.SchedulableState
	At    time.Time
}

// EventsOf returns the one or two events that a spec declares, in their order. The error says
// what is wrong with the spec and what to write.
func EventsOf(spec *v1alpha1.ScheduledUserStateSpec) ([]Event, error) {
	zone, err := dates.Zone(spec.TimeZone)
	if err != nil {
		return nil, err
	}
	start, err := dates.Parse("startDate", spec.StartDate, zone)
	if err != nil {
		return nil, err
	}
	events := []Event{{spec.State, start}}
	if spec.EndDate == "" {
		return events, nil
	}
	end, err := dates.Parse("endDate", spec.EndDate, zone)
	if err != nil {
		return nil, err
	}
	if !end.After(start) {
		return nil, errors.New("spec.endDate must be after spec.startDate")
	}
	return append(events, Event{spec.State.Opposite(), end}), nil
}

// Keys identify the events of a spec. For each user, only one object may stand for an event. A
// spec with invalid dates has none.
func Keys(spec *v1alpha1.ScheduledUserStateSpec) []string {
	events, err := EventsOf(spec)
	if err != nil {
		return nil
	}
	var keys []string
	for _, e := range events {
		keys = append(keys, string(e.State)+"|"+e.At.Format(time.RFC3339))
	}
	return keys
}

// Passed reports whether the time of the event has come.
func (e Event) Passed(now time.Time) bool { return !now.Before(e.At) }

// String names the event for people.
func (e Event) String() string { return fmt.Sprintf("%s at %s", e.State, e.At.Format(time.RFC3339)) }

// compare orders events by time, and those of the same time by state.
func (e Event) compare(other Event) int {
	return cmp.Or(e.At.Compare(other.At), cmp.Compare(e.State, other.State))
}

// declared returns the event of the spec that a job stands for.
func declared(state v1alpha1.SchedulableState, at metav1.Time, insteadOf *metav1.Time) Event {
	if insteadOf != nil {
		at = *insteadOf
	}
	return Event{state, at.UTC()}
}

// Terms are what an object asks for.
type Terms struct {
	// Events are the one or two events of the spec, in their order.
	Events []Event
	// Whole is set if a person must see, or approve, all changes at once.
	Whole bool
	// Counts reports whether harm that was counted at a time still counts, and must not be
	// counted again.
	Counts func(at time.Time) bool
	// TakesOver is set if a person says that jobs of others are the object's own.
	TakesOver bool
	// Again is set if a person asked for a new try of what came to nothing.
	Again bool

	policy v1alpha1.PastDuePolicy
	// mails has who gets the activation mail of each state.
	mails map[v1alpha1.SchedulableState]string
}

// TermsOf returns what a spec asks for. The error is that of EventsOf.
func TermsOf(spec *v1alpha1.ScheduledUserStateSpec) (Terms, error) {
	events, err := EventsOf(spec)
	t := Terms{Events: events, policy: spec.PastDuePolicy, mails: map[v1alpha1.SchedulableState]string{}}
	for _, e := range events {
		t.mails[e.State] = mailFor(spec, e.State)
	}
	return t, err
}

// mailUsers means that the users themselves get the activation mail.
const mailUsers = "Users"

// mailFor returns who gets the activation mail of an event: "", mailUsers or an address.
func mailFor(spec *v1alpha1.ScheduledUserStateSpec, state v1alpha1.SchedulableState) string {
	switch {
	case state != v1alpha1.SchedulableActivated || spec.SendActivationEmails == nil || !*spec.SendActivationEmails:
		return ""
	case spec.ActivationEmailOverride != "" && spec.State == state:
		return spec.ActivationEmailOverride
	default:
		return mailUsers
	}
}
