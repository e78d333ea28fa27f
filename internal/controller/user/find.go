package user

import (
	"context"
	"time"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/follow"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// wording is used in messages about users.
var wording = continuous.Wording{
	Kind: "User", Noun: "user", One: "user", All: "users with the username", Attribute: "username",
	Another: "State another username", Yield: "delete one of the two objects",
}

// finder looks for the user of an object. row is what the object declares; nil if it is being
// deleted.
type finder struct {
	*pass
	row *rows.Row
}

// search looks for the object's user.
func (k *Kind) search(f finder) *continuous.Search[*v1alpha1.User, Memory, directory.User] {
	return &continuous.Search[*v1alpha1.User, Memory, directory.User]{
		Counterparts: f, Pass: f.pass, ID: f.Object.Status.ID, Policy: f.Object.Spec.AdoptionPolicy, Creation: &f.Memory.creation,
		Explain: wording.Explain, Queued: &continuous.Queued{Limits: k.Jobs.Creates.Limits, Slowest: k.Jobs.Creates.Slowest()},
	}
}

// look returns what a reading of the directory that is newer than a time shows.
func (f finder) look(ctx context.Context, newerThan time.Time) (*follow.Sight, directory.Result, error) {
	object, status := f.Object, &f.Object.Status
	subject := &follow.Subject{
		Row: f.row, UserID: status.ID, Omits: len(status.Omitted) > 0, Kept: status.Kept, Salt: string(object.UID),
		Foreign: f.Session.Organization.Namespace != object.Namespace, NoPrivileges: f.PrivilegeRefusal(),
	}
	if status.Creating != nil {
		subject.Creating = status.Creating.Name
	}
	return f.Memory.look.At(ctx, f.Session, subject, newerThan)
}

// Known returns the user of the id in the status.
func (f finder) Known(ctx context.Context) (*directory.User, error) {
	sight, _, err := f.look(ctx, f.Since())
	if err != nil {
		return nil, err
	}
	live := sight.User(f.Object.Status.ID)
	if live != nil {
		note(f.pass, live, false)
	}
	return live, nil
}

// Forget drops the user from the status.
func (f finder) Forget() { forget(&f.Object.Status) }

// Named returns the users with exactly that username.
func (f finder) Named(ctx context.Context, name string, newerThan time.Time) (seen continuous.Lookup[directory.User], err error) {
	sight, result, err := f.look(ctx, newerThan)
	if err != nil {
		return seen, err
	}
	seen.Began, seen.Hides = result.Began, sight.Hides
	for _, user := range sight.Users {
		if user.Username == name {
			seen.Add(user, user.ID)
		}
	}
	return seen, nil
}

// Take records that the user is the object's.
func (f finder) Take(_ context.Context, live *directory.User, adopted bool) (*directory.User, error) {
	f.Object.Status.Adopted = adopted
	note(f.pass, live, !adopted && ptr.Deref(f.Object.Spec.State, "") == v1alpha1.UserStateSuspended)
	return live, nil
}
