package oneshot

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Owners returns the User objects that stand for users of an organization and may change them.
type Owners func(ctx context.Context, organizationID string) (plan.Owners, error)

// OwnersFrom returns Owners that reads from a cache of the API server.
func OwnersFrom(cache client.Reader, admission *lifecycle.Admission) Owners {
	return func(ctx context.Context, organizationID string) (owners plan.Owners, _ error) {
		var list v1alpha1.UserList
		if err := cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
			return owners, err
		}
		for i := range list.Items {
			user := &list.Items[i]
			if user.Status.OrganizationID != organizationID || user.Spec.Mode == v1alpha1.ModePlan {
				continue
			}
			standing, err := admission.Of(ctx, user)
			if err != nil {
				return owners, err
			}
			if standing.Admitted && !standing.PlansOnly {
				owners.Add(user)
			}
		}
		return owners, nil
	}
}
