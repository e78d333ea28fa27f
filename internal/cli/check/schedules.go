package check

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// scheduleProbes are about scheduled states.
var scheduleProbes = group{
	title: "scheduled states", makes: "3 users, 5 scheduled states",
	probes: []probe{
		{"scheduledDateFormat", "", "a state is scheduled", dateFormat},
		{"nextEventsIgnoreOrgHeader", false, "eventlist/next with x-org-id", nextEvents},
		{"unknownScheduleStatus", http.StatusNotFound, "a scheduled state is deleted twice", unknownSchedule},
		{"unknownUserStatesStatus", http.StatusOK, "the states of a user who does not exist", unknownUserStates},
		{"unknownScheduledUserStatus", http.StatusNotFound, "a state of two users, one of whom does not exist", unknownScheduledUser},
		{"ignoreBadOverrides", false, "a suspension with activation_email_override", badOverride},
		{"keepStatesOfDeletedUsers", false, "a user with a scheduled state is deleted", keepStates},
		{"scheduleLatency", nil, "a state scheduled in a few seconds", scheduleLatency},
		{"refusePastDates", false, "a state scheduled in the year 2020", pastDate},
	},
}

// suspend returns the call that schedules a suspension, with extra members.
func suspend(date string, extra object, ids ...string) call {
	body := object{"user_ids": ids, "state": "SUSPENDED", "start_date": date}
	maps.Copy(body, extra)
	return call{method: http.MethodPost, path: schedules.path(), body: body}
}

// scheduled schedules a suspension of a user that is not meant to happen, and returns the
// user's id and the row of the answer.
func (l *lab) scheduled(ctx context.Context, user string) (id string, row object, err error) {
	if id, err = l.user(ctx, user, nil); err != nil {
		return "", nil, err
	}
	a, err := l.must(ctx, suspend(markedDate(l.o.Now()), nil, id))
	if err != nil {
		return "", nil, err
	}
	rows, _ := a.rows()
	if len(rows) == 0 {
		return "", nil, unseenError("the answer has no rows")
	}
	return id, rows[0], nil
}

func dateFormat(ctx context.Context, l *lab) (any, error) {
	_, row, err := l.scheduled(ctx, "states")
	if err != nil {
		return nil, err
	}
	date := text(row, "scheduledDate")
	l.show("%s %s", l.shown, date)
	for format, layout := range map[string]string{
		"": "2006-01-02T15:04:05Z", "milliseconds": "2006-01-02T15:04:05.000Z", "zoneless": "2006-01-02T15:04:05",
	} {
		if parsed, err := time.Parse(layout, date); err == nil && parsed.Format(layout) == date {
			return format, nil
		}
	}
	return nil, unseenError("the date has an unknown format: " + date)
}

// nextEvents looks for an event that another organization would not have.
func nextEvents(ctx context.Context, l *lab) (any, error) {
	if len(l.visible) < 2 {
		return nil, unseenError("the key has access to only one organization")
	}
	id, row, err := l.scheduled(ctx, "states")
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, call{path: schedules.path() + "/eventlist/next", query: url.Values{"users": {id}, "limit": {"100"}}})
	if err != nil {
		return nil, err
	}
	rows, _ := a.rows()
	switch {
	case !contains(rows, "systemUserId", text(row, "systemUserId")):
		return true, nil
	case l.visible[0] == l.o.OrganizationID:
		return nil, unseenError("the organization is the first that the key has access to, so the answer is the same in either case")
	}
	return false, nil
}

func unknownSchedule(ctx context.Context, l *lab) (any, error) {
	_, row, err := l.scheduled(ctx, "states")
	if err != nil {
		return nil, err
	}
	c := call{method: http.MethodDelete, path: schedules.path() + "/" + text(row, "scheduledJobId")}
	if _, err := l.must(ctx, c); err != nil {
		return nil, err
	}
	return l.status(ctx, c)
}

func unknownUserStates(ctx context.Context, l *lab) (any, error) {
	nobody, err := l.nobody(ctx)
	if err != nil {
		return nil, err
	}
	return l.status(ctx, call{path: schedules.path(), query: url.Values{"userid": {nobody}}})
}

func unknownScheduledUser(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "states", nil)
	if err != nil {
		return nil, err
	}
	nobody, err := l.nobody(ctx)
	if err != nil {
		return nil, err
	}
	return l.status(ctx, suspend(markedDate(l.o.Now()), nil, id, nobody))
}

func badOverride(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "states", nil)
	if err != nil {
		return nil, err
	}
	plain := suspend(markedDate(l.o.Now()), nil, id)
	refused, err := l.refuses(ctx, suspend(markedDate(l.o.Now()), object{"activation_email_override": l.email("states")}, id), &plain)
	return !refused, err
}

func keepStates(ctx context.Context, l *lab) (any, error) {
	id, row, err := l.scheduled(ctx, "leaver")
	if err != nil {
		return nil, err
	}
	if _, err := l.must(ctx, call{method: http.MethodDelete, path: users.path() + "/" + id}); err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, call{path: schedules.path()})
	kept := contains(rows, "scheduledJobId", text(row, "scheduledJobId"))
	l.show("listed after the deletion: %t", kept)
	return kept, err
}

// scheduleLatency relies on both clocks being correct.
func scheduleLatency(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "due", object{"state": "ACTIVATED"})
	if err != nil {
		return nil, err
	}
	date := l.o.Now().UTC().Truncate(time.Second).Add(3 * time.Second)
	if _, err := l.must(ctx, suspend(date.Format(time.RFC3339), nil, id)); err != nil {
		return nil, err
	}
	if err := l.o.Sleep(ctx, date.Sub(l.o.Now())); err != nil {
		return nil, err
	}
	return l.lag(ctx, func() (bool, error) {
		user, err := l.get(ctx, users, id)
		return text(user, "state") == "SUSPENDED", err
	})
}

func pastDate(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "states", nil)
	if err != nil {
		return nil, err
	}
	plain := suspend(markedDate(l.o.Now()), nil, id)
	return l.refuses(ctx, suspend("2020-01-01T00:00:00Z", nil, id), &plain)
}
