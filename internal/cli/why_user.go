package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// person is the person asked about, as far as Users and the ledgers of imports identify them.
type person struct{ id, username, email string }

// is reports whether a row or a reference is about the person.
func (p *person) is(reference v1alpha1.UserReference) bool {
	return reference.Names(p.id, p.username, p.email)
}

// declaredBy reports whether a User stands for the person.
func (p *person) declaredBy(user *v1alpha1.User) bool {
	row := user.Row()
	return slices.ContainsFunc([]v1alpha1.UserReference{
		{ID: user.Status.ID}, {Username: user.Status.Username}, {Username: *row.Username}, {Email: ptr.Deref(row.Email, "")},
	}, p.is)
}

// usersOf returns the Users that stand for the person.
func (p *person) usersOf(members []lifecycle.Member) (users []*v1alpha1.User) {
	for _, member := range members {
		if user, ok := member.(*v1alpha1.User); ok && p.declaredBy(user) {
			users = append(users, user)
		}
	}
	return users
}

// learn takes the person's identity from a User, if the directory showed it.
func (p *person) learn(user *v1alpha1.User) {
	if user.Status.ID != "" {
		row := user.Row()
		*p = person{user.Status.ID, cmp.Or(user.Status.Username, *row.Username), cmp.Or(ptr.Deref(row.Email, ""), p.email)}
	}
}

// declares describes how a User stands for the person, and its last change.
func declares(user *v1alpha1.User) []string {
	line := "declares this user; state " + orElse(string(user.Status.State), "not known")
	switch suspended := user.Status.Suspended; {
	case suspended != nil && suspended.ByObject:
		line += ", suspended by this object"
	case suspended != nil:
		line += ", not suspended by this object"
	}
	what := []string{line}
	if last := user.Status.LastChange; last != nil {
		line := fmt.Sprintf("last change, at %s: %s", last.At.UTC().Format(time.RFC3339), orElse(strings.Join(last.Fields, ", "), "created"))
		if last.JobID != "" {
			line += ", by job " + last.JobID
		}
		what = append(what, line)
	}
	return what
}
