package session

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Resolution tells who references are. It is immutable.
type Resolution struct {
	// Began is before the first request of the oldest reading that it rests on,
	// Ended after the last answer of the newest.
	Began, Ended time.Time

	people map[v1alpha1.UserReference]Person
	// unknown is set where it is not known of a reference who it is.
	unknown bool
}

// Find returns the user of a reference that Resolve was called with, and
// whether there is one: with false, the user is proved absent. Usernames
// compare with case, emails without.
func (r *Resolution) Find(ref v1alpha1.UserReference) (Person, bool) {
	person, found := r.people[normal(ref)]
	return person, found
}

// Resolve tells who the references are, from readings of the directory that
// all began at newerThan or later: the zero time takes any, and a time to come
// is taken for now. A snapshot or a search that is new enough answers without
// a request, whoever asked for it. Else the users are searched for, together
// with those whom others ask for at the same time, or all users are listed
// where that is cheaper.
//
// It reads for about a second and then returns ErrReading, and at once where
// another call reads the same list: call it again in a later pass, with the same
// newerThan.
// After other errors that goes on where it was, too, but for ErrIncomplete:
// then it begins anew. ErrUnreadable says that a reference that was not found
// may be a user whose record cannot be read.
func (d *Directory) Resolve(ctx context.Context, refs []v1alpha1.UserReference, newerThan time.Time) (*Resolution, error) {
	q := &query{newerThan: notAfter(newerThan, time.Now())}
	for _, ref := range refs {
		q.refs = append(q.refs, normal(ref))
	}
	d.users.enter(q)
	defer d.users.leave(q)
	client := d.session.current()
	var resolution *Resolution
	drive := driver{wheel: &d.users.wheel}
	defer drive.stop()
	err := inSlices(slice, func() (done bool, err error) {
		if resolution = d.users.resolve(q); resolution == nil {
			err = d.users.turn.do(ctx, func() error { return d.users.advanceQuery(ctx, client, q, &drive) })
			resolution = d.users.resolve(q)
		}
		if resolution != nil && resolution.unknown {
			return false, ErrUnreadable
		}
		return resolution != nil, err
	})
	return resolution, err
}

// query is one call of Resolve.
type query struct {
	refs      []v1alpha1.UserReference // as normal returns them
	newerThan time.Time
}

// answer is what a search said about one reference.
type answer struct {
	person       Person
	found        bool
	known        bool
	began, ended time.Time
}

func (u *users) enter(q *query) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.queries[q] = struct{}{}
}

func (u *users) leave(q *query) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.queries, q)
}

// resolve returns what is known, if it answers the whole query; else nil.
func (u *users) resolve(q *query) *Resolution {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := &Resolution{people: map[v1alpha1.UserReference]Person{}}
	for _, ref := range q.refs {
		a, ok := u.answer(ref, q.newerThan)
		if !ok {
			return nil
		}
		if r.Began.IsZero() || a.began.Before(r.Began) {
			r.Began = a.began
		}
		if a.ended.After(r.Ended) {
			r.Ended = a.ended
		}
		if a.found {
			r.people[ref] = a.person
		} else {
			u.answers[ref] = a // until somebody sees the user: see sight
		}
		r.unknown = r.unknown || !a.known
	}
	return r
}

// answer returns what is known about a reference, if it is new enough. The
// caller holds the lock.
func (u *users) answer(ref v1alpha1.UserReference, newerThan time.Time) (answer, bool) {
	if a, ok := u.answers[ref]; ok && !a.began.Before(newerThan) {
		return a, true
	}
	if u.snapshot == nil || u.snapshot.began.Before(newerThan) {
		return answer{}, false
	}
	return u.snapshot.answer(ref), true
}

// answer is what the snapshot says about a reference.
func (s *snapshot) answer(ref v1alpha1.UserReference) answer {
	person, found, known := s.find(ref)
	return answer{person, found, known, s.began, s.ended}
}
