package lifecycle

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// ApprovalsField is the index of PlanApprovals by the object that they name: see
// ApprovedObject.
const ApprovalsField = "spec.objectRef"

// ApprovedObject returns the value of ApprovalsField.
func ApprovedObject(object client.Object) []string {
	reference := as[*v1alpha1.PlanApproval](object).Spec.ObjectRef
	return []string{approvedObject(string(reference.Kind), reference.Name)}
}

func approvedObject(kind, name string) string { return kind + "/" + name }

// PlanApprovals returns the PlanApprovals that count for an object of that kind,
// oldest first.
func PlanApprovals(ctx context.Context, reader client.Reader, kind string, object client.Object) ([]v1alpha1.PlanApproval, error) {
	var list v1alpha1.PlanApprovalList
	err := reader.List(ctx, &list, client.InNamespace(object.GetNamespace()),
		client.MatchingFields{ApprovalsField: approvedObject(kind, object.GetName())})
	if err != nil {
		return nil, err
	}
	counting := slices.DeleteFunc(list.Items, func(p v1alpha1.PlanApproval) bool { return !approval.Counts(&p, object.GetUID()) })
	slices.SortFunc(counting, func(a, b v1alpha1.PlanApproval) int { return approval.OlderApproval(&a, &b) })
	return counting, nil
}

// Approvals returns what people have approved for the object: its
// spec.approvedPlan, which the caller passes, its PlanApprovals, and what its
// Organization released.
func (p *Pass[T]) Approvals(ctx context.Context, approvedPlan string) (approval.Approvals, error) {
	return p.shell.approvals(ctx, p, approvedPlan)
}

func (r *Reconciler[T]) approvals(ctx context.Context, pass *Pass[T], approvedPlan string) (approval.Approvals, error) {
	var found approval.Approvals
	gvk, err := apiutil.GVKForObject(pass.Object, r.Client.Scheme())
	if err != nil {
		return found, err
	}
	named, err := PlanApprovals(ctx, r.Client, gvk.Kind, pass.Object)
	if err != nil {
		return found, err
	}
	plan := approval.PlanOf(pass.Object)
	for i := range named {
		// What is done was used, though its status may not say so yet.
		if named[i].Spec.Plan != plan.DoneHash {
			found.Hashes = append(found.Hashes, named[i].Spec.Plan)
		}
	}
	member, ok := any(pass.Object).(Member)
	if !ok {
		return found, nil
	}
	var organization v1alpha1.Organization
	if err := r.Client.Get(ctx, organizationKey(member), &organization); err != nil {
		return found, err
	}
	if found.ObjectsOnly = organization.Spec.Approvals == v1alpha1.ApprovalsFromObjects; !found.ObjectsOnly && approvedPlan != "" {
		found.Hashes = append(found.Hashes, approvedPlan)
	}
	released := organization.Status.Released
	if released == nil || released.Plans == "" {
		return found, nil
	}
	inForce, err := ReleaseApproved(ctx, r.Client, &organization, released.Hash)
	if inForce {
		found.Released = approval.ReleasedIn(released, gvk.Kind, member.GetNamespace(), member.GetName(), member.GetUID())
	}
	return found, err
}

// ReleaseApproved reports whether people approve a hash of everything that is withheld from
// all objects of an Organization.
func ReleaseApproved(ctx context.Context, reader client.Reader, organization *v1alpha1.Organization, hash string) (bool, error) {
	if organization.Spec.ApprovedPlan == hash && organization.Spec.Approvals != v1alpha1.ApprovalsFromObjects {
		return true, nil
	}
	named, err := PlanApprovals(ctx, reader, OrganizationKind, organization)
	return approval.Names(named, hash), err
}

// OrganizationKind is the kind of Organizations.
const OrganizationKind = "Organization"

// KeyOfOrganization returns the namespace and name of a member's Organization.
func KeyOfOrganization(member Member) types.NamespacedName { return organizationKey(member) }
