package scheduleduserstate

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// contest marks the users who belong to another object at one of the events. They are left
// out; the others are scheduled.
func (k Kind) contest(ctx context.Context, pass *pass, users []user) error {
	c, err := k.rivals(ctx, pass)
	if err != nil || c == nil {
		return err
	}
	for i := range users {
		if owner := c.owner(&c.all[0], users[i].id); users[i].id != "" && owner != nil {
			users[i].owner = client.ObjectKeyFromObject(owner.object).String()
		}
	}
	return nil
}

// rival is an object that declares users and events.
type rival struct {
	object *v1alpha1.ScheduledUserState
	events []event
	ids    sets.Set[string]
	// holds are the users whom the status has at each event.
	holds map[event]sets.Set[string]
}

// contest has the objects that share keys, directly or through others; the first is the object
// of the pass.
type contest struct{ all []rival }

// rivals gathers the contest of the pass's object; nil: no other object contends. Which user a
// reference names does not change, so any reading of the directory will do.
func (k Kind) rivals(ctx context.Context, pass *pass) (*contest, error) {
	c := &contest{all: []rival{rivalOf(pass.Object)}}
	seen := sets.New(pass.Object.UID)
	for i := 0; i < len(c.all); i++ {
		contenders, err := pass.Contenders(ctx, identityKeys(c.all[i].object))
		if err != nil {
			return nil, err
		}
		for _, object := range contenders {
			if !seen.Has(object.UID) {
				c.all = append(c.all, rivalOf(object))
			}
			seen.Insert(object.UID)
		}
	}
	if len(c.all) == 1 {
		return nil, nil
	}
	var references []v1alpha1.UserReference
	for i := range c.all {
		references = append(references, c.all[i].object.Spec.Users...)
	}
	found, err := pass.Session.Users.Resolve(ctx, references, time.Time{})
	if err != nil {
		return nil, err
	}
	for i := range c.all {
		for _, reference := range c.all[i].object.Spec.Users {
			if person, ok := found.Find(reference); ok {
				c.all[i].ids.Insert(person.ID)
			}
		}
	}
	return c, nil
}

func rivalOf(object *v1alpha1.ScheduledUserState) rival {
	r := rival{object: object, ids: sets.New[string](), holds: map[event]sets.Set[string]{}}
	r.events, _ = eventsOf(&object.Spec) // an object with invalid dates has no keys
	hold := func(e event, ids string) {
		if r.holds[e] == nil {
			r.holds[e] = sets.New[string]()
		}
		r.holds[e] = r.holds[e].Union(split(ids))
	}
	status := &object.Status
	for i := range status.Jobs {
		if record := &status.Jobs[i]; !record.Adopted && !record.Lost {
			hold(declared(record.State, record.At, record.InsteadOf), record.UserIDs)
		}
	}
	for i := range status.Passed {
		item := &status.Passed[i]
		hold(declared(item.State, item.At, item.InsteadOf), item.Awaited)
		hold(declared(item.State, item.At, item.InsteadOf), item.Executed)
	}
	if s := status.Submission; open(s) {
		hold(declared(s.ScheduledState, s.At, s.InsteadOf), s.UserIDs)
	}
	return r
}

// owner returns a rival that has the user before r at one of the events; nil: there is none.
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
			precedes := theirs && !ours || theirs == ours && lifecycle.RanksBefore(other.object, r.object)
			if precedes && (theirs || c.owner(other, id) == nil) {
				return other
			}
		}
	}
	return nil
}
