package directory

import (
	"context"
	"errors"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// keySearch looks for the users of a Read's keys, a chunk of conditions at a time.
type keySearch struct {
	read       *Read
	began      time.Time
	chunks     [][]jumpcloud.Condition // that were not read to their end
	reading    *reading[jumpcloud.User]
	incomplete bool
}

func newKeySearch(r *Read, began time.Time) *keySearch {
	s := &keySearch{read: r, began: began, chunks: r.keys.conditions()}
	s.reading = newSearch(s)
	return s
}

// visit takes a user who has one of the keys, or may have.
func (s *keySearch) visit(user *jumpcloud.User) {
	if (unreadKeys(user) != 0 || s.read.keys.has(user)) && (user.ID == "" || s.read.position.seen.add(user.ID)) {
		s.read.visit(user)
	}
}

func (s *keySearch) restart() {}

// end ends a chunk.
func (s *keySearch) end(o outcome) {
	s.incomplete = s.incomplete || !o.complete
	s.chunks = s.chunks[1:]
	s.reading = newSearch(s)
}

func (s *keySearch) waitedFor() bool { return !s.read.isCancelled() }

// advance reads one page. A server that does not understand the filters is asked
// for the list instead.
func (s *keySearch) advance(ctx context.Context, client *jumpcloud.Client, u *userReader) error {
	if len(s.chunks) == 0 {
		total, _ := u.count.get()
		result := Result{Began: s.began, Ended: time.Now(), Users: total, Complete: !s.incomplete}
		if result.Complete {
			u.answers.completed(result.Ended)
		}
		s.read.end(result)
		return nil
	}
	_, err := u.search(ctx, client, s.reading, s.chunks[0])
	if errors.Is(err, errUnfiltered) {
		s.read.listInstead(u)
		return nil
	}
	return err
}
