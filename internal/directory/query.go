package directory

import (
	"context"
	"errors"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// advance makes one or two requests for a query.
func (u *userReader) advance(ctx context.Context, client *jumpcloud.Client, q *query, candidate *candidate) error {
	if !u.list.answers(q.newerThan) {
		refs := u.outstanding(q)
		list, err := u.prefersList(ctx, client, len(refs), q.newerThan)
		if err != nil {
			return err
		}
		if !list {
			return u.lookUp(ctx, client, refs[:min(len(refs), u.size.next())])
		}
		u.list.ensure(q.newerThan, u.newList)
	}
	u.list.touch()
	if !candidate.lead() {
		return ErrReading
	}
	return u.list.stepFor(ctx, q.newerThan, u.sighting(listUsers(client)))
}

// outstanding returns the references that queries wait for and that the list in flight will
// not answer, those of the given queries first.
func (u *userReader) outstanding(foremost ...*query) []v1alpha1.UserReference {
	var refs []v1alpha1.UserReference
	seen := map[v1alpha1.UserReference]struct{}{}
	for _, q := range append(foremost, u.waiting.allQueries()...) {
		if u.list.answers(q.newerThan) {
			continue
		}
		for _, ref := range q.refs {
			if _, ok := seen[ref]; ok {
				continue
			}
			if _, ok := u.answers.get(ref, q.newerThan); !ok {
				seen[ref] = struct{}{}
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// lookUp searches for references, which must be few enough for one request.
func (u *userReader) lookUp(ctx context.Context, client *jumpcloud.Client, refs []v1alpha1.UserReference) error {
	conditions := make([]jumpcloud.Condition, len(refs))
	for i, ref := range refs {
		conditions[i] = conditionOf(ref)
	}
	found := &lookup{}
	way, err := u.search(ctx, client, newSearch(found), conditions)
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, errUnfiltered):
		return nil // fewer are searched for next, or a list is read
	case err != nil:
		return err
	case way != complete:
		return ErrIncomplete
	}
	u.answers.add(refs, newSnapshot(found.began, found.ended, found.users))
	return nil
}

// lookup collects the users that a search for references finds.
type lookup struct {
	users        []User
	began, ended time.Time
}

func (l *lookup) visit(user *jumpcloud.User) { l.users = append(l.users, UserOf(user)) }
func (l *lookup) restart()                   {}
func (l *lookup) end(o outcome)              { l.began, l.ended = o.began, o.ended }
func (l *lookup) waitedFor() bool            { return true }

// conditionOf returns the condition that finds the user of a reference.
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
