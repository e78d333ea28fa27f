package jumpcloudtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// UserGroup is the JSON of a user group; numbers are json.Number.
type UserGroup = map[string]any

// AddUserGroup adds a group with these members, ids or usernames, as an administrator would in
// the console, without validation or history, and returns its id. Read-only attributes such as
// id and memberQueryErrorFlags may be given; without a membershipMethod it is STATIC. The rule
// of a dynamic group is evaluated as usual. It panics without a name, on an id that is
// malformed or taken, and on members that do not exist.
func (o *Organization) AddUserGroup(g UserGroup, members ...string) string {
	id, err := o.addUserGroup(g, members)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	return id
}

func (o *Organization) addUserGroup(given UserGroup, members []string) (string, error) {
	stated, err := throughJSON(given)
	if err != nil {
		return "", err
	}
	now := o.server.lock()
	defer o.server.mu.Unlock()
	g := &group{organization: o.id, fields: groupDefaults()}
	g.id, _ = stated["id"].(string)
	g.takeOver(stated)
	g.firstName = g.text("name")
	if g.id == "" {
		g.id = o.server.ids.next(now)
	}
	if g.firstName == "" {
		return "", errors.New("a group needs a name")
	}
	if !idPattern.MatchString(g.id) || o.groups.ids[g.id] != nil {
		return "", fmt.Errorf("group id %q is malformed or taken", g.id)
	}
	if stated["attributes"] == nil {
		g.fields["attributes"] = map[string]any{"ldapGroups": []any{map[string]any{"name": g.firstName}}}
	}
	for _, name := range members {
		u := o.users.called(name)
		if u == nil {
			return "", fmt.Errorf("group %q: there is no user %q", g.firstName, name)
		}
		g.members.add(u.id)
	}
	o.groups.add(g)
	o.evaluateLater(g, now)
	return g.id, nil
}

// takeOver sets all fields except those that are derived from others.
func (g *group) takeOver(fields map[string]any) {
	for _, name := range []string{"id", "type", "organizationObjectId", "suggestionCounts"} {
		delete(fields, name)
	}
	maps.Copy(g.fields, fields)
}

// UpdateUserGroup sets attributes of a group as an administrator would in the console, without
// validation, and reports whether the group exists. It panics if the change is not valid JSON.
func (o *Organization) UpdateUserGroup(id string, change UserGroup) bool {
	stated, err := throughJSON(change)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	now := o.server.lock()
	defer o.server.mu.Unlock()
	g := o.groups.ids[id]
	if g == nil {
		return false
	}
	before := g.fields
	g.fields = maps.Clone(before)
	g.takeOver(stated)
	o.setGroup(g, g.fields, now)
	return true
}

// DeleteUserGroup removes a group and reports whether it existed.
func (o *Organization) DeleteUserGroup(id string) bool {
	o.server.lock()
	defer o.server.mu.Unlock()
	g := o.groups.ids[id]
	if g != nil {
		o.removeGroup(g)
	}
	return g != nil
}

// UserGroups returns copies of all groups in full, in order of creation, including those that
// lists do not show yet.
func (o *Organization) UserGroups() []UserGroup {
	o.server.lock()
	defer o.server.mu.Unlock()
	list := make([]UserGroup, 0, len(o.groups.inserted))
	for _, g := range o.groups.inserted {
		list = append(list, g.copied())
	}
	return list
}

// UserGroup returns a copy of the group with this id, or nil.
func (o *Organization) UserGroup(id string) UserGroup {
	o.server.lock()
	defer o.server.mu.Unlock()
	return o.groups.ids[id].copied()
}

// UserGroupByName returns a copy of the first group with exactly this name, or
// nil.
func (o *Organization) UserGroupByName(name string) UserGroup {
	o.server.lock()
	defer o.server.mu.Unlock()
	return o.groups.named(name).copied()
}

// Members returns the ids of the members of a group in the order in which they were added;
// none if there is no such group.
func (o *Organization) Members(groupID string) []string {
	o.server.lock()
	defer o.server.mu.Unlock()
	if g := o.groups.ids[groupID]; g != nil {
		return slices.Clone(g.members.order)
	}
	return nil
}

// AddMember makes a user, an id or username, a member of a group without a request. In a
// dynamic group that lasts until the next evaluation of the rule. It reports whether that
// changed anything.
func (o *Organization) AddMember(groupID, user string) bool {
	o.server.lock()
	defer o.server.mu.Unlock()
	g, u := o.groups.ids[groupID], o.users.called(user)
	return g != nil && u != nil && g.members.add(u.id)
}

// RemoveMember is the opposite of AddMember.
func (o *Organization) RemoveMember(groupID, user string) bool {
	o.server.lock()
	defer o.server.mu.Unlock()
	g, u := o.groups.ids[groupID], o.users.called(user)
	return g != nil && u != nil && g.members.remove(u.id)
}

// EvaluateRules evaluates the rules of all dynamic groups, as JumpCloud does every night
// (documented). The simulator does not do that by itself.
func (o *Organization) EvaluateRules() {
	o.server.lock()
	defer o.server.mu.Unlock()
	for _, g := range o.groups.inserted {
		o.evaluate(g)
	}
}

// setGroup gives a group new fields and makes its rule due.
func (o *Organization) setGroup(g *group, fields map[string]any, now time.Time) {
	g.fields = fields
	if g.text("membershipMethod") != methodReview {
		g.suggestions = nil
	}
	o.evaluateLater(g, now)
}

func (o *Organization) removeGroup(g *group) {
	o.groups.remove(g)
	delete(o.associations, g.id)
}

func (g *group) copied() UserGroup {
	if g == nil {
		return nil
	}
	out := g.render()
	for name, value := range out {
		out[name] = deepCopy(value)
	}
	return out
}
