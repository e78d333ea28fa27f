package jumpcloudtest

import "time"

// StateBehavior is the part of Behavior about scheduled states.
type StateBehavior struct {
	// RefusePastDates answers 400 to a start_date in the past; by default the change happens
	// at once.
	RefusePastDates bool `json:"refusePastDates,omitempty"`
	// UnknownScheduledUserStatus is the answer to a schedule with a user that does not exist.
	// 0: 404. With a 2xx that user is skipped.
	UnknownScheduledUserStatus int `json:"unknownScheduledUserStatus,omitempty"`
	// IgnoreBadOverrides ignores an activation_email_override with several users or with
	// SUSPENDED; by default it gets 400.
	IgnoreBadOverrides bool `json:"ignoreBadOverrides,omitempty"`
	// NoMailsUnlessAsked reads a missing send_activation_emails as false; by default it is
	// true.
	NoMailsUnlessAsked bool `json:"noMailsUnlessAsked,omitempty"`
	// MaxScheduledUsers answers 400 to a schedule of more users. 0: no limit.
	MaxScheduledUsers int `json:"maxScheduledUsers,omitempty"`
	// ScheduleLatency is how long after its start_date a change happens. It does not affect
	// schedules that are already accepted.
	ScheduleLatency time.Duration `json:"-"`
	// KeepStatesOfDeletedUsers keeps the rows of a deleted user until they are due, when they
	// have no effect; by default they are deleted with the user.
	KeepStatesOfDeletedUsers bool `json:"keepStatesOfDeletedUsers,omitempty"`
	// UnknownUserStatesStatus is the answer to a list of the states of a user that does not
	// exist. 0: 200, an empty list.
	UnknownUserStatesStatus int `json:"unknownUserStatesStatus,omitempty"`
	// UnknownScheduleStatus is the answer to the deletion of a schedule that is unknown, or
	// that has been executed or deleted. 0: 404. With a 2xx it has no effect.
	UnknownScheduleStatus int `json:"unknownScheduleStatus,omitempty"`
	// NextEventsIgnoreOrgHeader makes eventlist/next, whose specification omits x-org-id,
	// always answer for the credential's first organization. Only the Server's own Behavior
	// counts.
	NextEventsIgnoreOrgHeader bool `json:"nextEventsIgnoreOrgHeader,omitempty"`
	// ScheduledDateFormat is the format of scheduledDate.
	ScheduledDateFormat DateFormat `json:"scheduledDateFormat,omitempty"`
}

// DateFormat is the format of an instant, always in UTC.
type DateFormat string

const (
	// DateSeconds is 2026-12-31T22:00:00Z.
	DateSeconds DateFormat = ""
	// DateMilliseconds is 2026-12-31T22:00:00.000Z.
	DateMilliseconds DateFormat = "milliseconds"
	// DateZoneless is 2026-12-31T22:00:00.
	DateZoneless DateFormat = "zoneless"
)

func (f DateFormat) format(t time.Time) string {
	switch f {
	case DateMilliseconds:
		return stamp(t)
	case DateZoneless:
		return t.UTC().Format(zonelessFormat)
	case DateSeconds:
	}
	return t.UTC().Format(time.RFC3339)
}

// PushBehavior is the part of Behavior about push endpoints.
type PushBehavior struct {
	// HideInactivePushEndpoints leaves inactive ones out of the list; GET by id finds them.
	HideInactivePushEndpoints bool `json:"hideInactivePushEndpoints,omitempty"`
	// NeverUsed is the lastUsedDate of a device that was never used.
	NeverUsed NeverUsed `json:"neverUsed,omitempty"`
}

// NeverUsed is the form of the lastUsedDate of a device that was never used.
type NeverUsed string

const (
	// NeverUsedMissing leaves it out.
	NeverUsedMissing NeverUsed = ""
	// NeverUsedNull is null.
	NeverUsedNull NeverUsed = "null"
	// NeverUsedEmpty is "".
	NeverUsedEmpty NeverUsed = "empty"
)
