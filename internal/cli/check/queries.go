package check

import (
	"context"
	"net/http"
	"time"
)

// queryProbes are about groups whose members a query determines. All queries match only users
// of the check, or only make suggestions.
var queryProbes = group{
	title: "groups with a query", makes: "2 users, 8 groups",
	probes: []probe{
		{"textFilters", false, "a query whose filters are objects", textFilters},
		{"evaluationDelay", nil, "the members of a new dynamic group", evaluationDelay},
		{"queryImpliesDynamic", false, "a group with a query and no method", queryImpliesDynamic},
		{"refuseQueryTypeWithDSL", false, "a query with a queryType and x-query-dsl", queryTypeWithDSL},
		{"nullQueryOnlyClears", false, "a group with memberQuery: null", nullQuery},
		{"hideDSLQueries", false, "a group with a DSL query, without x-query-dsl", hideDSL},
		{"noSuggestions", false, "the suggestions of a group that needs a review", noSuggestions},
		{"reviewGroupsByHand", false, "a user is added to a group that needs a review", reviewByHand},
		{"emptyQueryMatchesAll", false, "the suggestions of a group whose query has no filters", emptyQuery},
	},
}

const (
	automated = "DYNAMIC_AUTOMATED"
	review    = "DYNAMIC_REVIEW_REQUIRED"
)

var dsl = map[string]string{"X-Query-Dsl": "v2"}

// department is the department of the users that queries match.
func (l *lab) department() string { return l.name("department") }

// query returns a query that matches the users of the department.
func (l *lab) query() object {
	if l.seen.textQuery {
		return object{"queryType": "FilterQuery", "filters": []string{"department:$eq:" + l.department()}}
	}
	return object{"queryType": "FilterQuery", "filters": []object{{"field": "department", "operator": "eq", "value": l.department()}}}
}

// makeGroup returns the call that creates a group.
func (l *lab) makeGroup(suffix string, extra object) call {
	return call{method: http.MethodPost, path: groups.path(), body: l.groupBody(suffix, extra)}
}

// textFilters also decides in which form later queries are written.
func textFilters(ctx context.Context, l *lab) (any, error) {
	objects := l.makeGroup("objects", object{"membershipMethod": review, "memberQuery": l.query()})
	l.seen.textQuery = true
	texts := l.makeGroup("texts", object{"membershipMethod": review, "memberQuery": l.query()})
	refused, err := l.refuses(ctx, objects, &texts)
	l.seen.textQuery = refused
	return refused, err
}

// matched returns the id of a user that the query matches.
func (l *lab) matched(ctx context.Context) (string, error) {
	return l.user(ctx, "matched", object{"department": l.department()})
}

func evaluationDelay(ctx context.Context, l *lab) (any, error) {
	userID, err := l.matched(ctx)
	if err != nil {
		return nil, err
	}
	id, err := l.group(ctx, "automated", object{"membershipMethod": automated, "memberQuery": l.query()})
	if err != nil {
		return nil, err
	}
	elapsed, err := l.lag(ctx, func() (bool, error) {
		rows, err := l.members(ctx, id)
		return isMember(rows, userID), err
	})
	if elapsed == time.Duration(0) {
		return time.Duration(-1), err // 0 would be the simulator's default
	}
	return elapsed, err
}

func queryImpliesDynamic(ctx context.Context, l *lab) (any, error) {
	a, err := l.must(ctx, l.makeGroup("implied", object{"memberQuery": l.query()}))
	if err != nil {
		return nil, err
	}
	method := text(a.object(), "membershipMethod")
	return method == automated || method == review, nil
}

func queryTypeWithDSL(ctx context.Context, l *lab) (any, error) {
	without := l.makeGroup("both", object{"membershipMethod": review, "memberQuery": l.query()})
	with := without
	with.header = dsl
	return l.refuses(ctx, with, &without)
}

func nullQuery(ctx context.Context, l *lab) (any, error) {
	plain := l.makeGroup("null", nil)
	return l.refuses(ctx, l.makeGroup("null", object{"memberQuery": nil}), &plain)
}

func hideDSL(ctx context.Context, l *lab) (any, error) {
	query := object{"filters": []object{{"field": "user.user_department", "operation": "equals", "value": l.department()}}}
	c := l.makeGroup("dsl", object{"membershipMethod": review, "memberQuery": query})
	c.header = dsl
	a, err := l.must(ctx, c)
	if err != nil {
		return nil, err
	}
	read := call{path: groups.path() + "/" + text(a.object(), "id"), header: dsl}
	with, err := l.must(ctx, read)
	if err != nil {
		return nil, err
	}
	if with.object()["memberQuery"] == nil {
		return nil, unseenError("the query is not shown with x-query-dsl either")
	}
	read.header = nil
	without, err := l.must(ctx, read)
	if err != nil {
		return nil, err
	}
	return without.object()["memberQuery"] == nil, nil
}

// reviewed returns the id of a group that suggests adding the matched user.
func (l *lab) reviewed(ctx context.Context) (string, error) {
	if _, err := l.matched(ctx); err != nil {
		return "", err
	}
	return l.group(ctx, "review", object{"membershipMethod": review, "memberQuery": l.query()})
}

func noSuggestions(ctx context.Context, l *lab) (any, error) {
	id, err := l.reviewed(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.do(ctx, call{path: groups.path() + "/" + id + "/suggestions"})
	switch {
	case err != nil:
		return nil, err
	case a.fine(), a.status == http.StatusNotFound:
		return !a.fine(), nil
	}
	return nil, unexpectedError{l.shown}
}

func reviewByHand(ctx context.Context, l *lab) (any, error) {
	id, err := l.reviewed(ctx)
	if err != nil {
		return nil, err
	}
	apart, err := l.user(ctx, "apart", nil)
	if err != nil {
		return nil, err
	}
	if _, err := l.must(ctx, change("add", id, apart)); err != nil {
		return nil, err
	}
	shown := l.shown
	added, err := l.soon(ctx, func() (bool, error) {
		rows, err := l.members(ctx, id)
		return isMember(rows, apart), err
	})
	l.show("%s; is a member afterwards: %t", shown, added)
	return added, err
}

// suggests reports whether a group has suggestions.
func (l *lab) suggests(ctx context.Context, id string) (bool, error) {
	group, err := l.get(ctx, groups, id)
	counts, _ := group["suggestionCounts"].(object)
	total, _ := counts["total"].(float64)
	return total > 0, err
}

// emptyQuery uses a group that only makes suggestions, so that no people become members. A
// second group, which must have suggestions, shows when to look.
func emptyQuery(ctx context.Context, l *lab) (any, error) {
	empty, err := l.group(ctx, "empty", object{"membershipMethod": review, "memberQuery": object{"queryType": "FilterQuery", "filters": []object{}}})
	if err != nil {
		return nil, err
	}
	control, err := l.reviewed(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := l.lag(ctx, func() (bool, error) { return l.suggests(ctx, control) }); err != nil {
		return nil, err
	}
	suggests, err := l.soon(ctx, func() (bool, error) { return l.suggests(ctx, empty) })
	l.show("suggests adding users: %t", suggests)
	return suggests, err
}
