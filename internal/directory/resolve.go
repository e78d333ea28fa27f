package directory

import (
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Resolution says who references are. It is immutable.
type Resolution struct {
	// Began is before the first request of the oldest reading that the resolution is based on,
	// Ended after the last answer of the newest.
	Began, Ended time.Time

	users map[v1alpha1.UserReference]User
	// unknown is set if it is not known who one of the references is.
	unknown bool
}

// Find returns the user of a reference that Resolve was called with, and whether there is one:
// with false, the user is proved absent. Usernames compare with case, emails without.
func (r *Resolution) Find(ref v1alpha1.UserReference) (User, bool) {
	user, found := r.users[normal(ref)]
	return user, found
}

func (r *Resolution) add(ref v1alpha1.UserReference, a answer) {
	if r.Began.IsZero() || a.began.Before(r.Began) {
		r.Began = a.began
	}
	if a.ended.After(r.Ended) {
		r.Ended = a.ended
	}
	if a.found {
		r.users[ref] = a.user
	}
	r.unknown = r.unknown || !a.known
}

// query is one call of Resolve.
type query struct {
	refs      []v1alpha1.UserReference // as returned by normal
	newerThan time.Time
}

func newQuery(refs []v1alpha1.UserReference, newerThan time.Time) *query {
	q := &query{newerThan: newerThan}
	for _, ref := range refs {
		q.refs = append(q.refs, normal(ref))
	}
	return q
}

// normal returns the normal form of a reference: equal references have the same.
func normal(ref v1alpha1.UserReference) v1alpha1.UserReference {
	ref.Email = strings.ToLower(ref.Email)
	return ref
}

// resolve returns what is known, if it answers the whole query.
func (a *answers) resolve(q *query) (*Resolution, bool) {
	r := &Resolution{users: map[v1alpha1.UserReference]User{}}
	for _, ref := range q.refs {
		known, ok := a.get(ref, q.newerThan)
		if !ok {
			return nil, false
		}
		if !known.found {
			a.keep(ref, known) // until a reading shows the user: see users.sight
		}
		r.add(ref, known)
	}
	return r, true
}
