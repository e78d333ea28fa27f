package validation

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/organization"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayinstance"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// reconcile reports what the object's controller would, as far as that requires neither a
// cluster nor JumpCloud. The error is the context's.
func (v *validator) reconcile(ctx context.Context, d declared) error {
	belongs := v.organization(d)
	if belongs != nil {
		v.admission(d, belongs)
	}
	v.ownership(d)
	switch object := d.typed.(type) {
	case *v1alpha1.Organization:
		return v.connects(ctx, d, object)
	case *v1alpha1.ScheduledUserState:
		if _, err := schedules.EventsOf(&object.Spec); err != nil {
			v.spec(d, err.Error()+".")
		}
		v.contest(d, object)
	case *v1alpha1.WorkdayInstance:
		v.spec(d, workdayinstance.Validate(&object.Spec, belongs))
	case *v1alpha1.WorkdayImport:
		if problem := workdayimport.Validate(&object.Spec); problem != "" {
			v.spec(d, problem+".")
		}
		v.exists(d, "spec.workdayInstanceRef.name", "WorkdayInstance", object.Spec.WorkdayInstanceRef.Name)
	case *v1alpha1.BulkUserImport:
		return v.bulkUserImport(ctx, d, object.DeepCopy())
	case *v1alpha1.User:
		return v.user(ctx, d, object.DeepCopy())
	case *v1alpha1.UserGroup:
		return v.userGroup(ctx, d, object)
	default:
	}
	return nil
}

// connects checks the spec of an Organization, and the Secrets of its credentials if they are
// among the manifests.
func (v *validator) connects(ctx context.Context, d declared, object *v1alpha1.Organization) error {
	problem := organization.Validate(object)
	if problem == "" {
		found, note, err := organization.ValidateSecrets(ctx, v.set, object)
		if err != nil {
			return v.refused(ctx, d, err)
		}
		if note != "" {
			v.note(d.Object, "spec", note+" What it holds was not looked at")
		}
		problem = found
	}
	v.spec(d, problem)
	return nil
}

// spec adds a problem of a spec; the message names the field itself.
func (v *validator) spec(d declared, message string) {
	if message == "" {
		return
	}
	problem := d.Problem(fieldOf(message), message)
	problem.Field = ""
	v.report.Problems = append(v.report.Problems, problem)
}

// organization returns the Organization of an object, or nil if it is not in the set.
func (v *validator) organization(d declared) *v1alpha1.Organization {
	member, ok := d.typed.(interface {
		OrganizationRef() v1alpha1.OrganizationReference
	})
	if !ok {
		return nil
	}
	reference := member.OrganizationRef()
	key := client.ObjectKey{Namespace: reference.Namespace, Name: reference.Name}
	if key.Namespace == "" {
		key.Namespace = d.GetNamespace()
	}
	found, ok := v.set.objects[name{"Organization", key}]
	if !ok {
		v.absent(d, "spec.organizationRef", fmt.Sprintf("Organization %s is not among the manifests: whether it admits this object was not looked at", key))
		return nil
	}
	o, _ := found.typed.(*v1alpha1.Organization)
	return o
}

// exists adds a note if an object is not among the manifests.
func (v *validator) exists(d declared, field, kind, of string) {
	if _, ok := v.set.objects[name{kind, client.ObjectKey{Namespace: d.GetNamespace(), Name: of}}]; !ok {
		v.absent(d, field, fmt.Sprintf("%s %s is not among the manifests", kind, of))
	}
}

// absent adds a note about what is not among the manifests, once.
func (v *validator) absent(d declared, field, message string) {
	if !v.noted[message] {
		v.noted[message] = true
		v.note(d.Object, field, message)
	}
}
