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
	walk       *walk[jumpcloud.User] // through what the next chunk finds
}

// advanceSearch reads one page. A server that does not understand the filters
// is asked for the list instead.
func (r *Read) advanceSearch(ctx context.Context, client *jumpcloud.Client) error {
	s := r.search
	if s.done == len(s.chunks) {
		r.endSearch()
		return nil
	}
	chunk, began := s.chunks[s.done], time.Now()
	page, err := FirstPage(client.SearchUserPages(ctx, jumpcloud.UserSearch{AnyOf: chunk, Skip: s.walk.skip()}))
	if refusesFilters(err) || err == nil && ignoresFilters(page, chunk) {
		r.listInstead()
		return nil
	}
	if err != nil {
		return err
	}
	r.directory.users.searched(began)
	switch s.walk.take(pageOf(page), func(user *jumpcloud.User) { r.found(user, began) }) {
	case incomplete:
		s.incomplete = true
		fallthrough
	case complete:
		s.walk = newUserWalk()
		s.done++
	case underWay, again:
	}
	return nil
}

// found visits a user who has one of the keys, or may have.
func (r *Read) found(user *jumpcloud.User, asked time.Time) {
	r.directory.users.sight(user, asked)
	if (unreadKeys(user) != 0 || r.keys.has(user)) && (user.ID == "" || r.seen.add(user.ID)) {
		r.visit(user)
	}
}

func (r *Read) endSearch() {
	u := r.directory.users
	total, _ := u.knownTotal()
	result := Result{Began: r.result.Began, Ended: time.Now(), Users: total, Complete: !r.search.incomplete}
	if result.Complete {
		u.complete(result.Ended)
	}
	r.end(result)
	u.wake()
}

// listInstead gives the search up for a listing, which begins after this. Who
// was visited is not visited again.
func (r *Read) listInstead() {
	r.search = nil
	r.directory.users.refused = time.Now()
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
	return max(page.TotalCount, len(page.Users)) > 2*len(chunk)
}
