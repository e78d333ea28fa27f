package usergroup

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

// roster is who is declared to be in a group. References that name the same user are one
// member.
type roster struct {
	// members are the declared users, in the order of the references.
	members []directory.User
	// missing are the references that name nobody in the directory, each once.
	missing []v1alpha1.UserReference

	// byReference has the id of the user that each reference names.
	byReference map[v1alpha1.UserReference]string
	// byID has the ids of the declared users.
	byID map[string]bool
}

// newRoster resolves references. No reference may occur twice.
func newRoster(references []v1alpha1.UserReference, find func(v1alpha1.UserReference) (directory.User, bool)) *roster {
	r := &roster{byReference: make(map[v1alpha1.UserReference]string, len(references)), byID: make(map[string]bool, len(references))}
	for _, reference := range references {
		person, found := find(reference)
		if !found {
			r.missing = append(r.missing, reference)
			continue
		}
		r.byReference[reference] = person.ID
		if !r.byID[person.ID] {
			r.byID[person.ID] = true
			r.members = append(r.members, person)
		}
	}
	return r
}

// difference is what differs between the declared and the live members.
type difference struct {
	add, remove []directory.User
	// protected counts members who are not declared and are never removed.
	protected int
	// held are undeclared members who are not removed in this pass: they may be declared by a
	// former name.
	held []directory.User
	// replaced are the held ones whose former name belongs to another user now.
	replaced []directory.User
	// unreadable counts live members whose ids cannot be read.
	unreadable int
}

// holdFor adds no one if all users to add may be the members whose ids cannot be read. If
// there are more users to add than such members, some of them are certainly absent.
func (d *difference) holdFor(unreadable int) {
	if d.unreadable = unreadable; len(d.add) <= unreadable {
		d.add = nil
	}
}

// compare computes the difference between the roster and the ids of the live members. stranger
// returns what the directory knows of an undeclared member. A member that it does not know is
// left alone: a new user, who is looked at again, or a membership that outlived its user.
func (r *roster) compare(
	live []string, stranger func(id string) (directory.User, bool), protected func(directory.User) bool, held func(id string) holding,
) difference {
	var d difference
	present := make(map[string]bool, len(live))
	for _, id := range live {
		present[id] = true
		person, known := stranger(id)
		switch {
		case r.byID[id] || !known:
		case protected(person):
			d.protected++
		case held(id) == heldAsReplaced:
			d.held, d.replaced = append(d.held, person), append(d.replaced, person)
		case held(id) == heldAsRenamed:
			d.held = append(d.held, person)
		default:
			d.remove = append(d.remove, person)
		}
	}
	for _, person := range r.members {
		if !present[person.ID] {
			d.add = append(d.add, person)
		}
	}
	return d
}
