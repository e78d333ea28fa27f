package directory

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// readSlice is how long one Advance reads, so that other objects are served during a long
// list.
const readSlice = 10 * time.Second

// Result describes a Read that has ended.
type Result struct {
	// Began is before the first request and after the call of Users.Read; Ended is after the
	// last answer.
	Began, Ended time.Time
	// Users is how many users the organization has, as far as known; at most 10 minutes old.
	Users int
	// Complete says that no user with one of the keys can have been missed. Only then is
	// absence proved, and only by kinds of unique values that could be read for all users who
	// were visited (see jumpcloud.User.Unread).
	Complete bool
}

// Read is one reading of full records of users. Its methods are for one goroutine at a time,
// except Cancel.
type Read struct {
	users     *Users
	keys      *keySet
	visit     func(*jumpcloud.User)
	shared    int // how many others a list would answer before they ask
	cancelled atomic.Bool
	result    atomic.Pointer[Result] // nil before the end
	position  position
}

// position is the position of a Read. It belongs to the goroutine that the userReader is lent
// to, which may be that of another caller.
type position struct {
	registered time.Time
	decided    bool // whether to list or to search
	search     *keySearch
	seen       idSet // users of the search that were visited
}

// Advance reads until the Read has ended, and then returns nil. If it returns an error, it
// keeps its position: call Advance again, in a later pass after a RateLimited error or
// ErrReading.
func (r *Read) Advance(ctx context.Context) error {
	client := r.users.client()
	ended := func() (*Result, bool) {
		result := r.result.Load()
		return result, result != nil
	}
	_, err := await(readSlice, ended, func() error {
		return r.users.shared.reader.do(ctx, func(u *userReader) error { return r.step(ctx, client, u) })
	})
	return err
}

// Cancel says that no caller waits for the Read any more. A call of visit that is under way is
// the last one. A list that no caller waits for is not continued.
func (r *Read) Cancel() { r.cancelled.Store(true) }

func (r *Read) isCancelled() bool { return r.cancelled.Load() }

// Result returns the result of the Read, once Advance has returned nil.
func (r *Read) Result() Result {
	if result := r.result.Load(); result != nil {
		return *result
	}
	return Result{}
}

func (r *Read) end(result Result) { r.result.Store(&result) }

// step makes one or two requests.
func (r *Read) step(ctx context.Context, client *jumpcloud.Client, u *userReader) error {
	switch {
	case r.result.Load() != nil:
		return nil // another call has read it in the meantime
	case r.isCancelled():
		r.end(Result{})
		return nil
	}
	if err := r.decide(ctx, client, u); err != nil {
		return err
	}
	if r.position.search != nil {
		return r.position.search.advance(ctx, client, u)
	}
	u.list.ensure(r.position.registered, u.newList)
	_, err := u.list.step(ctx, u.sighting(listUsers(client)))
	return err
}

// decide chooses between a list and a search, once.
func (r *Read) decide(ctx context.Context, client *jumpcloud.Client, u *userReader) error {
	if r.position.decided {
		return nil
	}
	if r.keys.size() > 0 {
		began := time.Now()
		list, err := u.prefersList(ctx, client, r.shared, r.position.registered)
		if err != nil {
			return err
		}
		if !list {
			u.waiting.removeRead(r)
			r.position.search = newKeySearch(r, began)
		}
	}
	r.position.decided = true
	return nil
}

// listInstead replaces the search by a list that begins after this call. Users who were
// visited are not visited again.
func (r *Read) listInstead(u *userReader) {
	r.position.search, r.position.registered = nil, time.Now()
	u.waiting.addRead(r)
}
