package lifecycle

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Admission determines what Organizations permit objects to do. Conditions do not say: an
// object that is paused, or had no pass yet, has none.
type Admission struct {
	// Client reads Organizations and the metadata of namespaces from the cache.
	Client client.Reader
	// WatchNamespaces are the only namespaces in the cache; empty: all are.
	WatchNamespaces []string
}

// Standing is what an Organization permits an object to do.
type Standing struct {
	// Admitted is set if the Organization admits the object's namespace and grants
	// what its spec and status ask for. While the Organization does not exist, an
	// object that has belonged to it stays admitted.
	Admitted bool
	// PlansOnly is set if nothing beneath the Organization may be changed.
	PlansOnly bool
	// Orphaned is set if the Organization does not exist.
	Orphaned bool
}

// Of returns the standing of an object with the Organization that it refers to.
func (a *Admission) Of(ctx context.Context, member Member) (Standing, error) {
	key := organizationKey(member)
	if !a.watches(key.Namespace) {
		return Standing{}, nil
	}
	var organization v1alpha1.Organization
	switch err := a.Client.Get(ctx, key, &organization, client.UnsafeDisableDeepCopy); {
	case apierrors.IsNotFound(err):
		return Standing{Admitted: member.Common().OrganizationID != "", Orphaned: true}, nil
	case err != nil:
		return Standing{}, err
	}
	standing := Standing{PlansOnly: plansOnly(&organization.Spec)}
	if applicantOf(member).refusal(key, &organization.Spec) != "" {
		return standing, nil
	}
	var err error
	standing.Admitted, err = a.admits(ctx, &organization, member.GetNamespace())
	return standing, err
}

// watches reports whether objects of the namespace are in the cache.
func (a *Admission) watches(namespace string) bool {
	return len(a.WatchNamespaces) == 0 || slices.Contains(a.WatchNamespaces, namespace)
}

// admits reports whether the Organization's allowedNamespaces admit the
// namespace. Its own is always admitted.
func (a *Admission) admits(ctx context.Context, organization *v1alpha1.Organization, namespace string) (bool, error) {
	allowed := organization.Spec.AllowedNamespaces
	switch {
	case namespace == organization.Namespace || allowed.From == v1alpha1.NamespacesFromAll:
		return true, nil
	case allowed.From != v1alpha1.NamespacesFromSelector || len(a.WatchNamespaces) > 0:
		// In namespaced mode the operator may not read namespaces, and the Organization
		// reports InvalidSpec.
		return false, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(allowed.Selector)
	if err != nil {
		return false, nil //nolint:nilerr // the Organization says InvalidSpec
	}
	metadata := &metav1.PartialObjectMetadata{}
	metadata.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := a.Client.Get(ctx, client.ObjectKey{Name: namespace}, metadata); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return selector.Matches(labels.Set(metadata.Labels)), nil
}

// plansOnly reports whether nothing beneath an Organization may be changed.
func plansOnly(spec *v1alpha1.OrganizationSpec) bool {
	observes := spec.Credentials == nil && spec.ReadCredentials != nil
	return spec.Mode == v1alpha1.ModePlan || observes
}
