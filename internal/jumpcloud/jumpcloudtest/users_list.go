package jumpcloudtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// listUsers is GET /systemusers.
func (x *exchange) listUsers() {
	page, problem := x.page()
	if problem != nil {
		x.refuse(problem)
		return
	}
	filter, problem := x.org().queryFilter(x.query())
	if problem != nil {
		x.refuse(problem)
		return
	}
	total, users := x.org().find(filter, page, x.now)
	x.listed(total, users, page.fields, nil)
}

// searchUsers is POST /search/systemusers. Its complete rows have one more member: memberof.
func (x *exchange) searchUsers() {
	var body searchBody
	if !x.decode(&body) {
		return
	}
	limit, _ := canonical(body.Limit)
	skip, _ := canonical(body.Skip)
	page, problem := x.behavior.paging(limit, skip, body.Sort, body.Fields)
	if problem != nil {
		x.refuse(problem)
		return
	}
	filter, problem := body.filter(x.org())
	if problem != nil {
		x.refuse(problem)
		return
	}
	total, users := x.org().find(filter, page, x.now)
	x.listed(total, users, page.fields, User{"memberof": []any{}})
}

// listed answers with a v1 list. extra contains additional members of complete rows.
func (x *exchange) listed(total int, users []*user, fields []string, extra User) {
	results := make([]User, 0, len(users))
	for _, u := range users {
		row := x.org().render(u, fields)
		if len(fields) == 0 {
			maps.Copy(row, extra)
		}
		results = append(results, row)
	}
	x.json(http.StatusOK, map[string]any{"totalCount": total, "results": results})
}

// find returns the number of visible users that match, and a page of them.
func (o *Organization) find(filter condition, p paging, now time.Time) (int, []*user) {
	byID := len(p.sort) == 1 && p.sort[0] == "_id"
	found := o.users.inserted
	if byID {
		found = o.users.byID
	}
	if all, ok := filter.(allOf); !ok || len(all) > 0 || now.Before(o.users.allVisibleFrom) {
		found = matching(found, filter, now)
	}
	if !byID && (o.behavior.ShuffleUnsorted || len(p.sort) > 0) {
		found = slices.Clone(found)
		if o.behavior.ShuffleUnsorted {
			o.server.random.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
		}
		slices.SortStableFunc(found, order(p.sort))
	}
	return len(found), cut(found, p)
}

func matching(users []*user, filter condition, now time.Time) []*user {
	var found []*user
	for _, u := range users {
		if !now.Before(u.visibleFrom) && filter.matches(u) {
			found = append(found, u)
		}
	}
	return found
}

// order compares by the named attributes; an attribute that no user has leaves them equal.
func order(sort []string) func(a, b *user) int {
	text := func(u *user, name string) string {
		text, _ := canonical(u.value(name))
		return text
	}
	return func(a, b *user) int {
		for _, name := range sort {
			name, descending := strings.CutPrefix(name, "-")
			by := compareValues(text(a, name), text(b, name))
			if descending {
				by = -by
			}
			if by != 0 {
				return by
			}
		}
		return 0
	}
}
