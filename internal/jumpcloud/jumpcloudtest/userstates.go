package jumpcloudtest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

const (
	nextEventsPath = v2Path + "/bulk/userstates/eventlist/next"
	// mostEventUsers is how many users one request for next events may name (documented).
	mostEventUsers = 100

	zonelessFormat = "2006-01-02T15:04:05"
)

// stateChange is the body of POST /bulk/userstates: snake_case, unlike the answer.
type stateChange struct {
	UserIDs  []string `json:"user_ids"`
	State    string   `json:"state"`
	Start    string   `json:"start_date"`
	Mails    *bool    `json:"send_activation_emails"`
	Override string   `json:"activation_email_override"`
}

// scheduleStates is POST /bulk/userstates. The users' present states and other schedules do
// not matter (observed).
func (x *exchange) scheduleStates() {
	var body stateChange
	if !x.decode(&body) {
		return
	}
	date, problem := body.check(x.behavior, x.now)
	if problem != nil {
		x.refuse(problem)
		return
	}
	users := unique(body.UserIDs)
	known := slices.DeleteFunc(slices.Clone(users), func(id string) bool { return x.org().users.ids[id] == nil })
	if status := cmp.Or(x.behavior.UnknownScheduledUserStatus, http.StatusNotFound); len(known) < len(users) && status >= 300 {
		x.refuse(refuse(status, http.StatusText(status)))
		return
	}
	j := &scheduledJob{
		id: x.org().server.ids.next(x.now), state: body.State, date: date, due: latest(date.Add(x.behavior.ScheduleLatency), x.now),
		asked: users, pending: known, mails: body.Mails == nil && !x.behavior.NoMailsUnlessAsked || body.Mails != nil && *body.Mails,
		acceptedAt: x.now, request: x.record.Number,
	}
	if len(users) == 1 {
		j.override = body.Override
	}
	x.org().schedule.add(j)
	x.committed()
	x.record.JobID = j.id
	rows := []map[string]any{}
	for _, id := range known {
		rows = append(rows, stateRow{j, id}.render(x.behavior.ScheduledDateFormat))
	}
	x.json(http.StatusCreated, rows)
}

// check returns the instant truncated to the second, as it is read back (observed).
func (s stateChange) check(b Behavior, now time.Time) (time.Time, *refusal) {
	date, err := parseDate(s.Start)
	several := len(unique(s.UserIDs)) > 1
	switch {
	case len(s.UserIDs) == 0:
		return date, refuse(400, "user_ids is required")
	case b.MaxScheduledUsers > 0 && len(s.UserIDs) > b.MaxScheduledUsers:
		return date, refuse(400, "too many user_ids")
	case s.State != activated && s.State != suspended:
		return date, refuse(400, messageState)
	case err != nil:
		return date, refuse(400, "start_date is not valid")
	case date.Before(now.Truncate(time.Second)) && b.RefusePastDates:
		return date, refuse(400, "start_date is in the past")
	case s.Override != "" && (several || s.State != activated) && !b.IgnoreBadOverrides:
		return date, refuse(400, "activation_email_override needs one user and the state ACTIVATED")
	}
	return date.Truncate(time.Second), nil
}

// parseDate parses an instant; one without a zone is in UTC (inferred).
func parseDate(text string) (time.Time, error) {
	if date, err := time.Parse(time.RFC3339, text); err == nil {
		return date.UTC(), nil
	}
	return time.Parse(zonelessFormat, text)
}

// listStates is GET /bulk/userstates.
func (x *exchange) listStates() {
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	filter, problem := x.filterV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	wanted := x.query().Get("userid")
	if status := cmp.Or(x.behavior.UnknownUserStatesStatus, http.StatusOK); status >= 300 && wanted != "" && x.org().users.ids[wanted] == nil {
		x.refuse(refuse(status, http.StatusText(status)))
		return
	}
	render := func(r stateRow) map[string]any { return r.render(x.behavior.ScheduledDateFormat) }
	rows := x.org().schedule.rows(func(id string) bool { return wanted == "" || id == wanted })
	if len(filter) > 0 {
		rows = slices.DeleteFunc(rows, func(r stateRow) bool { return !filter.matches(render(r)) })
	}
	listPage(x, rows, page, render)
}

// deleteStates is DELETE /bulk/userstates/{id}: the job with all its rows.
func (x *exchange) deleteStates() {
	id := x.request.PathValue("id")
	if x.org().schedule.cancel(id, x.now) {
		x.committed()
		x.WriteHeader(http.StatusNoContent)
		return
	}
	if status := cmp.Or(x.behavior.UnknownScheduleStatus, x.noSuch(id).status); status >= 300 {
		x.refuse(refuse(status, http.StatusText(status)))
	} else {
		x.WriteHeader(status)
	}
}

// nextEvents is GET /bulk/userstates/eventlist/next: for each user, in the order of the
// request, the first change to each state.
func (x *exchange) nextEvents() {
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	var users []string
	for _, list := range x.query()["users"] {
		users = append(users, listed(list)...)
	}
	switch users = unique(users); {
	case len(users) == 0:
		x.refuse(refuse(400, "users is required"))
		return
	case len(users) > mostEventUsers:
		x.refuse(refuse(400, "users must not be more than 100"))
		return
	}
	byUser := map[string][]stateRow{}
	for _, j := range x.org().schedule.pending { // in the order of due times
		for _, id := range j.pending {
			if slices.Contains(users, id) && !slices.ContainsFunc(byUser[id], func(r stateRow) bool { return r.job.state == j.state }) {
				byUser[id] = append(byUser[id], stateRow{j, id})
			}
		}
	}
	var rows []stateRow
	for _, id := range users {
		rows = append(rows, byUser[id]...)
	}
	results := []map[string]any{}
	for _, row := range cut(rows, page) {
		results = append(results, row.render(x.behavior.ScheduledDateFormat))
	}
	x.json(http.StatusOK, map[string]any{"events_count": len(rows), "results": results})
}

// unique returns the list without duplicates.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool {
		repeated := seen[id]
		seen[id] = true
		return repeated
	})
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
