package jumpcloudtest

import (
	"maps"
	"slices"
	"time"
)

// Membership methods of a group.
const (
	methodNotSet    = "NOTSET"
	methodStatic    = "STATIC"
	methodReview    = "DYNAMIC_REVIEW_REQUIRED"
	methodAutomated = "DYNAMIC_AUTOMATED"
)

// group is the stored form of a user group: what was stated, and its defaults.
// Values inside fields are never changed in place, so answers may share them.
type group struct {
	id           string
	organization string
	fields       map[string]any
	// firstName is the name at creation. The default ldapGroups use it: they survive a rename
	// (observed).
	firstName    string
	members      roster
	recent       []recentChange
	suggestions  []suggestion
	visibleFrom  time.Time // in lists; zero: always
	evaluateFrom time.Time // when its rule is due; zero: not due
}

func (g *group) text(name string) string {
	text, _ := g.fields[name].(string)
	return text
}

func (g *group) dynamic() bool {
	method := g.text("membershipMethod")
	return method == methodReview || method == methodAutomated
}

// exempt reports whether the user is exempt from the rule.
func (g *group) exempt(userID string) bool {
	return slices.ContainsFunc(objectsIn(g.fields["memberQueryExemptions"]), func(exemption map[string]any) bool {
		return exemption["id"] == userID
	})
}

// render returns the group in full.
func (g *group) render() UserGroup {
	out := maps.Clone(g.fields)
	add := 0
	for _, s := range g.suggestions {
		if s.op == opAdd {
			add++
		}
	}
	maps.Copy(out, map[string]any{
		"id": g.id, "type": "user_group", "organizationObjectId": g.organization,
		"suggestionCounts": map[string]any{"add": add, "remove": len(g.suggestions) - add, "total": len(g.suggestions)},
	})
	return out
}

// recentChange is a change of members that reads may not show yet.
type recentChange struct {
	suggestion
	at time.Time
}

// readable returns the members as a read shows them: without the changes of the last lag.
func (g *group) readable(lag time.Duration, now time.Time) []string {
	if lag <= 0 {
		return g.members.order
	}
	g.recent = slices.DeleteFunc(g.recent, func(c recentChange) bool { return !now.Before(c.at.Add(lag)) })
	members := slices.Clone(g.members.order)
	for _, change := range slices.Backward(g.recent) {
		if change.op == opAdd {
			members = without(members, change.userID)
		} else {
			members = append(members, change.userID)
		}
	}
	return members
}

// shows reports whether a read of members shows this user.
func (g *group) shows(userID string, lag time.Duration, now time.Time) bool {
	if lag <= 0 {
		return g.members.has[userID]
	}
	return slices.Contains(g.readable(lag, now), userID)
}

// forget removes everything about a user from the group.
func (g *group) forget(userID string) {
	g.members.remove(userID)
	g.suggestions = slices.DeleteFunc(g.suggestions, func(s suggestion) bool { return s.userID == userID })
	g.recent = slices.DeleteFunc(g.recent, func(c recentChange) bool { return c.userID == userID })
}

// roster is a set of users in the order in which they were added.
type roster struct {
	order []string
	has   map[string]bool
}

func (r *roster) add(id string) bool {
	if r.has[id] {
		return false
	}
	if r.has == nil {
		r.has = map[string]bool{}
	}
	r.has[id] = true
	r.order = append(r.order, id)
	return true
}

func (r *roster) remove(ids ...string) bool {
	before := len(r.has)
	for _, id := range ids {
		delete(r.has, id)
	}
	if len(r.has) == before {
		return false
	}
	r.order = slices.DeleteFunc(r.order, func(id string) bool { return !r.has[id] })
	return true
}

// groups holds the user groups of one organization.
type groups struct {
	inserted []*group
	ids      map[string]*group
	due      []*group // whose rules are due
}

func newGroups() groups { return groups{ids: map[string]*group{}} }

func (gs *groups) add(g *group) {
	gs.inserted = append(gs.inserted, g)
	gs.ids[g.id] = g
}

func (gs *groups) remove(g *group) {
	gs.inserted = without(gs.inserted, g)
	gs.due = without(gs.due, g)
	delete(gs.ids, g.id)
}

// named returns the first group with exactly this name, or nil.
func (gs *groups) named(name string) *group {
	for _, g := range gs.inserted {
		if g.text("name") == name {
			return g
		}
	}
	return nil
}
