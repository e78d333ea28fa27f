package preview

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/crdschema"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// Organization returns the Organization that all objects belong to, for Options. It is one of
// the objects, or else one with defaults that admits everything; nil if no object belongs to
// any. The error says that there are several.
func Organization(ctx context.Context, objects []client.Object) (*v1alpha1.Organization, error) {
	var keys []client.ObjectKey
	for _, object := range objects {
		if member, ok := object.(lifecycle.Member); ok && !slices.Contains(keys, lifecycle.KeyOfOrganization(member)) {
			keys = append(keys, lifecycle.KeyOfOrganization(member))
		}
	}
	switch len(keys) {
	case 0:
		return nil, nil
	case 1:
	default:
		names := make([]string, len(keys))
		for i, key := range keys {
			names[i] = key.String()
		}
		slices.Sort(names)
		return nil, fmt.Errorf("the manifests belong to %d Organizations, and a key is for one: give those of one at a time: %s",
			len(keys), strings.Join(names, ", "))
	}
	for _, object := range objects {
		if found, ok := object.(*v1alpha1.Organization); ok && client.ObjectKeyFromObject(found) == keys[0] {
			return connected(found.DeepCopy()), nil
		}
	}
	assumed, err := defaults(ctx, keys[0])
	if err != nil {
		return nil, err
	}
	assumed.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll, Adopt: true, Privileged: true}
	return connected(assumed), nil
}

// defaults returns an Organization that states only its credentials.
func defaults(ctx context.Context, key client.ObjectKey) (*v1alpha1.Organization, error) {
	schemas, err := crdschema.Load()
	if err != nil {
		return nil, err
	}
	content := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"credentials": map[string]any{"apiKeySecretRef": map[string]any{"name": "not-read"}},
	}}}
	content.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(lifecycle.OrganizationKind))
	content.SetNamespace(key.Namespace)
	content.SetName(key.Name)
	refused, err := schemas.Create(ctx, content)
	if err == nil {
		err = refused.ToAggregate()
	}
	if err != nil {
		return nil, fmt.Errorf("an Organization with defaults cannot be made: %w", err)
	}
	organization := &v1alpha1.Organization{}
	return organization, runtime.DefaultUnstructuredConverter.FromUnstructured(content.Object, organization)
}

// connected makes an Organization look as if its controller had connected it. It admits all
// namespaces if that depends on their labels, which are unknown.
func connected(organization *v1alpha1.Organization) *v1alpha1.Organization {
	born(organization)
	if organization.Spec.AllowedNamespaces.From == v1alpha1.NamespacesFromSelector {
		organization.Spec.AllowedNamespaces.From, organization.Spec.AllowedNamespaces.Selector = v1alpha1.NamespacesFromAll, nil
	}
	organization.Spec.Mode = v1alpha1.ModeApply // each object is in mode Plan itself
	organization.Status.ObservedGeneration = organization.Generation
	organization.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.SucceededReason, LastTransitionTime: metav1.Now(),
	}}
	return organization
}
