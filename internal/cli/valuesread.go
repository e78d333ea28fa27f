package cli

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// planInputs are the objects that plans are made from, and the sources that they read.
type planInputs struct {
	objects []client.Object
	// planned maps each plan to the name of its object.
	planned map[*planView]string

	seen map[string]bool
}

// inputs reads what the plans are made from, without passwords.
func (c *cluster) inputs(ctx context.Context, views []*planView) (*planInputs, error) {
	in := &planInputs{planned: map[*planView]string{}, seen: map[string]bool{}}
	for _, view := range views {
		object, err := c.get(ctx, view.Kind, client.ObjectKey{Namespace: view.Namespace, Name: view.Name})
		if err != nil {
			return nil, err
		}
		member, ok := object.(lifecycle.Member)
		if !ok {
			continue
		}
		in.planned[view] = nameOf(member)
		organization, err := c.get(ctx, lifecycle.OrganizationKind, lifecycle.KeyOfOrganization(member))
		if err != nil {
			return nil, err
		}
		in.add(organization)
		if err := c.sources(ctx, in, member); err != nil {
			return nil, err
		}
		in.add(renewed(member))
	}
	return in, nil
}

func (in *planInputs) add(object client.Object) {
	if name := nameOf(object); !in.seen[name] {
		in.seen[name] = true
		in.objects = append(in.objects, object)
	}
}

// renewed removes an object's progress, so that it is planned from the start, and its
// passwords. It keeps what the object has at JumpCloud.
func renewed(member lifecycle.Member) lifecycle.Member {
	switch o := member.(type) {
	case *v1alpha1.User:
		o.Spec.PasswordSecretRef = nil
	case *v1alpha1.BulkUserImport:
		o.Status = v1alpha1.BulkUserImportStatus{}
		for i := range o.Spec.Users {
			o.Spec.Users[i].PasswordSecretRef = nil
		}
	case *v1alpha1.WorkdayImport:
		o.Status = v1alpha1.WorkdayImportStatus{}
	}
	if living, ok := member.(livingObject); ok {
		living.Living().Plan = nil
	}
	member.Common().Conditions = nil
	return member
}

// sources adds the sources of an object that exist in the cluster.
func (c *cluster) sources(ctx context.Context, in *planInputs, member lifecycle.Member) error {
	get := func(object client.Object, name string) error {
		err := c.Get(ctx, client.ObjectKey{Namespace: member.GetNamespace(), Name: name}, object)
		if err == nil {
			in.add(object)
		}
		return client.IgnoreNotFound(err)
	}
	getKey := func(object client.Object, reference *v1alpha1.KeyReference) error {
		if reference == nil {
			return nil
		}
		return get(object, reference.Name)
	}
	switch o := member.(type) {
	case *v1alpha1.BulkUserImport:
		for _, from := range o.Spec.UsersFrom {
			if err := getKey(&corev1.ConfigMap{}, from.ConfigMapKeyRef); err != nil {
				return err
			}
			if err := getKey(&corev1.Secret{}, from.SecretKeyRef); err != nil {
				return err
			}
		}
	case *v1alpha1.WorkdayImport:
		return get(&v1alpha1.WorkdayInstance{}, o.Spec.WorkdayInstanceRef.Name)
	case *v1alpha1.UserGroup:
		for _, from := range o.Spec.MembersFrom {
			if err := getKey(&corev1.ConfigMap{}, from.ConfigMapKeyRef); err != nil {
				return err
			}
		}
		return c.selectable(ctx, in, o)
	}
	return nil
}

// selectable adds the Users that the selectors of a group may select, if it has selectors.
func (c *cluster) selectable(ctx context.Context, in *planInputs, group *v1alpha1.UserGroup) error {
	selects := func(from v1alpha1.MembersSource) bool { return from.UserSelector != nil }
	if !slices.ContainsFunc(group.Spec.MembersFrom, selects) {
		return nil
	}
	var users v1alpha1.UserList
	if err := c.List(ctx, &users, client.InNamespace(group.Namespace)); err != nil {
		return err
	}
	for i := range users.Items {
		in.add(renewed(&users.Items[i]))
	}
	return nil
}
