package jumpcloudtest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ScheduledJob is a schedule and its present state.
type ScheduledJob struct {
	ID    string `json:"id"`
	State string `json:"state"`
	// Users are the ids of the users that it was made for; Pending are those whose rows are
	// still listed.
	Users   []string  `json:"users"`
	Pending []string  `json:"pending"`
	Date    time.Time `json:"date"`
	// SendActivationEmails and ActivationEmailOverride include the defaults.
	SendActivationEmails    bool   `json:"sendActivationEmails"`
	ActivationEmailOverride string `json:"activationEmailOverride,omitempty"`
	// Request is the Number of the request that created it; 0 if none did.
	Request    int       `json:"request,omitempty"`
	AcceptedAt time.Time `json:"acceptedAt"`
	// ExecutedAt and CanceledAt are zero until then. Deleting the last user of a job cancels
	// it too.
	ExecutedAt time.Time `json:"executedAt,omitzero"`
	CanceledAt time.Time `json:"canceledAt,omitzero"`
}

// ScheduledState is one row of a pending job.
type ScheduledState struct {
	JobID  string    `json:"jobID"`
	UserID string    `json:"userID"`
	Date   time.Time `json:"date"`
	State  string    `json:"state"`
}

// NewScheduledState describes a schedule by another client.
type NewScheduledState struct {
	// Users are ids or usernames; at least one.
	Users []string `json:"users"`
	// State is ACTIVATED or SUSPENDED.
	State string `json:"state"`
	// Date may be in the past; then the change happens at once.
	Date                    time.Time `json:"date"`
	SendActivationEmails    bool      `json:"sendActivationEmails,omitempty"`
	ActivationEmailOverride string    `json:"activationEmailOverride,omitempty"`
}

// AddScheduledState schedules a change as another client would, without validation or history,
// and returns the id of the job. It panics on users that do not exist and on other states.
func (o *Organization) AddScheduledState(s NewScheduledState) string {
	id, err := o.addScheduledState(s)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	return id
}

func (o *Organization) addScheduledState(s NewScheduledState) (string, error) {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	if len(s.Users) == 0 || s.State != activated && s.State != suspended {
		return "", errors.New("a scheduled state needs users, and ACTIVATED or SUSPENDED")
	}
	var ids []string
	for _, name := range s.Users {
		u := o.users.called(name)
		if u == nil {
			return "", fmt.Errorf("there is no user %q", name)
		}
		ids = append(ids, u.id)
	}
	date := s.Date.UTC().Truncate(time.Second)
	j := &scheduledJob{
		id: o.server.ids.next(now), state: s.State, date: date, due: latest(date.Add(o.behavior.ScheduleLatency), now),
		asked: ids, pending: slices.Clone(ids),
		mails: s.SendActivationEmails, override: s.ActivationEmailOverride, acceptedAt: now,
	}
	o.schedule.add(j)
	return j.id, nil
}

// RemoveScheduledJob cancels a job without a request and reports whether it was pending.
func (o *Organization) RemoveScheduledJob(id string) bool {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	return o.schedule.cancel(id, now)
}

// ScheduledStates returns the pending rows, in the order of acceptance.
func (o *Organization) ScheduledStates() []ScheduledState {
	o.server.lock()
	defer o.server.mu.Unlock()
	list := []ScheduledState{}
	for _, r := range o.schedule.rows(func(string) bool { return true }) {
		list = append(list, ScheduledState{JobID: r.job.id, UserID: r.userID, Date: r.job.date, State: r.job.state})
	}
	return list
}

// ScheduledJobs returns all jobs that were ever accepted, in the order of
// acceptance.
func (o *Organization) ScheduledJobs() []ScheduledJob {
	o.server.lock()
	defer o.server.mu.Unlock()
	list := []ScheduledJob{}
	for _, j := range o.schedule.all {
		list = append(list, ScheduledJob{
			ID: j.id, State: j.state, Users: slices.Clone(j.asked), Pending: slices.Clone(j.pending), Date: j.date,
			SendActivationEmails: j.mails, ActivationEmailOverride: j.override, Request: j.request,
			AcceptedAt: j.acceptedAt, ExecutedAt: j.executedAt, CanceledAt: j.canceledAt,
		})
	}
	return list
}
