package jumpcloudtest

import "time"

// Every user comes, changes and goes by these three, because what other objects
// say about users follows from it.

func (o *Organization) insert(u *user, now time.Time) {
	o.users.add(u)
	o.reevaluate(now)
}

// change sets fields as directory.change does.
func (o *Organization) change(u *user, fields map[string]any, now time.Time) {
	o.users.change(u, fields)
	o.reevaluate(now)
}

// remove takes a user away, with its memberships, associations and push
// endpoints, and with its scheduled states unless those are to stay.
func (o *Organization) remove(u *user, now time.Time) {
	o.users.remove(u)
	for _, g := range o.groups.inserted {
		g.forget(u.id)
	}
	delete(o.associations, u.id)
	delete(o.pushEndpoints, u.id)
	if !o.behavior.KeepStatesOfDeletedUsers {
		o.schedule.forget(u.id, now)
	}
	o.reevaluate(now)
}
