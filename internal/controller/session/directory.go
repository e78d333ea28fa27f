package session

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxDrive is how long one Advance reads, so that a long listing lets other
// objects work.
const maxDrive = 10 * time.Second

// Directory reads the users of one organization. All sessions of the
// organization share its listings, however many objects ask. It is safe for
// concurrent use.
type Directory struct {
	session *Session
	users   *users
}

// Keys are the users that somebody wants to know about, by their unique
// values. Empty values are left out. No keys at all means every user.
type Keys struct {
	// Usernames are compared without case: names that differ only in case are
	// found too.
	Usernames []string
	// Emails are compared without case.
	Emails []string
	// EmployeeIdentifiers and IDs are compared with case.
	EmployeeIdentifiers, IDs []string
}

// Result is what a Read turned out to be.
type Result struct {
	// Began is before the first request and after the call of Directory.Read;
	// Ended is after the last answer.
	Began, Ended time.Time
	// Users is how many users the organization has, as far as known; at most
	// 10 minutes old.
	Users int
	// Complete says that no user of the keys can have been missed: only then is
	// absence proved, and only by unique values of a kind that could be read of
	// all users who were visited (see jumpcloud.User.Unread).
	Complete bool
}

// Read registers a reading of the directory that begins after this call: what
// it sees is newer than now. Advance carries it out, by listing all users or,
// if the keys are fewer than the pages of that list and nobody else makes the
// list worth its cost, by searching for them.
//
// visit is called once for each distinct user: for every user of the
// organization in a listing, for those with one of the keys in a search, and for
// those of whom that cannot be read. Who has no id may be visited twice. The
// user holds all attributes; others may hold it too, so it must not be
// changed. Calls come from whichever goroutine advances the listing that the
// read shares, one at a time, and all of them before Advance returns nil.
// Until then, the caller must not look at what visit collects.
func (d *Directory) Read(keys Keys, visit func(*jumpcloud.User)) *Read {
	r := &Read{directory: d, registered: time.Now(), keys: newKeySet(keys), visit: visit, seen: idSet{}}
	d.users.register(r)
	return r
}

// Count returns how many users the organization has, as JumpCloud said at most
// 10 minutes ago. It makes a request if nobody asked since then, and returns
// ErrReading if others are reading for longer than a moment.
func (d *Directory) Count(ctx context.Context) (int, error) {
	total, fresh := d.users.knownTotal()
	if fresh {
		return total, nil
	}
	err := d.users.turn.do(ctx, func() (err error) {
		total, err = d.users.count(ctx, d.session.current())
		return err
	})
	return total, err
}

// Read is one reading of the directory. Its methods are for one goroutine at
// a time, but for Cancel.
type Read struct {
	directory  *Directory
	registered time.Time
	keys       *keySet
	visit      func(*jumpcloud.User)
	cancelled  atomic.Bool

	// What follows belongs to whoever has the turn of directory.users.
	decided bool // between a listing and a search
	search  *search
	seen    idSet // users of the search that were visited
	ended   bool
	result  Result
}

// Advance reads until the read has ended, and then returns nil. With an error
// it keeps its position: call Advance again, in a later pass after a
// RateLimited error or ErrReading.
func (r *Read) Advance(ctx context.Context) error {
	client := r.directory.session.current()
	return inSlices(maxDrive, func() (done bool, err error) {
		err = r.directory.users.turn.do(ctx, func() error {
			err := r.step(ctx, client)
			done = r.isOver()
			return err
		})
		return done, err
	})
}

// Cancel tells that nobody waits for the read any more. A call of visit that
// is under way is the last one. A listing that nobody waits for is not read on.
func (r *Read) Cancel() { r.cancelled.Store(true) }

// Result tells what the read was, once Advance has returned nil.
func (r *Read) Result() Result { return r.result }

// isOver says that there is nothing left to do.
func (r *Read) isOver() bool { return r.ended || r.cancelled.Load() }

// step makes one request or two.
func (r *Read) step(ctx context.Context, client *jumpcloud.Client) error {
	if r.isOver() {
		return nil
	}
	if !r.decided {
		if err := r.decide(ctx, client); err != nil {
			return err
		}
	}
	if r.search != nil {
		return r.advanceSearch(ctx, client)
	}
	_, err := r.directory.users.readOn(ctx, client, r.directory.users.currentListing())
	return err
}

// decide chooses between a listing and a search.
func (r *Read) decide(ctx context.Context, client *jumpcloud.Client) error {
	if r.keys.rows > 0 {
		began, u := time.Now(), r.directory.users
		list, err := u.prefersListing(ctx, client, r.keys.rows, r.registered)
		if err != nil {
			return err
		}
		if !list {
			u.unregister(r)
			r.search = &search{chunks: r.keys.conditions(), walk: newUserWalk()}
			r.result.Began = began
		}
	}
	r.decided = true
	return nil
}

// end notes the result.
func (r *Read) end(result Result) {
	r.result, r.ended = result, true
}
