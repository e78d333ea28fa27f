package usergroup

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// PlanDeletion plans the deletion of the group, which harms all of its members. It first waits
// for a creation whose answer was lost, and deletes what that made, too.
func (k *Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	if pass.Object.Spec.DeletionPolicy != v1alpha1.DeletionPolicyDelete {
		return &plan{}, nil
	}
	plan, err := k.observation(pass).deletion(ctx)
	if !resumes(err) {
		pass.Memory.look = nil
	}
	return plan, err
}

func (o *observation) deletion(ctx context.Context) (*plan, error) {
	o.look.closely = true
	found, err := o.counterpart().Own(ctx)
	if found == nil || err != nil {
		return &plan{}, err
	}
	if err := o.permitted(&found.summary); err != nil {
		return nil, err
	}
	members, err := o.readMembers(ctx, found.summary.ID)
	if err != nil {
		return nil, err
	}
	return &plan{Changes: []change{{
		Action: v1alpha1.ChangeDelete, Subject: found.summary.Name, UserID: found.summary.ID,
		Class: v1alpha1.HarmAccessLost, Harm: len(members), Gated: o.protected(found), Do: deleteGroup,
	}}}, nil
}

func deleteGroup(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
	return jumpcloud.IgnoreNotFound(pass.Session.Client.DeleteUserGroup(ctx, submission, pass.Object.Status.ID))
}
