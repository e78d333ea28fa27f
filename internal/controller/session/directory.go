package session

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// turnWait is how long Advance waits for somebody else who is reading.
	turnWait = 2 * time.Second
	// maxDrive is how long one Advance reads: a worker that lists 100,000 users
	// would keep other organizations waiting for minutes.
	maxDrive = 10 * time.Second
	// ReadingDelay is a good time to wait after ErrReading.
	ReadingDelay = time.Second
)

// ErrReading says that a read is under way and has not ended: somebody else is
// at it, or it takes longer than one Advance may. It goes on where it is with
// the next Advance.
var ErrReading = errors.New("the organization's users are still being read")

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
	// absence proved.
	Complete bool
}

// Read registers a reading of the directory that begins after this call: what
// it sees is newer than now. Advance carries it out, by listing all users or,
// if the keys are fewer than the pages of that list, by searching for them.
//
// visit is called once for each distinct user: for every user of the
// organization in a listing, for those with one of the keys in a search. The
// user holds all attributes; others may hold it too, so it must not be
// changed. Calls come from whichever goroutine advances the listing that the
// read shares, one at a time, and all of them before Advance returns nil.
// Until then, the caller must not look at what visit collects.
func (d *Directory) Read(keys Keys, visit func(*jumpcloud.User)) *Read {
	r := &Read{directory: d, keys: newKeySet(keys), visit: visit, seen: idSet{}}
	d.users.register(r)
	return r
}

// client returns the present client of the session's Organization object, as
// long as it leads to the same organization: a read outlives a rotation of
// credentials.
func (d *Directory) client() *jumpcloud.Client {
	if current, ok := d.session.pool.Get(d.session.Organization); ok && current.remote.key == d.session.remote.key {
		return current.Client
	}
	return d.session.Client
}

// Read is one reading of the directory. Its methods are for one goroutine at
// a time, but for Cancel.
type Read struct {
	directory *Directory
	keys      *keySet
	visit     func(*jumpcloud.User)
	cancelled atomic.Bool

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
	if err := r.directory.users.take(ctx); err != nil {
		return err
	}
	defer r.directory.users.release()
	client, until := r.directory.client(), time.Now().Add(maxDrive)
	for !r.ended && !r.cancelled.Load() {
		if err := r.step(ctx, client, until); err != nil {
			return err
		}
	}
	return nil
}

// Cancel tells that nobody waits for the read any more. A call of visit that
// is under way is the last one. A listing that nobody waits for is not read on.
func (r *Read) Cancel() { r.cancelled.Store(true) }

// Result tells what the read was, once Advance has returned nil.
func (r *Read) Result() Result { return r.result }

// step makes one request or several.
func (r *Read) step(ctx context.Context, client *jumpcloud.Client, until time.Time) error {
	if !r.decided {
		return r.decide(ctx, client)
	}
	if r.search != nil {
		return r.advanceSearch(ctx, client, until)
	}
	return r.directory.users.advanceListing(ctx, client, until)
}

// decide chooses the cheaper way to read: fewer keys than pages are searched for.
func (r *Read) decide(ctx context.Context, client *jumpcloud.Client) error {
	if r.keys.rows > 0 {
		began := time.Now()
		total, err := r.directory.users.count(ctx, client)
		if err != nil {
			return err
		}
		if pages := (total + pageSize - 1) / pageSize; r.keys.rows < pages {
			r.directory.users.unregister(r)
			r.search = &search{chunks: r.keys.conditions()}
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
