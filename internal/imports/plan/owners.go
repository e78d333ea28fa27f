package plan

import (
	"cmp"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Owners are the User objects that stand for users of the directory, as "namespace/name". Rows
// about those users fail: the object and the row would undo each other's changes.
type Owners struct {
	// byID is keyed by the ids of users. byUsername is keyed by the usernames that users have,
	// and creating by those that they are being created with; both are in lower case.
	byID, byUsername, creating map[string]string
}

// Add adds an object that stands for a user, or is about to create it.
func (o *Owners) Add(object *v1alpha1.User) {
	if o.byID == nil {
		o.byID, o.byUsername, o.creating = map[string]string{}, map[string]string{}, map[string]string{}
	}
	name, status := object.Namespace+"/"+object.Name, &object.Status
	if status.ID != "" {
		o.byID[status.ID] = name
	}
	if status.Creating != nil {
		o.creating[strings.ToLower(status.Creating.Name)] = name
	}
	if status.ID != "" && status.Username != "" {
		o.byUsername[strings.ToLower(status.Username)] = name
	}
}

// of returns the object that stands for the user of a row; found is nil if there is no such
// user. A user whom an object is creating may be there before the object's status says so. It
// returns "" if there is none.
func (o *Owners) of(row *rows.Row, found *live) string {
	if found != nil {
		return cmp.Or(o.byID[found.id], o.creating[strings.ToLower(found.username)])
	}
	username := strings.ToLower(row.Username())
	return cmp.Or(o.creating[username], o.byUsername[username])
}

// failOwned fails a row about a user for whom a User object stands, and reports whether there
// is one. In another namespace than the Organization's it does not say which.
func (m *Matcher) failOwned(d *Decision, found *match) bool {
	owner := m.opts.Owners.of(d.Row, found.live)
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
// become Owners once they are reconciled.
type Declared struct {
	// Foreign is set if the rows are in another namespace than the Organization: then messages
	// do not name the object.
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

// Problem says why a row will fail: a User names the same username; "" if none does.
func (d *Declared) Problem(row *rows.Row) string {
	owner := d.byUsername[strings.ToLower(row.Username())]
	if row.Username() == "" || owner == "" {
		return ""
	}
	return owned(owner, d.Foreign)
}
