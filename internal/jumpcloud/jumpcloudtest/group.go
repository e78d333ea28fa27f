package jumpcloudtest

import (
	"maps"
	"slices"
	"time"
)

// The membership methods of a group.
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
	// firstName is the name it was created with, of which its default ldapGroups
	// are made: they survive a rename (observed).
	firstName    string
	members      roster
	suggestions  []suggestion
	visibleFrom  time.Time // in lists; zero: always
	evaluateFrom time.Time // when its rule is due; zero: it is not
}

func (g *group) text(name string) string {
	text, _ := g.fields[name].(string)
	return text
}

func (g *group) dynamic() bool {
	method := g.text("membershipMethod")
	return method == methodReview || method == methodAutomated
}

// exempt reports whether the rule does not decide about this user.
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
		if s.op == "add" {
			add++
		}
	}
	maps.Copy(out, map[string]any{
		"id": g.id, "type": "user_group", "organizationObjectId": g.organization,
		"suggestionCounts": map[string]any{"add": add, "remove": len(g.suggestions) - add, "total": len(g.suggestions)},
	})
	return out
}

// roster is a set of users in the order in which they came.
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
	due      []*group // whose rules are to be evaluated
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
