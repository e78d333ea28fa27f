package usergroup

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/definition"
)

// judge records how a change of the group itself may harm its members. If some lose and others
// gain, the larger number counts.
func (o *observation) judge(ctx context.Context, planned *change, edit *definition.Change) error {
	if edit.MayHarm() {
		members, err := o.readMembers(ctx, o.status.ID)
		if err != nil {
			return err
		}
		switch losing, gaining := edit.Harm(members); {
		case losing > 0:
			planned.Class, planned.Harm = v1alpha1.HarmAccessLost, max(losing, gaining)
			planned.Gated = planned.Gated || removalsGated(o.status)
		case gaining > 0:
			planned.Class, planned.Harm = v1alpha1.HarmAccessGained, gaining
		}
	}
	planned.Approved = removalsApproved(planned.Class)
	return nil
}

// protected reports whether the Organization protects the group, by its present or its
// declared name: every change of it then needs an approval.
func (o *observation) protected(found *group) bool {
	spec := o.pass.Session.Spec
	return spec.ProtectsGroup(o.definition.Name) || spec.ProtectsGroup(found.summary.Name)
}

// removalsGated reports whether removals wait for an approval. Those from an adopted group do,
// until a person has approved a loss of access.
func removalsGated(status *v1alpha1.UserGroupStatus) bool {
	return status.Adopted && (status.Members == nil || !status.Members.RemovalsApproved)
}
