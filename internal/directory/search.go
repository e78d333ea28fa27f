package directory

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

var (
	// errUnfiltered says that the server does not understand the filters of a search: the list
	// is read instead.
	errUnfiltered = errors.New("the server does not filter users")
	// errTooLarge says that the server does not accept so many conditions: a smaller search is
	// worth a try.
	errTooLarge = errors.New("the server does not take so many conditions")
)

// newSearch returns a reading of the results of a search.
func newSearch(found consumer[jumpcloud.User]) *reading[jumpcloud.User] {
	return &reading[jumpcloud.User]{began: time.Now(), cursor: newUserCursor(), consumer: found}
}

// search reads one page of the results of a search.
func (u *userReader) search(
	ctx context.Context, client *jumpcloud.Client, r *reading[jumpcloud.User], conditions []jumpcloud.Condition,
) (progress, error) {
	began := time.Now()
	way, err := r.step(ctx, u.sighting(searchUsers(client, conditions, u.count.asked())))
	switch {
	case err == nil:
		u.size.accept(len(conditions))
		u.searches.add(began)
		if way != underWay {
			u.waiters.wake()
		}
	case errors.Is(err, errTooLarge) && u.size.refuse(len(conditions)):
		return way, errTooLarge
	case errors.Is(err, errTooLarge), errors.Is(err, errUnfiltered):
		u.searches.refused = time.Now()
		u.count.expire()
		return way, errUnfiltered
	}
	return way, err
}

// searchUsers reads pages of the users who meet any of the conditions, and of the known user.
func searchUsers(client *jumpcloud.Client, conditions []jumpcloud.Condition, known knownUser) fetcher[jumpcloud.User] {
	conditions = known.last(conditions)
	return func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.User], error) {
		page, err := FirstPage(client.SearchUserPages(ctx, jumpcloud.UserSearch{AnyOf: conditions, Skip: skip}))
		switch {
		case refusesFilters(err):
			return nil, errTooLarge
		case err != nil:
			return nil, err
		case ignoresFilters(page, conditions), known.missing(page):
			return nil, errUnfiltered
		}
		return pageOf(page), nil
	}
}

// refusesFilters reports whether the server refused the search itself.
func refusesFilters(err error) bool {
	if err == nil || jumpcloud.ClassOf(err) != jumpcloud.Refused {
		return false
	}
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	return ok && remote.StatusCode != http.StatusForbidden
}

// ignoresFilters reports whether the server found more users than the conditions can match:
// each value is unique, except for usernames that differ only in case.
func ignoresFilters(page *jumpcloud.UserPage, conditions []jumpcloud.Condition) bool {
	return max(page.TotalCount, len(page.Users)) > 2*len(conditions)
}
