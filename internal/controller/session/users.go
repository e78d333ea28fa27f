package session

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// pageSize is what the client reads at once.
	pageSize = 100
	// countAge is how long the number of users is good enough to choose between
	// a listing and a search, and for the guard's percentage.
	countAge = 10 * time.Minute
)

// errNoTotal is that of a count whose answer has none.
var errNoTotal = &jumpcloud.Error{
	Class: jumpcloud.Unavailable, Op: "UserPages", Method: http.MethodGet, Endpoint: "/systemusers", Err: errors.New("the number of users cannot be read"),
}

// users is what is shared of one organization's directory.
type users struct {
	turn  turn
	wheel sync.Mutex // of the listing, among queries
	// What follows belongs to whoever has the turn, as do the reads that are in
	// the listing.
	listing  *listing
	searches []time.Time // when the latest searches began, oldest first
	refused  time.Time   // when the server last refused a search; zero: never

	mu        sync.Mutex
	waiting   []*Read // for the next listing
	queries   map[*query]struct{}
	answers   map[v1alpha1.UserReference]answer // of searches, and about who is missing
	waiters   map[v1alpha1.UserReference]map[*Waiter]struct{}
	due       map[*Waiter]struct{} // to be woken when the present reading has ended
	snapshot  *snapshot            // nil: there was no complete listing
	total     int
	counted   time.Time // when total was read; zero: never
	completed time.Time // when a complete read ended last; zero: never
	// unreadable is how many records of the snapshot could not be read in full.
	unreadable int
}

func newUsers() *users {
	return &users{
		turn: newTurn(), queries: map[*query]struct{}{}, answers: map[v1alpha1.UserReference]answer{},
		waiters: map[v1alpha1.UserReference]map[*Waiter]struct{}{}, due: map[*Waiter]struct{}{},
	}
}

func (u *users) register(r *Read) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waiting = append(u.waiting, r)
}

// unregister takes a read out of the next listing.
func (u *users) unregister(r *Read) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waiting = slices.DeleteFunc(u.waiting, func(other *Read) bool { return other == r })
}

// count returns how many users the organization has, from a read that is not
// old or else by a request.
func (u *users) count(ctx context.Context, client *jumpcloud.Client) (int, error) {
	if total, fresh := u.knownTotal(); fresh {
		return total, nil
	}
	page, err := FirstPage(client.UserPages(ctx, jumpcloud.UserListOptions{Limit: 1, Fields: []string{"_id"}}))
	if err != nil {
		return 0, err
	}
	if page.TotalCount < 0 {
		return u.lastTotal()
	}
	u.setTotal(page.TotalCount)
	return page.TotalCount, nil
}

// lastTotal is the number of users where JumpCloud's cannot be read: as many as
// the latest list had.
func (u *users) lastTotal() (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.snapshot == nil {
		return 0, errNoTotal
	}
	return len(u.snapshot.people), nil
}

// unread returns how many records of the latest list could not be read in full,
// and whether there was one.
func (u *users) unread() (records int, known bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.unreadable, u.snapshot != nil
}

// knownTotal returns the number of users, and whether it is fresh.
func (u *users) knownTotal() (total int, fresh bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.total, !u.counted.IsZero() && time.Since(u.counted) < countAge
}

func (u *users) setTotal(total int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total, u.counted = total, time.Now()
}

// complete notes the end of a complete read.
func (u *users) complete(ended time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.completed = ended
}

// age returns how long ago a complete read ended, and whether there was one.
func (u *users) age() (time.Duration, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return time.Since(u.completed), !u.completed.IsZero()
}
