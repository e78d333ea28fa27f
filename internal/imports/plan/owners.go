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
	who := "User " + owner
	if m.opts.Foreign {
		who = "a User object"
	}
	d.fail(v1alpha1.RemoteConflictReason, who+" stands for this user, and a row would undo what it declares; "+
		"take the row out, or delete the object, which keeps the user unless its deletionPolicy says otherwise")
	return true
}
