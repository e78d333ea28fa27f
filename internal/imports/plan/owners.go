package plan

import (
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Owners are the User objects that stand for users of the directory, as
// "namespace/name". No row is about those users: the object and the row would undo each
// other's changes.
type Owners struct {
	// ByID are by the ids of the users, and ByUsername by the usernames that users have
	// or are just created with, in lower case.
	ByID, ByUsername map[string]string
}

// Add adds an object that stands for a user, or is about to create it.
func (o *Owners) Add(object *v1alpha1.User) {
	if o.ByID == nil {
		o.ByID, o.ByUsername = map[string]string{}, map[string]string{}
	}
	name, status := object.Namespace+"/"+object.Name, &object.Status
	if status.ID != "" {
		o.ByID[status.ID] = name
	}
	if status.Creating != nil {
		o.ByUsername[strings.ToLower(status.Creating.Name)] = name
	}
	if status.ID != "" && status.Username != "" {
		o.ByUsername[strings.ToLower(status.Username)] = name
	}
}

// of is the object that stands for the user of a row, who is live with that id if there
// is one; "" if none does.
func (o *Owners) of(row *rows.Row, id string) string {
	if id != "" {
		return o.ByID[id]
	}
	return o.ByUsername[strings.ToLower(row.Username())]
}

// failOwned fails a row about a user for whom a User object stands, and reports whether
// one does. In another namespace than the Organization's it does not tell which.
func (m *Matcher) failOwned(d *Decision, found *match) bool {
	id := ""
	if found.live != nil {
		id = found.live.id
	}
	owner := m.opts.Owners.of(d.Row, id)
	if owner == "" {
		return false
	}
	d.fail(v1alpha1.RemoteConflictReason, owned(owner, m.opts.Foreign))
	return true
}

func owned(owner string, foreign bool) string {
	who := "User " + owner
	if foreign {
		who = "a User object"
	}
	return who + " stands for this user, and a row would undo what it declares; " +
		"take the row out, or delete the object, which keeps the user unless its deletionPolicy says otherwise"
}

// Declared are Users that were not reconciled yet, by the usernames that they declare. They
// become Owners once they are.
type Declared struct {
	// Foreign is set where the rows are in another namespace than the Organization: they
	// are not told which object it is.
	Foreign bool

	byUsername map[string]string
}

// Add adds a User.
func (d *Declared) Add(object *v1alpha1.User) {
	if d.byUsername == nil {
		d.byUsername = map[string]string{}
	}
	d.byUsername[strings.ToLower(object.Username())] = object.Namespace + "/" + object.Name
}

// Problem is why a row will fail: one of the Users names the same username; "" if none does.
func (d *Declared) Problem(row *rows.Row) string {
	owner := d.byUsername[strings.ToLower(row.Username())]
	if row.Username() == "" || owner == "" {
		return ""
	}
	return owned(owner, d.Foreign)
}
