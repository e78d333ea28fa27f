package directory

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Users reads the users of one organization. It is safe for concurrent use.
type Users struct {
	shared *users
	client func() *jumpcloud.Client
}

// Read registers a reading of the users that begins after this call: what it sees is newer
// than now. Advance carries it out, by listing all users or, if the keys are fewer than the
// pages of that list and no other caller makes the list worth its cost, by searching for them.
//
// visit is called once for each distinct user: in a list for every user of the organization,
// and in a search for those who have one of the keys and those for whom that cannot be read. A
// user without an id may be visited twice. The user holds all attributes; others may hold it
// too, so it must not be changed. Calls come from whichever goroutine advances the list that
// the Read shares, one at a time, and all of them before Advance returns nil. Until then, the
// caller must not look at what visit collects.
func (u *Users) Read(keys Keys, visit func(*jumpcloud.User)) *Read {
	r := &Read{users: u, keys: newKeySet(keys), visit: visit, position: position{registered: time.Now(), seen: idSet{}}}
	u.shared.waiting.addRead(r)
	return r
}

// Resolve returns who the references are, from readings that all began at newerThan or later:
// the zero time accepts any reading, and a time in the future means now. A list or a search
// that is new enough answers without a request, whichever caller it was made for. Otherwise
// the users are searched for, together with those that others ask for at the same time, or all
// users are listed if that is cheaper.
//
// Resolve reads for about a second and then returns ErrReading; it returns ErrReading at once
// if another call reads the same list. Repeat the call in a later pass, with the same
// newerThan. After other errors, repeating it also continues the reading, except after
// ErrIncomplete, when it begins a new one. ErrUnreadable says that a reference that was not
// found may be a user whose record cannot be read.
func (u *Users) Resolve(ctx context.Context, refs []v1alpha1.UserReference, newerThan time.Time) (*Resolution, error) {
	q := newQuery(refs, notAfter(newerThan, time.Now()))
	leave := u.shared.waiting.addQuery(q)
	defer leave()
	candidate := u.shared.leader.candidate()
	defer candidate.stop()
	client := u.client()
	answered := func() (*Resolution, bool) { return u.shared.answers.resolve(q) }
	resolution, err := await(slice, answered, func() error {
		return u.shared.reader.do(ctx, func(reader *userReader) error {
			if _, ok := answered(); ok {
				return nil // another call has read it in the meantime
			}
			return reader.advance(ctx, client, q, candidate)
		})
	})
	if err == nil && resolution.unknown {
		return nil, ErrUnreadable
	}
	return resolution, err
}

// Count returns how many users the organization has, as JumpCloud said at most 10 minutes ago.
// It makes a request if no call did since then, and returns ErrReading if others are reading
// for longer than lockWait.
func (u *Users) Count(ctx context.Context) (total int, err error) {
	total, fresh := u.shared.count.get()
	if fresh {
		return total, nil
	}
	err = u.shared.reader.do(ctx, func(reader *userReader) (err error) {
		total, err = reader.total(ctx, u.client())
		return err
	})
	return total, err
}

// users is the shared state about one organization's users.
type users struct {
	reader  exclusive[userReader]
	leader  leader // among the calls of Resolve
	waiting waiting
	answers answers
	count   userCount
	waiters waiters

	gathering gathering
}

func newUsers() *users {
	u := &users{
		waiting:   waiting{queries: map[*query]struct{}{}},
		answers:   answers{found: map[v1alpha1.UserReference]answer{}},
		gathering: gathering{followers: map[*following]struct{}{}, wanting: map[*following]time.Time{}},
		waiters:   waiters{of: map[v1alpha1.UserReference]map[*Waiter]struct{}{}, due: map[*Waiter]struct{}{}},
	}
	u.reader = newExclusive(&userReader{users: u})
	return u
}

// userReader belongs to the goroutine that makes the next request about users, and with it the
// position of every Read.
type userReader struct {
	*users
	list     inFlight[jumpcloud.User]
	searches searchLog
	size     searchSize
}
