package oneshot

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Owners returns the User objects that stand for users of an organization.
type Owners func(ctx context.Context, organizationID string) (plan.Owners, error)

// OwnersFrom returns the Owners that a cache of the API server has.
func OwnersFrom(cache client.Reader) Owners {
	return func(ctx context.Context, organizationID string) (owners plan.Owners, _ error) {
		var list v1alpha1.UserList
		if err := cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
			return owners, err
		}
		for i := range list.Items {
			if list.Items[i].Status.OrganizationID == organizationID {
				owners.Add(&list.Items[i])
			}
		}
		return owners, nil
	}
}
