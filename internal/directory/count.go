package directory

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// countAge is how long the number of users is accurate enough to choose between a list and a
// search, and for the guard's percentage.
const countAge = 10 * time.Minute

// errNoTotal is the error of a count if the answer has no total.
var errNoTotal = &jumpcloud.Error{
	Class: jumpcloud.Unavailable, Op: "UserPages", Method: http.MethodGet, Endpoint: "/systemusers", Err: errors.New("the number of users cannot be read"),
}

// userCount is the number of users.
type userCount struct {
	mu    sync.Mutex
	total int
	read  time.Time // zero: never
	known knownUser
}

// get returns the number of users, and whether it is fresh.
func (c *userCount) get() (total int, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total, !c.read.IsZero() && time.Since(c.read) < countAge
}

func (c *userCount) set(total int, seen knownUser) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total, c.read, c.known = total, time.Now(), seen
}

// expire makes the next call count again and find another known user.
func (c *userCount) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = time.Time{}
}

// asked returns the known user that searches ask for.
func (c *userCount) asked() knownUser {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

// total returns how many users the organization has, from a recent reading or by a request. If
// JumpCloud's number cannot be read, it returns the number in the latest list.
func (u *userReader) total(ctx context.Context, client *jumpcloud.Client) (int, error) {
	if total, fresh := u.count.get(); fresh {
		return total, nil
	}
	page, err := FirstPage(client.UserPages(ctx, jumpcloud.UserListOptions{Limit: 1, Fields: knownUserFields}))
	if err != nil {
		return 0, err
	}
	if page.TotalCount >= 0 {
		u.count.set(page.TotalCount, knownUserOf(page.Users...))
		return page.TotalCount, nil
	}
	if listed, ok := u.answers.listed(); ok {
		return listed, nil
	}
	return 0, errNoTotal
}
