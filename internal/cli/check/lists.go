package check

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// listProbes are about lists of any kind, and about searches of users.
var listProbes = group{
	title: "lists and searches", makes: "3 users, 2 groups",
	probes: []probe{
		{"multiTenantDefault", false, "a list without x-org-id", multiTenantDefault},
		{"malformedIDStatus", http.StatusNotFound, "a group with a malformed id", malformedID},
		{"lenientPaging", false, "a list with limit=0", lenientPaging},
		{"rejectMalformedFilters", false, "a list with a filter operator without its $", malformedFilter},
		{"visibilityLag", nil, "a list after a user was created", userLag},
		{"shuffleUnsorted", false, "six unsorted lists", shuffleUnsorted},
		{"linkHeader", false, "a first page of groups", pageHeader("Link", true)},
		{"omitTotalHeader", false, "a first page of groups", pageHeader("X-Total-Count", false)},
		{"ignoreSearchFilters", false, "a search for one user", ignoreFilters},
		{"searchTermCaseSensitive", false, "a search for a username in upper case", searchTermCase},
		{"maxSearchConditions", 0, "searches with up to 100 conditions", maxConditions},
		{"usedSearchConditions", 0, "searches whose last condition matches", usedConditions},
	},
}

func multiTenantDefault(ctx context.Context, l *lab) (any, error) {
	if len(l.visible) < 2 {
		return nil, unseenError("the key has access to only one organization")
	}
	a, err := l.do(ctx, call{path: users.path(), query: url.Values{"limit": {"1"}}, outside: true, mayBeRejected: true})
	switch {
	case err != nil:
		return nil, err
	case a.fine(), a.status == http.StatusUnauthorized:
		return a.fine(), nil
	}
	return nil, unexpectedError{l.shown}
}

func malformedID(ctx context.Context, l *lab) (any, error) {
	return l.status(ctx, call{path: groups.path() + "/no-id"})
}

// lenientPaging reports whether JumpCloud accepts a limit that is no positive number.
func lenientPaging(ctx context.Context, l *lab) (any, error) {
	refused, err := l.refuses(ctx, call{path: users.path(), query: url.Values{"limit": {"0"}}}, nil)
	return !refused, err
}

func malformedFilter(ctx context.Context, l *lab) (any, error) {
	return l.refuses(ctx, call{path: users.path(), query: url.Values{"filter": {"username:eq:" + l.name("a")}}}, nil)
}

// listed reports whether the list of users contains the user.
func (l *lab) listed(ctx context.Context, id string) (bool, error) {
	rows, err := l.users(ctx)
	return contains(rows, "_id", id), err
}

func userLag(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "a", nil)
	if err != nil {
		return nil, err
	}
	return l.lag(ctx, func() (bool, error) { return l.listed(ctx, id) })
}

// three makes sure that lists show three users.
func (l *lab) three(ctx context.Context) error {
	for _, suffix := range []string{"a", "b", "c"} {
		id, err := l.user(ctx, suffix, nil)
		if err != nil {
			return err
		}
		if _, err := l.lag(ctx, func() (bool, error) { return l.listed(ctx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func shuffleUnsorted(ctx context.Context, l *lab) (any, error) {
	if err := l.three(ctx); err != nil {
		return nil, err
	}
	var first []string
	for range 6 {
		a, err := l.must(ctx, call{path: users.path(), query: url.Values{"limit": {"100"}}})
		if err != nil {
			return nil, err
		}
		rows, _ := a.rows()
		order := members(rows, "_id")
		if first == nil {
			first = order
		}
		if !slices.Equal(first, order) {
			return true, nil
		}
	}
	return false, nil
}

// members returns one member of each row.
func members(rows []object, name string) (out []string) {
	for _, row := range rows {
		out = append(out, text(row, name))
	}
	return out
}

// pageHeader reports whether a page that is not the last one has a header, or lacks it.
func pageHeader(name string, has bool) func(ctx context.Context, l *lab) (any, error) {
	return func(ctx context.Context, l *lab) (any, error) {
		for _, suffix := range []string{"a", "b"} {
			id, err := l.group(ctx, suffix, nil)
			if err != nil {
				return nil, err
			}
			if _, err := l.lag(ctx, func() (bool, error) { return l.listedGroup(ctx, id) }); err != nil {
				return nil, err
			}
		}
		a, err := l.must(ctx, call{path: groups.path(), query: url.Values{"limit": {"1"}, "sort": {"name"}}})
		if err != nil {
			return nil, err
		}
		return (a.header.Get(name) != "") == has, nil
	}
}

// search returns the users that a search finds.
func (l *lab) search(ctx context.Context, body object) (rows []object, a *answer, err error) {
	body["limit"], body["fields"] = pageSize, "username email"
	a, err = l.do(ctx, call{method: http.MethodPost, path: "/search/systemusers", body: body})
	if err != nil {
		return nil, nil, err
	}
	rows, _ = a.rows()
	return rows, a, nil
}

func ignoreFilters(ctx context.Context, l *lab) (any, error) {
	if err := l.three(ctx); err != nil {
		return nil, err
	}
	rows, a, err := l.search(ctx, object{"filter": []object{{"username": l.name("a")}}})
	switch {
	case err != nil:
		return nil, err
	case !a.fine(), !contains(rows, "username", l.name("a")):
		return nil, unexpectedError{l.shown}
	}
	return contains(rows, "username", l.name("b")), nil
}

func searchTermCase(ctx context.Context, l *lab) (any, error) {
	if err := l.three(ctx); err != nil {
		return nil, err
	}
	found := func(term string) (bool, error) {
		rows, _, err := l.search(ctx, object{"searchFilter": object{"searchTerm": term, "fields": []string{"username"}}})
		return contains(rows, "username", l.name("a")), err
	}
	exact, err := found(l.name("a"))
	if err != nil || !exact {
		return nil, cmpError(err, unseenError("searchTerm does not find a user by the exact username"))
	}
	upper, err := found(strings.ToUpper(l.name("a")))
	return !upper, err
}

// cmpError returns err, or otherwise if err is nil.
func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
