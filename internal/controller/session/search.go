package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// search looks for the users of a read's keys, a chunk of conditions at a time.
type search struct {
	chunks     [][]jumpcloud.Condition
	done       int // chunks read to their end
	incomplete bool
	attempt
	restarted bool
}

// advanceSearch reads chunks until the search has ended or the time is up. A
// server that does not understand the filters is asked for the list instead.
func (r *Read) advanceSearch(ctx context.Context, client *jumpcloud.Client, until time.Time) error {
	s := r.search
	if s.done == len(s.chunks) {
		r.endSearch()
		return nil
	}
	chunk := s.chunks[s.done]
	if s.seen == nil {
		s.attempt = newAttempt()
	}
	for !s.ended {
		if s.next > 0 && time.Now().After(until) {
			return ErrReading
		}
		page, err := first(client.SearchUserPages(ctx, jumpcloud.UserSearch{AnyOf: chunk, Skip: s.skip()}))
		if refusesFilters(err) || err == nil && ignoresFilters(page, chunk) {
			r.listInstead()
			return nil
		}
		if err != nil {
			return err
		}
		s.take(page)
		r.found(page)
	}
	if !s.consistent() {
		if !s.restarted {
			s.attempt, s.restarted = attempt{}, true
			return nil
		}
		s.incomplete = true
	}
	s.attempt, s.restarted = attempt{}, false
	s.done++
	return nil
}

// found visits the users of a page who have one of the keys.
func (r *Read) found(page *jumpcloud.UserPage) {
	for i := range page.Users {
		if user := &page.Users[i]; r.keys.has(user) && r.seen.add(user.ID) {
			r.visit(user)
		}
	}
}

func (r *Read) endSearch() {
	u := r.directory.users
	u.mu.Lock()
	total := u.total
	u.mu.Unlock()
	result := Result{Began: r.result.Began, Ended: time.Now(), Users: total, Complete: !r.search.incomplete}
	if result.Complete {
		u.complete(result.Ended)
	}
	r.end(result)
}

// listInstead gives the search up for a listing, which begins after this. Who
// was visited is not visited again.
func (r *Read) listInstead() {
	r.search = nil
	r.directory.users.register(r)
}

// refusesFilters says that the server refused the search as such.
func refusesFilters(err error) bool {
	if err == nil || jumpcloud.ClassOf(err) != jumpcloud.Refused {
		return false
	}
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	return ok && remote.StatusCode != http.StatusForbidden
}

// ignoresFilters says that the server found more users than the conditions can
// mean: each value is unique, but for usernames that differ in case.
func ignoresFilters(page *jumpcloud.UserPage, chunk []jumpcloud.Condition) bool {
	return page.TotalCount > 2*len(chunk)
}
