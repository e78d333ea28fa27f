package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// quiet is how long nothing of a check may be seen before everything counts as removed: a
	// job under way may still create users, and lists may lag.
	quiet = 10 * time.Second
	// mostRounds is how often the removal is tried.
	mostRounds = 5
	pageSize   = 100
)

// sweep removes everything that this and earlier checks created, until two readings with a
// pause between them show nothing.
func (l *lab) sweep(ctx context.Context) error {
	calm := false
	for round := 0; ; round++ {
		if err := l.find(ctx); err != nil {
			return fmt.Errorf("cannot look for what checks created; try again with --clean: %w", err)
		}
		switch {
		case len(l.made) == 0 && calm:
			return nil
		case len(l.made) == 0:
			calm = true
		case round >= mostRounds:
			return l.leftOver()
		default:
			calm = false
			if err := l.clear(ctx); err != nil {
				return err
			}
		}
		if err := l.o.Sleep(ctx, quiet); err != nil {
			return err
		}
	}
}

func (l *lab) leftOver() error {
	var names []string
	for _, t := range l.made {
		names = append(names, t.name)
	}
	return fmt.Errorf("could not remove %s: remove them in the console, or try again with --clean", strings.Join(names, ", "))
}

// clear removes what checks are known to have created. What cannot be removed stays known. An
// error ends the check.
func (l *lab) clear(ctx context.Context) error {
	slices.SortStableFunc(l.made, func(a, b thing) int { return int(a.kind - b.kind) })
	var left []thing
	for i, t := range l.made {
		gone, err := l.remove(ctx, t)
		if _, passing := errors.AsType[unexpectedError](err); err != nil && !passing {
			l.made = append(left, l.made[i:]...)
			return err
		}
		if !gone {
			left = append(left, t)
		}
	}
	l.made = left
	return nil
}

// remove removes one object and reports whether it is gone. It checks answers that do not say
// so.
func (l *lab) remove(ctx context.Context, t thing) (gone bool, err error) {
	a, err := l.do(ctx, call{method: http.MethodDelete, path: t.kind.path() + "/" + t.id})
	if err != nil {
		return false, err
	}
	if a.fine() || a.status == http.StatusNotFound {
		return true, nil
	}
	if t.kind == schedules { // scheduled states cannot be read one by one
		rows, err := l.list(ctx, call{path: schedules.path()})
		return err == nil && !contains(rows, "scheduledJobId", t.id), err
	}
	a, err = l.do(ctx, call{path: t.kind.path() + "/" + t.id})
	return err == nil && a.status == http.StatusNotFound, err
}

// find adds marked objects to those that checks are known to have created.
func (l *lab) find(ctx context.Context) error {
	all, err := l.users(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{} // including users of others
	for _, user := range all {
		there[text(user, "_id")] = true
		if markedUser(user) {
			l.adopt(thing{users, text(user, "_id"), "user " + text(user, "username")})
		}
	}
	list, err := l.list(ctx, call{path: groups.path(), query: url.Values{"sort": {"name"}}})
	if err != nil {
		return err
	}
	for _, group := range list {
		if markedGroup(group) {
			l.adopt(thing{groups, text(group, "id"), "group " + text(group, "name")})
		}
	}
	return l.findSchedules(ctx, there)
}

// findSchedules finds the scheduled states of marked users, and those with the marked date
// whose user is gone.
func (l *lab) findSchedules(ctx context.Context, there map[string]bool) error {
	rows, err := l.list(ctx, call{path: schedules.path()})
	if err != nil {
		return err
	}
	for _, row := range rows {
		user := text(row, "systemUserId")
		ours := l.has(user)
		if !ours && !there[user] && isMarkedDate(text(row, "scheduledDate")) {
			a, err := l.do(ctx, call{path: users.path() + "/" + user})
			if err != nil {
				return err
			}
			ours = a.status == http.StatusNotFound
		}
		if ours {
			id := text(row, "scheduledJobId")
			l.adopt(thing{schedules, id, "scheduled state " + id})
		}
	}
	return nil
}

// adopt records an existing object of a check, even if it was removed before.
func (l *lab) adopt(t thing) {
	l.known[t.id] = true
	if !l.has(t.id) {
		l.made = append(l.made, t)
	}
}

// has reports whether an object with this id is still to be removed.
func (l *lab) has(id string) bool {
	return slices.ContainsFunc(l.made, func(t thing) bool { return t.id == id })
}

// users returns all users of the organization, with the fields of the mark.
func (l *lab) users(ctx context.Context) ([]object, error) {
	return l.list(ctx, call{path: users.path(), query: url.Values{"sort": {"_id"}, "fields": {"username email"}}})
}

// list reads all pages of a list.
func (l *lab) list(ctx context.Context, c call) (all []object, err error) {
	query := url.Values{}
	maps.Copy(query, c.query)
	query.Set("limit", strconv.Itoa(pageSize))
	c.query = query
	for {
		query.Set("skip", strconv.Itoa(len(all)))
		a, err := l.do(ctx, c)
		if err != nil {
			return nil, err
		}
		rows, isList := a.rows()
		if !a.fine() || !isList {
			return nil, unexpectedError{l.shown}
		}
		all = append(all, rows...)
		if len(rows) < pageSize {
			return all, nil
		}
	}
}
