package lifecycle

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// ClaimsField is the index of objects by what they claim: see Options.Claims.
const ClaimsField = "claims"

func (r *Reconciler[T]) older(ctx context.Context, pass *Pass[T], claims []string) ([]T, error) {
	organization := pass.Object.Common().OrganizationID
	if organization == "" {
		return nil, nil
	}
	var found []T
	seen := map[types.UID]bool{pass.Object.GetUID(): true}
	for _, claim := range claims {
		list, err := newList(r.Client.Scheme(), pass.Object)
		if err == nil {
			err = r.Client.List(ctx, list, client.MatchingFields{ClaimsField: claim})
		}
		if err == nil {
			err = apimeta.EachListItem(list, func(item runtime.Object) error {
				other := as[T](item)
				if !seen[other.GetUID()] && isOlder(other, pass.Object) && r.organizationOf(other) == organization {
					found = append(found, other)
				}
				seen[other.GetUID()] = true
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, func(a, b T) int {
		if isOlder(a, b) {
			return -1
		}
		return 1
	})
	return found, nil
}

// isOlder orders objects by age, and those of the same second by UID.
func isOlder(a, b client.Object) bool {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if at.Equal(&bt) {
		return a.GetUID() < b.GetUID()
	}
	return at.Before(&bt)
}

// organizationOf returns the id of the organization that an object belongs to,
// or will belong to once it is reconciled; "" where that is not known.
func (r *Reconciler[T]) organizationOf(object T) string {
	if id := object.Common().OrganizationID; id != "" {
		return id
	}
	if member, ok := any(object).(Member); ok {
		if s, ok := r.Pool.Get(organizationKey(member)); ok {
			return s.OrganizationID
		}
	}
	return ""
}

// gone lets through that an object is gone: those that claim the same as it did
// come next.
func gone() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		UpdateFunc:  func(event.UpdateEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}
