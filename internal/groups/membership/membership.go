// Package membership compares who is declared to be in a group with who is a member. It decides
// who is added and who is removed, and remembers by which names the members were declared, so
// that a member who is renamed is not removed.
package membership

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Look is what an observation of a group's members is based on.
type Look struct {
	Roster *Roster
	// Pending are the references of Sources.Pending.
	Pending sets.Set[v1alpha1.UserReference]
	// Live are the ids of the members. Unreadable counts the members whose ids cannot be read.
	Live       []string
	Unreadable int
	// Find finds undeclared members by their ids. A member that the directory does not know is
	// left alone: a new user, who is looked at again, or a membership that outlived its user.
	// Nil: nobody is removed.
	Find Find
	// Protected reports whether a user is never removed.
	Protected func(directory.User) bool
	// Before is what the status says of the members; nil: no object has managed them.
	Before *v1alpha1.MembersStatus
	Now    time.Time
	// Grace is how long a member whose name another user has now is kept, so that people can
	// read about it.
	Grace time.Duration
}

// Difference is what differs between the declared and the live members.
type Difference struct {
	Add, Remove []directory.User
	// Missing are the references that name nobody in the directory, and the pending ones of
	// those who would be added otherwise.
	Missing []v1alpha1.UserReference
	// Protected counts members who are not declared and are never removed.
	Protected int
	// Held are undeclared members who are not removed in this pass: they may be declared by a
	// former name.
	Held []directory.User
	// Replaced are the held ones whose former name belongs to another user now.
	Replaced []directory.User
	// Unreadable counts live members whose ids cannot be read.
	Unreadable int
}

// Changes returns how many members are added or removed.
func (d *Difference) Changes() int { return len(d.Add) + len(d.Remove) }

// Compare returns how the declared members differ from the live ones, and the new status.
func (n *Names) Compare(l *Look) (Difference, *v1alpha1.MembersStatus) {
	n.meet(l)
	d := Difference{Missing: slices.Clone(l.Roster.Missing), Unreadable: l.Unreadable}
	n.remove(&d, l)
	d.add(l)
	status := ptr.Deref(l.Before, v1alpha1.MembersStatus{})
	// d.Missing has pending Users whose names are in the roster: they are counted there.
	status.Desired = text.Int32(len(l.Roster.Members) + len(l.Roster.Missing))
	status.Current = text.Int32(len(l.Live))
	status.NotFound, status.Protected = text.Int32(len(d.Missing)), text.Int32(d.Protected)
	status.NeverFound, status.Known = n.strangers(), n.known(l.Roster, l.Live)
	return d, &status
}

// remove records which live members are removed, and which of them are not.
func (n *Names) remove(d *Difference, l *Look) {
	if l.Find == nil {
		return
	}
	held := n.held(l)
	for _, id := range l.Live {
		person, known := l.Find(v1alpha1.UserReference{ID: id})
		switch why := held[id]; {
		case l.Roster.ids.Has(id) || !known:
		case l.Protected(person):
			d.Protected++
		case why == notHeld:
			d.Remove = append(d.Remove, person)
		default:
			d.Held = append(d.Held, person)
			if why == heldAsReplaced {
				d.Replaced = append(d.Replaced, person)
			}
		}
	}
}

// add records which declared users are added. It adds no one if all of them may be the members
// whose ids cannot be read. If there are more of them than such members, some are certainly
// absent.
func (d *Difference) add(l *Look) {
	present, certain := sets.New(l.Live...), l.Roster.certain(l.Pending)
	for _, person := range l.Roster.Members {
		switch {
		case present.Has(person.ID):
		case certain.Has(person.ID):
			d.Add = append(d.Add, person)
		default:
			d.Missing = append(d.Missing, v1alpha1.UserReference{Username: person.Username})
		}
	}
	if len(d.Add) <= l.Unreadable {
		d.Add = nil
	}
}
