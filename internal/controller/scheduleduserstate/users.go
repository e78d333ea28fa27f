package scheduleduserstate

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// usersOf returns the users that the spec names. A user who is named twice is one.
func usersOf(pass *pass, found *directory.Resolution) []schedules.User {
	var all []schedules.User
	seen := sets.New[string]()
	for _, ref := range pass.Object.Spec.Users {
		u := schedules.User{Name: ref.String()}
		key := "reference " + strings.ToLower(u.Name)
		if ref.Username != "" {
			key = "username " + u.Name
		}
		if person, ok := found.Find(ref); ok {
			u.ID, u.State, u.Protected, key = person.ID, person.State, pass.Session.Protected(person), "id "+person.ID
		}
		if !seen.Has(key) {
			seen.Insert(key)
			all = append(all, u)
		}
	}
	return all
}

// contest marks the users who belong to another object at one of the events. They are left
// out; the others are scheduled. Which user a reference names does not change, so any reading
// of the directory will do.
func contest(ctx context.Context, pass *pass, users []schedules.User) error {
	objects, err := rivals(ctx, pass)
	if err != nil || len(objects) == 1 {
		return err
	}
	var references []v1alpha1.UserReference
	for _, object := range objects {
		references = append(references, object.Spec.Users...)
	}
	found, err := pass.Session.Users.Resolve(ctx, references, time.Time{})
	if err != nil {
		return err
	}
	idOf := func(reference v1alpha1.UserReference) string {
		person, _ := found.Find(reference)
		return person.ID
	}
	schedules.Contest(users, objects, idOf, func(a, b *v1alpha1.ScheduledUserState) bool { return lifecycle.RanksBefore(a, b) })
	return nil
}

// rivals returns the objects that share keys with the pass's, directly or through others; the
// first is the pass's own.
func rivals(ctx context.Context, pass *pass) ([]*v1alpha1.ScheduledUserState, error) {
	all := []*v1alpha1.ScheduledUserState{pass.Object}
	seen := sets.New(pass.Object.UID)
	for i := 0; i < len(all); i++ {
		contenders, err := pass.Contenders(ctx, schedules.Keys(&all[i].Spec))
		if err != nil {
			return nil, err
		}
		for _, object := range contenders {
			if !seen.Has(object.UID) {
				all = append(all, object)
			}
			seen.Insert(object.UID)
		}
	}
	return all, nil
}
