package schedules

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Contest names the owners of the users whom another object has at one of the events. The
// objects share keys, directly or through others; the first is the one that names the users.
// idOf returns the id of a user, "" for one who is not in the directory, and before reports
// whether an object ranks before another.
func Contest(users []User, objects []*v1alpha1.ScheduledUserState, idOf func(v1alpha1.UserReference) string, before func(a, b *v1alpha1.ScheduledUserState) bool) {
	c, own := contest{before: before}, objects[0]
	for _, object := range slices.SortedFunc(slices.Values(objects), c.compare) {
		c.all = append(c.all, rivalOf(object, idOf))
	}
	named := &c.all[slices.IndexFunc(c.all, func(r rival) bool { return r.object == own })]
	for i := range users {
		if users[i].ID == "" {
			continue
		}
		if owner := c.owner(named, users[i].ID); owner != nil {
			users[i].Owner = nameOf(owner.object)
		}
	}
}

// contest has the objects that contend, by their rank: a message about a user who belongs to
// several names the same one in every pass.
type contest struct {
	all    []rival
	before func(a, b *v1alpha1.ScheduledUserState) bool
}

// compare orders objects by their rank.
func (c *contest) compare(a, b *v1alpha1.ScheduledUserState) int {
	switch {
	case c.before(a, b):
		return -1
	case c.before(b, a):
		return 1
	default:
		return 0
	}
}

// rival is an object that declares users and events.
type rival struct {
	object *v1alpha1.ScheduledUserState
	events []Event
	ids    sets.Set[string]
	// holds are the users whom the status has at each event.
	holds map[Event]sets.Set[string]
}

func rivalOf(object *v1alpha1.ScheduledUserState, idOf func(v1alpha1.UserReference) string) rival {
	r := rival{object: object, ids: sets.New[string](), holds: map[Event]sets.Set[string]{}}
	r.events, _ = EventsOf(&object.Spec) // an object with invalid dates has no keys
	for _, reference := range object.Spec.Users {
		r.ids.Insert(idOf(reference))
	}
	hold := func(e Event, ids string) { r.holds[e] = r.holds[e].Union(IDs(ids)) }
	status := &object.Status
	for i := range status.Jobs {
		if record := &status.Jobs[i]; !record.Adopted && !record.Lost {
			hold(declared(record.State, record.At, record.InsteadOf), record.UserIDs)
		}
	}
	for i := range status.Passed {
		item := &status.Passed[i]
		e := declared(item.State, item.At, item.InsteadOf)
		hold(e, item.Awaited)
		hold(e, item.Executed)
	}
	if s := status.Submission; s != nil && submission.Open(s.State) {
		hold(declared(s.ScheduledState, s.At, s.InsteadOf), s.UserIDs)
	}
	return r
}

// owner returns the first rival that has the user before r at one of the events; nil: there is none.
// If both or neither have the user at JumpCloud, their rank decides. A rival that has lost the
// user elsewhere leaves the user out, and so is in nobody's way. Each rival without the user
// ranks before the previous one, so the recursion ends.
func (c *contest) owner(r *rival, id string) *rival {
	for i := range c.all {
		other := &c.all[i]
		if other == r || !other.ids.Has(id) {
			continue
		}
		for _, e := range r.events {
			if !slices.Contains(other.events, e) {
				continue
			}
			theirs, ours := other.holds[e].Has(id), r.holds[e].Has(id)
			precedes := theirs && !ours || theirs == ours && c.before(other.object, r.object)
			if precedes && (theirs || c.owner(other, id) == nil) {
				return other
			}
		}
	}
	return nil
}

// Contested says which users of an object are named for the same event by one of the objects
// in first, which rank before it; "" if none are. It looks up no user: references count as
// written.
func Contested(object *v1alpha1.ScheduledUserState, first []*v1alpha1.ScheduledUserState) string {
	keys := Keys(&object.Spec)
	first = slices.DeleteFunc(slices.Clone(first), func(other *v1alpha1.ScheduledUserState) bool {
		return !slices.ContainsFunc(Keys(&other.Spec), func(key string) bool { return slices.Contains(keys, key) })
	})
	var names []string
	owner := ""
	for _, reference := range object.Spec.Users {
		at := slices.IndexFunc(first, func(other *v1alpha1.ScheduledUserState) bool {
			return slices.ContainsFunc(other.Spec.Users, func(theirs v1alpha1.UserReference) bool {
				return theirs.Names(reference.ID, reference.Username, reference.Email)
			})
		})
		if at < 0 {
			continue
		}
		names = append(names, reference.String())
		if owner == "" {
			owner = nameOf(first[at])
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ContestedText(names, owner)
}

// ContestedText says that users are left to other objects, the first of them to owner.
func ContestedText(names []string, owner string) string {
	const shown = 3
	return fmt.Sprintf("%s left to objects that name them for the same time and take precedence (%s; the first: ScheduledUserState %s). "+
		"All others are handled. Name each user in one object only.", text.Count(len(names), "user is", "users are"), text.First(names, shown, len(names)), owner)
}

// nameOf names an object for people.
func nameOf(object *v1alpha1.ScheduledUserState) string { return object.Namespace + "/" + object.Name }
