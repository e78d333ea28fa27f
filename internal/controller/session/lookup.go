package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// advanceQuery makes a request or two for a query.
func (u *users) advanceQuery(ctx context.Context, client *jumpcloud.Client, q *query, drive *driver) error {
	if u.resolve(q) != nil {
		return nil // Somebody else has read it meanwhile.
	}
	l := u.listing
	if l == nil || l.began.Before(q.newerThan) {
		refs := u.outstanding(q)
		list, err := u.prefersListing(ctx, client, len(refs), q.newerThan)
		if err != nil {
			return err
		}
		if !list {
			return u.lookUp(ctx, client, refs[:min(len(refs), chunkSize)])
		}
		l = u.currentListing()
	}
	l.queried = time.Now()
	if !drive.start() {
		return ErrReading
	}
	way, err := u.readOn(ctx, client, l)
	if way == incomplete && !l.began.Before(q.newerThan) {
		return ErrIncomplete
	}
	return err
}

// outstanding returns the references that queries wait for and that the
// listing in flight will not answer, those of the given queries first.
func (u *users) outstanding(foremost ...*query) []v1alpha1.UserReference {
	u.mu.Lock()
	defer u.mu.Unlock()
	var refs []v1alpha1.UserReference
	seen := map[v1alpha1.UserReference]struct{}{}
	for _, q := range slices.AppendSeq(foremost, maps.Keys(u.queries)) {
		if u.listing != nil && !u.listing.began.Before(q.newerThan) {
			continue // The listing in flight will answer it.
		}
		for _, ref := range q.refs {
			if _, ok := seen[ref]; ok {
				continue
			}
			if _, ok := u.answer(ref, q.newerThan); !ok {
				seen[ref] = struct{}{}
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// lookUp searches for references, few enough for one request.
func (u *users) lookUp(ctx context.Context, client *jumpcloud.Client, refs []v1alpha1.UserReference) error {
	conditions := make([]jumpcloud.Condition, len(refs))
	for i, ref := range refs {
		conditions[i] = conditionOf(ref)
	}
	began := time.Now()
	page, err := FirstPage(client.SearchUserPages(ctx, jumpcloud.UserSearch{AnyOf: conditions}))
	if refusesFilters(err) || err == nil && ignoresFilters(page, conditions) {
		u.refused = time.Now()
		return nil
	}
	if err != nil {
		return err
	}
	u.searched(began)
	var people []Person
	defer u.wake()
	way := newUserWalk().take(pageOf(page), func(user *jumpcloud.User) {
		people = append(people, personOf(user))
		u.sight(user, began)
	})
	if way != complete {
		return ErrIncomplete
	}
	u.learn(refs, newSnapshot(began, people))
	return nil
}

// learn keeps what a search found.
func (u *users) learn(refs []v1alpha1.UserReference, found *snapshot) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.completed = found.ended
	maps.DeleteFunc(u.answers, func(_ v1alpha1.UserReference, a answer) bool { return found.ended.Sub(a.ended) > idle })
	for _, ref := range refs {
		u.answers[ref] = found.answer(ref)
	}
}

// conditionOf returns what finds the user of a reference.
func conditionOf(ref v1alpha1.UserReference) jumpcloud.Condition {
	c := jumpcloud.Condition{Operator: jumpcloud.Equal}
	switch {
	case ref.Username != "":
		c.Field, c.Value = "username", ref.Username
	case ref.Email != "":
		c.Field, c.Value = "email", ref.Email
	default:
		c.Field, c.Value = "_id", ref.ID
	}
	return c
}
