package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// prefersListing chooses the cheaper way to read about so many users for
// somebody who needs it newer than a time: few users in a large directory are
// searched for. But searches that have cost, in requests, what a list costs,
// would all have been answered by it: so a list is read as soon as the
// searches since that time and those that are waited for cost more. Earlier
// searches do not count: a list that began in their place would be too old.
func (u *users) prefersListing(ctx context.Context, client *jumpcloud.Client, wanted int, newerThan time.Time) (bool, error) {
	total, err := u.count(ctx, client)
	if errors.Is(err, errNoTotal) {
		return true, nil // The list tells how many they are.
	}
	if err != nil {
		return false, err
	}
	pages := requestsFor(total, pageSize)
	refused := !u.refused.IsZero() && !u.refused.Before(newerThan)
	return wanted >= pages || refused || u.spentSince(newerThan, pages)+u.demand() > pages, nil
}

// searched notes that a request was spent on a search.
func (u *users) searched(at time.Time) { u.searches = append(u.searches, at) }

// spentSince counts the searches that began at a time or later, up to a bound.
// What is beyond the bound is forgotten.
func (u *users) spentSince(since time.Time, bound int) int {
	u.searches = u.searches[max(0, len(u.searches)-bound-1):]
	at := slices.IndexFunc(u.searches, func(t time.Time) bool { return !t.Before(since) })
	if at < 0 {
		return 0
	}
	return len(u.searches) - at
}

// demand is how many requests the searches would take that are waited for.
func (u *users) demand() int {
	requests := requestsFor(len(u.outstanding()), chunkSize)
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.waiting {
		if !r.cancelled.Load() {
			requests += requestsFor(r.keys.size(), chunkSize)
		}
	}
	return requests
}

// requestsFor is how many requests take so many records or conditions.
func requestsFor(n, each int) int { return (n + each - 1) / each }
