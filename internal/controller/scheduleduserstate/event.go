package scheduleduserstate

import (
	"errors"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// event is a change of the state of users at an instant, in whole seconds. Its
// instants are in UTC, so that equal events are equal.
type event struct {
	state v1alpha1.SchedulableState
	at    time.Time
}

// eventsOf returns the one or two events that a spec declares, in their order. The error says
// what is wrong with the spec and what to write.
func eventsOf(spec *v1alpha1.ScheduledUserStateSpec) ([]event, error) {
	place, err := placeOf(spec.TimeZone)
	if err != nil {
		return nil, err
	}
	start, err := instantOf("startDate", spec.StartDate, place)
	if err != nil {
		return nil, err
	}
	events := []event{{spec.State, start}}
	if spec.EndDate == "" {
		return events, nil
	}
	end, err := instantOf("endDate", spec.EndDate, place)
	if err != nil {
		return nil, err
	}
	if !end.After(start) {
		return nil, errors.New("spec.endDate must be after spec.startDate")
	}
	return append(events, event{spec.State.Opposite(), end}), nil
}

// Validate says what is wrong with the dates of a spec that the API server accepts.
func Validate(spec *v1alpha1.ScheduledUserStateSpec) error {
	_, err := eventsOf(spec)
	return err
}

// passed reports whether the time of the event has come.
func (e event) passed(now time.Time) bool { return !now.Before(e.at) }

// String names the event for people.
func (e event) String() string { return fmt.Sprintf("%s at %s", e.state, e.at.Format(time.RFC3339)) }

// key identifies an event. For each user, only one object may stand for it.
func (e event) key() string { return string(e.state) + "|" + e.at.Format(time.RFC3339) }

// wireStates are JumpCloud's names of the states.
var wireStates = map[v1alpha1.SchedulableState]jumpcloud.State{
	v1alpha1.SchedulableSuspended: jumpcloud.StateSuspended,
	v1alpha1.SchedulableActivated: jumpcloud.StateActivated,
}

// eventOf returns the event of a row; false if its state cannot be declared or its event
// cannot be read.
func eventOf(row *jumpcloud.ScheduledState) (event, bool) {
	if unreadable(row) {
		return event{}, false
	}
	for state, wire := range wireStates {
		if wire == row.State {
			return event{state, row.ScheduledDate.UTC().Truncate(time.Second)}, true
		}
	}
	return event{}, false
}

// unreadable reports whether it is unknown what a row schedules.
func unreadable(row *jumpcloud.ScheduledState) bool {
	return row.Unread != nil || row.ScheduledDate.IsZero()
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
