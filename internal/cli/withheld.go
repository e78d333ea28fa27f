package cli

import (
	"context"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/organization/withheld"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// members lists the objects of the operator's kinds in one namespace, or in all namespaces if
// it is "".
func (c *cluster) members(ctx context.Context, namespace string) ([]lifecycle.Member, error) {
	var found []lifecycle.Member
	for _, kind := range controller.Kinds() {
		gvk, err := c.GroupVersionKindFor(kind)
		if err != nil {
			return nil, err
		}
		made, err := c.Scheme().New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
		if err != nil {
			return nil, err
		}
		list, ok := made.(client.ObjectList)
		if !ok {
			return nil, fmt.Errorf("%T is not a list of objects", made)
		}
		if err := c.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, fmt.Errorf("list objects of kind %s: %w", gvk.Kind, err)
		}
		err = apimeta.EachListItem(list, func(item runtime.Object) error {
			if member, ok := item.(lifecycle.Member); ok {
				member.GetObjectKind().SetGroupVersionKind(gvk)
				found = append(found, member)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// approvals returns the PlanApprovals that count for an object.
func (c *cluster) approvals(ctx context.Context, object client.Object) ([]v1alpha1.PlanApproval, error) {
	var list v1alpha1.PlanApprovalList
	if err := c.List(ctx, &list, client.InNamespace(object.GetNamespace())); err != nil {
		return nil, fmt.Errorf("list PlanApprovals: %w", err)
	}
	kind := object.GetObjectKind().GroupVersionKind().Kind
	var counting []v1alpha1.PlanApproval
	for i := range list.Items {
		p := &list.Items[i]
		if string(p.Spec.ObjectRef.Kind) == kind && p.Spec.ObjectRef.Name == object.GetName() && approval.Counts(p, object.GetUID()) {
			counting = append(counting, *p)
		}
	}
	return counting, nil
}

// withheldPlans reads all plans that wait because of an Organization's guard or window. It
// fails unless they are exactly those of the hash in its status.
func (c *cluster) withheldPlans(ctx context.Context, organization *v1alpha1.Organization) ([]*planView, error) {
	status := organization.Status.Withheld
	if status == nil {
		return nil, nil
	}
	members, err := c.members(ctx, metav1.NamespaceAll)
	if err != nil {
		return nil, fmt.Errorf("cannot read the waiting plans, which may be in any namespace: %w", err)
	}
	named, err := c.approvals(ctx, organization)
	if err != nil {
		return nil, err
	}
	approvals := withheld.Approvals{Objects: named}
	if organization.Spec.Approvals != v1alpha1.ApprovalsFromObjects {
		approvals.Spec = organization.Spec.ApprovedPlan
	}
	var views []*planView
	var waiting []withheld.Waiting
	for _, member := range members {
		plan := approval.PlanOf(member)
		if lifecycle.KeyOfOrganization(member) != client.ObjectKeyFromObject(organization) || !plan.Concerned() {
			continue
		}
		if plan.Guarded() {
			view, err := c.plan(ctx, member)
			if err != nil {
				return nil, err
			}
			views = append(views, view)
			plan = approval.PlanOf(member) // c.plan may have reread the member
		}
		waiting = append(waiting, withheld.Waiting{
			Kind: member.GetObjectKind().GroupVersionKind().Kind, Namespace: member.GetNamespace(), Name: member.GetName(),
			UID: member.GetUID(), Plan: plan,
		})
	}
	now, _ := withheld.Decide(organization.UID, waiting, approvals, organization.Status.Released)
	if now == nil || now.Hash != status.Hash {
		return nil, fmt.Errorf("the waiting plans of %s are changing at the moment: try again. If this error persists, check that the operator is running", title(organization))
	}
	return views, nil
}
