package directory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// prefersList reports whether a list takes fewer requests than a search to read the
// outstanding users, for a caller that needs them newer than newerThan. If both cost the same,
// it prefers the list, which answers others too. Searches that have cost what a list costs
// would all have been answered by it: so a list is read as soon as the searches since
// newerThan and those that are waited for cost more. Earlier searches do not count: a list
// that began in their place would be too old.
//
// If shared, the number of references or Followers that a list would serve, is at least the
// number of the list's pages, the list is read: it answers all others who ask.
func (u *userReader) prefersList(ctx context.Context, client *jumpcloud.Client, shared int, newerThan time.Time) (bool, error) {
	total, err := u.total(ctx, client)
	if errors.Is(err, errNoTotal) {
		return true, nil // the list shows how many there are
	}
	if err != nil {
		return false, err
	}
	pages := requestsFor(total, pageSize)
	if shared >= pages || u.searches.refusedSince(newerThan) {
		return true, nil
	}
	demand := u.size.requests(len(u.outstanding())) + u.waiting.searches(&u.size)
	return demand >= pages || u.searches.since(newerThan, pages)+demand > pages, nil
}

// requestsFor returns how many requests n records or conditions take.
func requestsFor(n, each int) int { return (n + each - 1) / each }

// searchLog records what searches have cost.
type searchLog struct {
	began   []time.Time // when the latest searches began, oldest first
	refused time.Time   // when the server last refused a search; zero: never
}

func (l *searchLog) add(began time.Time) { l.began = append(l.began, began) }

// since counts the searches that began at the given time or later, up to a bound. It forgets
// searches beyond the bound.
func (l *searchLog) since(at time.Time, bound int) int {
	l.began = l.began[max(0, len(l.began)-bound-1):]
	first := slices.IndexFunc(l.began, func(t time.Time) bool { return !t.Before(at) })
	if first < 0 {
		return 0
	}
	return len(l.began) - first
}

// refusedSince reports whether the server refused a search at the given time or later.
func (l *searchLog) refusedSince(at time.Time) bool {
	return !l.refused.IsZero() && !l.refused.Before(at)
}
