package jumpcloudtest

import "time"

// All changes of users go through the next three methods, which update what other objects
// derive from users.

func (o *Organization) insert(u *user, now time.Time) {
	o.users.add(u)
	o.reevaluate(now)
}

// change sets fields as directory.change does.
func (o *Organization) change(u *user, fields map[string]any, now time.Time) {
	o.users.change(u, fields)
	o.reevaluate(now)
}

// remove removes a user with its memberships, associations and push endpoints, and with its
// scheduled states unless KeepStatesOfDeletedUsers is set.
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
