package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// pageSize is what the client reads at once.
	pageSize = 100
	// countAge is how long the number of users is good enough to choose between
	// a listing and a search, and for the guard's percentage.
	countAge = 10 * time.Minute
)

type idSet map[string]struct{}

// add says whether the id is new to the set.
func (s idSet) add(id string) bool {
	if _, ok := s[id]; ok {
		return false
	}
	s[id] = struct{}{}
	return true
}

// users is what is shared of one organization's directory. One goroutine at a
// time has the turn and reads; the listing in flight belongs to it, and so do
// the reads in that listing.
type users struct {
	turn    chan struct{} // holds one value while nobody reads
	listing *listing

	mu        sync.Mutex
	waiting   []*Read // for the next listing
	total     int
	counted   time.Time // when total was read; zero: never
	completed time.Time // when a complete read ended last; zero: never
}

func newUsers() *users {
	u := &users{turn: make(chan struct{}, 1)}
	u.release()
	return u
}

// take waits for the turn. Whoever waits longer than a moment comes back in a
// later pass.
func (u *users) take(ctx context.Context) error {
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case <-u.turn:
		return nil
	case <-timer.C:
		return ErrReading
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (u *users) release() { u.turn <- struct{}{} }

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
	u.mu.Lock()
	total, fresh := u.total, time.Since(u.counted) < countAge
	u.mu.Unlock()
	if fresh {
		return total, nil
	}
	page, err := first(client.UserPages(ctx, jumpcloud.UserListOptions{Limit: 1, Fields: []string{"_id"}}))
	if err != nil {
		return 0, err
	}
	u.setTotal(page.TotalCount)
	return page.TotalCount, nil
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
