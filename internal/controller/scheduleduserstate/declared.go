package scheduleduserstate

import (
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Contested says which users of an object are named for the same event by one of the objects
// in first, which rank before it; "" if none are. It looks up no user: references count as
// written.
func Contested(object *v1alpha1.ScheduledUserState, first []*v1alpha1.ScheduledUserState) string {
	var names []string
	owner := ""
	for _, reference := range object.Spec.Users {
		at := slices.IndexFunc(first, func(other *v1alpha1.ScheduledUserState) bool {
			return meet(object, other) && slices.ContainsFunc(other.Spec.Users, func(theirs v1alpha1.UserReference) bool {
				return theirs.Names(reference.ID, reference.Username, reference.Email)
			})
		})
		if at < 0 {
			continue
		}
		if owner == "" {
			owner = client.ObjectKeyFromObject(first[at]).String()
		}
		names = append(names, reference.String())
	}
	if len(names) == 0 {
		return ""
	}
	return leftText(len(names), text.First(names, shown, len(names)), owner)
}

// meet reports whether two objects declare the same event.
func meet(a, b *v1alpha1.ScheduledUserState) bool {
	theirs := identityKeys(b)
	return slices.ContainsFunc(identityKeys(a), func(key string) bool { return slices.Contains(theirs, key) })
}
