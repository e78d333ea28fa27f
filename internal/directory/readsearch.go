package directory

import (
	"context"
	"errors"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// keySearch looks for the users of a Read's keys, in chunks of conditions.
type keySearch struct {
	read       *Read
	began      time.Time
	conditions []jumpcloud.Condition // that were not read to their end
	chunk      int                   // how many of them the reading is about
	reading    *reading[jumpcloud.User]
	incomplete bool
}

func newKeySearch(r *Read, began time.Time) *keySearch {
	s := &keySearch{read: r, began: began, conditions: r.keys.conditions()}
	s.reading = newSearch(s)
	return s
}

// visit receives a user who has one of the keys, or may have one.
func (s *keySearch) visit(user *jumpcloud.User) {
	if (unreadKeys(user) != 0 || s.read.keys.has(user)) && (user.ID == "" || s.read.position.seen.add(user.ID)) {
		s.read.visit(user)
	}
}

func (s *keySearch) restart() {}

// end ends a chunk.
func (s *keySearch) end(o outcome) {
	s.incomplete = s.incomplete || !o.complete
	s.conditions, s.chunk = s.conditions[s.chunk:], 0
	s.reading = newSearch(s)
}

func (s *keySearch) waitedFor() bool { return !s.read.isCancelled() }

// advance reads one page. If a server does not accept the conditions, it continues with fewer
// at a time, or with the list.
func (s *keySearch) advance(ctx context.Context, client *jumpcloud.Client, u *userReader) error {
	if len(s.conditions) == 0 {
		total, _ := u.count.get()
		result := Result{Began: s.began, Ended: time.Now(), Users: total, Complete: !s.incomplete}
		if result.Complete {
			u.answers.completed(result.Ended)
		}
		s.read.end(result)
		return nil
	}
	if s.chunk == 0 {
		s.chunk = min(len(s.conditions), u.size.next())
	}
	_, err := u.search(ctx, client, s.reading, s.conditions[:s.chunk])
	switch {
	case errors.Is(err, errTooLarge):
		s.chunk = 0
		return s.compare(u)
	case errors.Is(err, errUnfiltered):
		s.read.listInstead(u)
		return nil
	}
	return err
}

// compare replaces the search by the list if smaller searches take more requests.
func (s *keySearch) compare(u *userReader) error {
	if total, ok := u.count.get(); ok && u.size.requests(len(s.conditions)) > requestsFor(total, pageSize) {
		s.read.listInstead(u)
	}
	return nil
}
