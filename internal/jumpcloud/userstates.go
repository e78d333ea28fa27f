package jumpcloud

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// ScheduledState is one user's row of a scheduled job: at ScheduledDate, the user's state
// becomes State. All users of a job have rows with its id (observed).
type ScheduledState struct {
	ScheduledJobID string `json:"scheduledJobId"`
	SystemUserID   string `json:"systemUserId"`
	// ScheduledDate is in UTC, and exact to the second (observed). A text without a zone is
	// taken as UTC (assumed), one that is no date as the zero time.
	ScheduledDate time.Time `json:"-"`
	// State is ACTIVATED or SUSPENDED.
	State State `json:"state"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
}

func (s *ScheduledState) shows() bool { return s.ScheduledJobID != "" || s.SystemUserID != "" }

// Known reports whether the row names its user and its job.
func (s *ScheduledState) Known() bool { return s.ScheduledJobID != "" && s.SystemUserID != "" }

// UnmarshalJSON never fails for JSON: see Unread.
func (s *ScheduledState) UnmarshalJSON(data []byte) error {
	type plain ScheduledState
	*s = ScheduledState{}
	wire := struct {
		*plain
		ScheduledDate date `json:"scheduledDate"`
	}{plain: (*plain)(s)}
	s.Unread = decodeRecord(data, &wire)
	s.ScheduledDate = wire.ScheduledDate.Time
	return nil
}

// ScheduledStateListOptions select what ScheduledStatePages reads.
type ScheduledStateListOptions struct {
	// UserID selects the rows of this user (observed to work). What JumpCloud answers for an
	// unknown user is unknown. Empty selects all users.
	UserID string
	// Skip is the number of records to skip.
	Skip int
}

// ScheduledStatePages lists what is scheduled, one row for each user and job. JumpCloud
// documents no order for the list. Rows of jobs that have run are gone (assumed).
func (c *Client) ScheduledStatePages(ctx context.Context, o ScheduledStateListOptions) iter.Seq2[*Page[ScheduledState], error] {
	list := request{op: "ScheduledStatePages", endpoint: "/bulk/userstates", query: url.Values{}}
	if o.UserID != "" {
		list.query.Set("userid", o.UserID)
	}
	return pages[ScheduledState](ctx, c, o.Skip, list)
}

// StateSchedule is a change of state that JumpCloud makes at a given time.
type StateSchedule struct {
	// UserIDs has at least one element. How many JumpCloud accepts, and what it does about
	// unknown ones, is unknown.
	UserIDs []string
	// State is ACTIVATED or SUSPENDED (documented).
	State State
	// StartDate is sent in UTC, in whole seconds. What JumpCloud does with a
	// date in the past is unknown.
	StartDate time.Time
	// SendActivationEmails mails users who are activated. It is always sent: the
	// default is unknown.
	SendActivationEmails bool
	// ActivationEmailOverride is the address that the mail goes to instead, for one user who
	// is activated with SendActivationEmails (documented). Empty means none.
	ActivationEmailOverride string
}

// MarshalJSON returns the form that the call takes.
func (s StateSchedule) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		UserIDs                 []string `json:"user_ids"`
		State                   State    `json:"state"`
		StartDate               string   `json:"start_date"`
		SendActivationEmails    bool     `json:"send_activation_emails"`
		ActivationEmailOverride string   `json:"activation_email_override,omitempty"`
	}{s.UserIDs, s.State, s.StartDate.UTC().Format(time.RFC3339), s.SendActivationEmails, s.ActivationEmailOverride})
}

// ScheduleStates creates one scheduled job and returns its rows, at least one. JumpCloud
// accepts any number of jobs for one user and state, even for the same instant (observed): an
// Unknown error must be resolved by looking at the list, never by calling again. An answer
// without rows is Unknown too.
func (c *Client) ScheduleStates(ctx context.Context, s Submission, schedule StateSchedule) ([]ScheduledState, error) {
	var rows scheduledRows
	r := &request{
		op: "ScheduleStates", method: http.MethodPost, endpoint: "/bulk/userstates", api: v2, in: schedule, out: &rows,
	}
	if len(schedule.UserIDs) == 0 || schedule.StartDate.IsZero() {
		return nil, r.fail(Refused, 0, errInput)
	}
	if err := c.mutate(ctx, s, r); err != nil {
		return nil, err
	}
	return rows, nil
}

type scheduledRows []ScheduledState

// valid requires what the caller needs: the job and its users.
func (r *scheduledRows) valid() bool {
	return len(*r) > 0 && !slices.ContainsFunc(*r, func(s ScheduledState) bool { return !s.Known() })
}

// CancelScheduledStates deletes a whole job: JumpCloud cannot take one user out of it (assumed
// from the id, which is the job's). If the job does not exist, IsNotFound reports true; a job
// that has run does not exist either (assumed).
func (c *Client) CancelScheduledStates(ctx context.Context, s Submission, scheduledJobID string) error {
	return c.mutate(ctx, s, &request{
		op: "CancelScheduledStates", method: http.MethodDelete, endpoint: "/bulk/userstates/{id}",
		ids: []string{scheduledJobID}, api: v2,
	})
}
