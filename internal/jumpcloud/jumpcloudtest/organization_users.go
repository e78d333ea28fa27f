package jumpcloudtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"
)

// User is the JSON of a user; numbers are json.Number.
type User = map[string]any

// AddUser adds a user to the directory as an administrator would in the console, without
// validation, mails or history, and returns its id. Read-only attributes such as _id, admin
// and created may be given; without a state it is ACTIVATED. It panics unless username and
// email are given and unique.
func (o *Organization) AddUser(u User) string {
	id, err := o.addUser(u)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	return id
}

func (o *Organization) addUser(given User) (string, error) {
	fields, err := throughJSON(given)
	if err != nil {
		return "", err
	}
	now := o.server.lock()
	defer o.server.mu.Unlock()
	u := &user{organization: o.id, fields: fields}
	u.id, _ = fields["_id"].(string)
	u.takeOver(fields)
	if u.id == "" {
		u.id = o.server.ids.next(now)
	}
	if fields["state"] == nil {
		fields["state"] = activated
	}
	if fields["created"] == nil {
		fields["created"] = stamp(now)
	}
	if !idPattern.MatchString(u.id) || o.users.ids[u.id] != nil {
		return "", fmt.Errorf("user id %q is malformed or taken", u.id)
	}
	if u.text("username") == "" || u.text("email") == "" {
		return "", errors.New("a user needs a username and an email")
	}
	if problem := o.unique(u, fields); problem != nil {
		return "", fmt.Errorf("user %q: %s", u.text("username"), problem.message)
	}
	o.nameItems(fields, now)
	o.insert(u, now)
	return u.id, nil
}

// takeOver removes from fields what is not stored there.
func (u *user) takeOver(fields map[string]any) {
	if password, ok := fields["password"].(string); ok {
		u.password = password
	}
	for _, name := range []string{"_id", "password", "suspended", "organization"} {
		delete(fields, name)
	}
}

// Generate adds n users: username user000001 and so on, email user000001@example.org, names,
// one of ten departments, an employeeIdentifier E000001, state ACTIVATED. It continues where
// the previous call ended. No other users may have these names.
func (o *Organization) Generate(n int) {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	o.generate(n, now)
}

func (o *Organization) generate(n int, now time.Time) {
	for range n {
		o.generated++
		i := o.generated
		name := fmt.Sprintf("user%06d", i)
		o.insert(&user{id: o.server.ids.next(now), organization: o.id, fields: map[string]any{
			"username":           name,
			"email":              name + "@example.org",
			"firstname":          "User",
			"lastname":           fmt.Sprintf("Number %d", i),
			"department":         fmt.Sprintf("Department %d", i%10),
			"employeeIdentifier": fmt.Sprintf("E%06d", i),
			"state":              activated,
			"activated":          true,
			"created":            stamp(now),
		}}, now)
	}
}

// UpdateUser sets attributes of a user as an administrator would in the console, without
// validation; a nil removes one. It reports whether the user exists, and panics if the change
// is not valid JSON.
func (o *Organization) UpdateUser(id string, change User) bool {
	fields, err := throughJSON(change)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	now := o.server.lock()
	defer o.server.mu.Unlock()
	u := o.users.ids[id]
	if u == nil {
		return false
	}
	u.takeOver(fields)
	o.nameItems(fields, now)
	o.change(u, fields, now)
	return true
}

// DeleteUser removes a user and reports whether it existed.
func (o *Organization) DeleteUser(id string) bool {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	u := o.users.ids[id]
	if u != nil {
		o.remove(u, now)
	}
	return u != nil
}

// Users returns copies of all users in order of creation, including those that lists do not
// show yet.
func (o *Organization) Users() []User {
	o.server.lock()
	defer o.server.mu.Unlock()
	users := make([]User, 0, len(o.users.inserted))
	for _, u := range o.users.inserted {
		users = append(users, o.copyOf(u))
	}
	return users
}

// CountUsers returns how many users there are.
func (o *Organization) CountUsers() int {
	o.server.lock()
	defer o.server.mu.Unlock()
	return len(o.users.inserted)
}

// User returns a copy of the user with this id, or nil.
func (o *Organization) User(id string) User {
	o.server.lock()
	defer o.server.mu.Unlock()
	return o.copyOf(o.users.ids[id])
}

// UserByUsername returns a copy of the user with exactly this username, or nil.
func (o *Organization) UserByUsername(username string) User {
	o.server.lock()
	defer o.server.mu.Unlock()
	return o.copyOf(o.users.byUsername(username))
}

// Password returns the password last set for a user; "" if none was.
func (o *Organization) Password(id string) string {
	o.server.lock()
	defer o.server.mu.Unlock()
	if u := o.users.ids[id]; u != nil {
		return u.password
	}
	return ""
}

func (o *Organization) copyOf(u *user) User {
	if u == nil {
		return nil
	}
	out := o.render(u, nil)
	for name, value := range out {
		out[name] = deepCopy(value)
	}
	return out
}

func deepCopy(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := maps.Clone(value)
		for name, member := range out {
			out[name] = deepCopy(member)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = deepCopy(element)
		}
		return out
	}
	return value
}

// throughJSON converts values from Go code to the types of decoded JSON.
func throughJSON(value map[string]any) (map[string]any, error) {
	out := map[string]any{}
	if value == nil {
		return out, nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	err = decodeJSON(encoded, &out)
	return out, err
}
