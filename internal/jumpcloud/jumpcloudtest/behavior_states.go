package jumpcloudtest

import "time"

// StateBehavior is the part of Behavior about scheduled states.
type StateBehavior struct {
	// RefusePastDates answers 400 to a start_date in the past; by default the
	// change happens at once.
	RefusePastDates bool `json:"refusePastDates,omitempty"`
	// UnknownScheduledUserStatus answers a schedule with a user that does not exist.
	// 0: 404. With a 2xx that user is skipped.
	UnknownScheduledUserStatus int `json:"unknownScheduledUserStatus,omitempty"`
	// IgnoreBadOverrides ignores an activation_email_override with several users or
	// with SUSPENDED; by default it is 400.
	IgnoreBadOverrides bool `json:"ignoreBadOverrides,omitempty"`
	// NoMailsUnlessAsked takes a missing send_activation_emails for false; by default
	// it is true.
	NoMailsUnlessAsked bool `json:"noMailsUnlessAsked,omitempty"`
	// MaxScheduledUsers answers 400 to a schedule of more users. 0: any number.
	MaxScheduledUsers int `json:"maxScheduledUsers,omitempty"`
	// ScheduleLatency is how long after its start_date a change happens. Schedules
	// that were accepted keep theirs.
	ScheduleLatency time.Duration `json:"-"`
	// KeepStatesOfDeletedUsers keeps the rows of a user that was deleted until they
	// are due, when they have no effect; by default they go with the user.
	KeepStatesOfDeletedUsers bool `json:"keepStatesOfDeletedUsers,omitempty"`
	// UnknownUserStatesStatus answers a list of the states of a user that does not
	// exist. 0: 200, an empty list.
	UnknownUserStatesStatus int `json:"unknownUserStatesStatus,omitempty"`
	// UnknownScheduleStatus answers the deletion of an unknown schedule, or one that
	// has been executed or deleted. 0: 404. With a 2xx it has no effect.
	UnknownScheduleStatus int `json:"unknownScheduleStatus,omitempty"`
	// NextEventsIgnoreOrgHeader lets eventlist/next, whose specification omits
	// x-org-id, answer for the credential's first organization always. It is looked
	// up in the Server's behaviour.
	NextEventsIgnoreOrgHeader bool `json:"nextEventsIgnoreOrgHeader,omitempty"`
	// ScheduledDateFormat is how scheduledDate is written.
	ScheduledDateFormat DateFormat `json:"scheduledDateFormat,omitempty"`
}

// DateFormat is how an instant is written, always in UTC.
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
	// HideInactivePushEndpoints leaves inactive ones out of the list; GET by id finds
	// them.
	HideInactivePushEndpoints bool `json:"hideInactivePushEndpoints,omitempty"`
	// NeverUsed is the lastUsedDate of a device that was never used.
	NeverUsed NeverUsed `json:"neverUsed,omitempty"`
}

// NeverUsed is how the lastUsedDate of a device that was never used is written.
type NeverUsed string

const (
	// NeverUsedMissing leaves it out.
	NeverUsedMissing NeverUsed = ""
	// NeverUsedNull is null.
	NeverUsedNull NeverUsed = "null"
	// NeverUsedEmpty is "".
	NeverUsedEmpty NeverUsed = "empty"
)
