package jumpcloudtest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// States of a user.
const (
	staged    = "STAGED"
	activated = "ACTIVATED"
	suspended = "SUSPENDED"
)

// The texts of these refusals are not known.
const (
	messageDuplicateUser     = "User already exists"
	messageDuplicateEmployee = "employeeIdentifier is already in use"
	messageState             = "state is not one of the allowed values"
	messageConflictingState  = "conflicting state and suspended fields"
)

// usernamePattern is the naming convention (documented). Whether the API enforces
// it is not known.
var usernamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,29}$`)

// create creates a user from what a request or a row states, subject to all rules, or changes
// nothing. defaultState is used if no state is stated.
func (o *Organization) create(in map[string]any, defaultState, source string, now time.Time) (*user, *refusal) {
	fields, problem := o.accept(verbCreate, in)
	if problem != nil {
		return nil, problem
	}
	for _, name := range []string{"username", "email"} {
		if fields[name] == nil {
			return nil, refuse(400, name+" is required")
		}
	}
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	state, problem := newState(fields, "", o.behavior.takesStaged(verbCreate, ""))
	if problem != nil {
		return nil, problem
	}
	if state == "" {
		state = defaultState
	}
	fields["state"] = state
	u := &user{id: o.server.ids.next(now), organization: o.id, fields: fields}
	if problem := o.prepare(u, fields, now); problem != nil {
		return nil, problem
	}
	fields["created"] = stamp(now)
	if source != "" {
		fields["creationSource"] = source
	}
	if lag := o.behavior.VisibilityLag; lag > 0 {
		u.visibleFrom = now.Add(lag)
	}
	o.insert(u, now)
	if state == activated {
		o.welcome(u, "", now)
	}
	return u, nil
}

// update merges what a request or a row states into a user, subject to all rules, or changes
// nothing.
func (o *Organization) update(u *user, on verb, in map[string]any, now time.Time) *refusal {
	fields, problem := o.accept(on, in)
	if problem != nil {
		return problem
	}
	delete(fields, "id")
	delete(fields, "organization")
	if on == verbBulkUpdate && o.behavior.IgnoreBulkState {
		delete(fields, "state")
		delete(fields, "suspended")
	}
	before := u.text("state")
	state, problem := newState(fields, before, o.behavior.takesStaged(on, before))
	if problem != nil {
		return problem
	}
	if before == staged && state == suspended && o.behavior.RefuseSuspendStaged {
		return refuse(400, "a staged user cannot be suspended")
	}
	if state != "" {
		fields["state"] = state
	}
	if on == verbBulkUpdate && o.behavior.MergeArrays {
		mergeArrays(u, fields)
	}
	if problem := o.prepare(u, fields, now); problem != nil {
		return problem
	}
	o.change(u, fields, now)
	if before == staged && state == activated {
		o.welcome(u, "", now)
	}
	return nil
}

// takesStaged reports whether a request may state STAGED for a user whose state is before.
func (b *Behavior) takesStaged(on verb, before string) bool {
	return on == verbCreate || b.AcceptStagedWhileStaged && before == staged
}

// newState resolves state and suspended, which mirror each other, to the requested state; ""
// if there is none. It removes both from fields.
func newState(fields map[string]any, before string, takesStaged bool) (string, *refusal) {
	state, stated := fields["state"].(string)
	flag, flagged := fields["suspended"].(bool)
	delete(fields, "state")
	delete(fields, "suspended")
	switch {
	case stated && state != activated && state != suspended && (state != staged || !takesStaged):
		return "", refuse(400, messageState)
	case stated && flagged && flag != (state == suspended):
		return "", refuse(400, messageConflictingState)
	case stated:
		return state, nil
	case flagged && flag:
		return suspended, nil
	case flagged && before == suspended:
		return activated, nil
	}
	return "", nil
}

// prepare applies the rules that creates and updates share. It changes fields to their stored
// form, and of u only the password.
func (o *Organization) prepare(u *user, fields map[string]any, now time.Time) *refusal {
	for _, name := range []string{"username", "email"} {
		if value, given := fields[name]; given && (value == nil || value == "") {
			return refuse(400, name+" is required")
		}
	}
	if email, ok := fields["email"].(string); ok {
		if !strings.Contains(email, "@") {
			return refuse(400, "email is not valid")
		}
		fields["email"] = strings.ToLower(email)
	}
	username, named := fields["username"].(string)
	if named && o.behavior.StrictUsernames && !usernamePattern.MatchString(username) {
		return refuse(400, "username is not valid")
	}
	if !named {
		username = u.text("username")
	}
	if problem := o.unique(u, fields); problem != nil {
		return problem
	}
	if manager, ok := fields["manager"].(string); ok && manager != "" && o.behavior.CheckManager && o.users.ids[manager] == nil {
		return refuse(400, "manager is not a user")
	}
	if password, ok := fields["password"].(string); ok {
		if problem := o.checkPassword(password, username); problem != nil {
			return problem
		}
		u.password = password
		fields["password_date"] = stamp(now)
		fields["password_expired"] = false
	}
	delete(fields, "password")
	if o.behavior.Respell {
		respell(fields)
	}
	o.nameItems(fields, now)
	return nil
}

// unique refuses values that another user has. Empty values do not count.
func (o *Organization) unique(u *user, fields map[string]any) *refusal {
	stated := func(name string) string { text, _ := fields[name].(string); return text }
	taken := func(by *user) bool { return by != nil && by != u }

	if username := stated("username"); username != "" {
		sameName := func(by *user) bool {
			return taken(by) && (o.behavior.UsernamesIgnoreCase || by.text("username") == username)
		}
		if slices.ContainsFunc(o.users.usernames[fold(username)], sameName) {
			return refuse(400, messageDuplicateUser)
		}
	}
	if email := stated("email"); email != "" {
		sameEmail := func(other *Organization) bool {
			return (other == o || o.behavior.GlobalEmails) && taken(other.users.emails[email])
		}
		if slices.ContainsFunc(o.server.organizations, sameEmail) {
			return refuse(400, messageDuplicateUser)
		}
	}
	if number := stated("employeeIdentifier"); number != "" && taken(o.users.employees[number]) {
		return refuse(400, messageDuplicateEmployee)
	}
	return nil
}

// nameItems adds the ids that the server assigns to elements of arrays.
func (o *Organization) nameItems(fields map[string]any, now time.Time) {
	for name, key := range map[string]string{"attributes": "_id", "addresses": "id", "phoneNumbers": "id", "ssh_keys": "_id"} {
		for _, item := range objectsIn(fields[name]) {
			if item[key] == nil {
				item[key] = o.server.ids.next(now)
			}
			if name == "ssh_keys" {
				item["create_date"] = stamp(now)
			}
		}
	}
}

// mergeArrays merges each array in fields into the user's: elements with the same key replace
// the user's, and others are added. The result is in fields.
func mergeArrays(u *user, fields map[string]any) {
	for name, key := range map[string]string{"attributes": "name", "addresses": "type", "phoneNumbers": "type"} {
		given, ok := fields[name].([]any)
		if !ok {
			continue
		}
		stated := map[any]bool{}
		for _, item := range objectsIn(given) {
			stated[item[key]] = true
		}
		merged := []any{}
		for _, item := range objectsIn(u.fields[name]) {
			if !stated[item[key]] {
				merged = append(merged, item)
			}
		}
		fields[name] = append(merged, given...)
	}
}

// objectsIn returns the objects in a JSON array.
func objectsIn(array any) []map[string]any {
	list, _ := array.([]any)
	objects := make([]map[string]any, 0, len(list))
	for _, element := range list {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}
