package usergroup

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// risk is how a change of the group itself may harm its members.
type risk struct {
	class v1alpha1.HarmClass
	users int
	// gated changes need an approval, however few users they harm.
	gated bool
}

// risk determines how a change of the group may harm its members. If some lose and others
// gain, the larger number counts.
func (o *observation) risk(ctx context.Context, live, after jumpcloud.UserGroupInput, fields fielddiff.Fields) (risk, error) {
	lost, err := o.atRisk(ctx, live, after, fields)
	if err != nil {
		return risk{}, err
	}
	gained, err := o.gaining(ctx, live, after)
	if err != nil {
		return risk{}, err
	}
	r := risk{class: v1alpha1.HarmNone, gated: lost > 0 && removalsGated(o.status) || chosen(after, fields)}
	switch {
	case lost > 0:
		r.class, r.users = v1alpha1.HarmAccessLost, max(lost, gained)
	case gained > 0:
		r.class, r.users = v1alpha1.HarmAccessGained, gained
	}
	return r, nil
}

// atRisk counts the members that JumpCloud may remove because of a change of the group. Only
// JumpCloud can tell which users a query matches, so every member that it will re-evaluate
// counts. With a review, the change itself removes no one.
func (o *observation) atRisk(ctx context.Context, live, after jumpcloud.UserGroupInput, fields fielddiff.Fields) (int, error) {
	anew := fields.Has(methodField, queryField)
	if after.MembershipMethod != jumpcloud.MembershipDynamicAutomated || !anew && !fields.Has(exemptionsField) {
		return 0, nil
	}
	members, err := o.readMembers(ctx, o.status.ID)
	if err != nil {
		return 0, err
	}
	exempt, were := sets.New(sortedIDs(after.MemberQueryExemptions)...), sets.New(sortedIDs(live.MemberQueryExemptions)...)
	n := 0
	for _, id := range members {
		if !exempt.Has(id) && (anew || were.Has(id)) {
			n++
		}
	}
	return n, nil
}

// gaining counts the members to whom a change of the group gives sudo, or sudo without a
// password.
func (o *observation) gaining(ctx context.Context, live, after jumpcloud.UserGroupInput) (int, error) {
	before, then := sudoOf(live.Attributes), sudoOf(after.Attributes)
	if !then.Enabled || before.Enabled && (before.WithoutPassword || !then.WithoutPassword) {
		return 0, nil
	}
	members, err := o.readMembers(ctx, o.status.ID)
	return len(members), err
}

// chosen reports whether a query will choose who gets sudo: nobody can tell how many users
// that is before it has.
func chosen(after jumpcloud.UserGroupInput, fields fielddiff.Fields) bool {
	return after.MembershipMethod == jumpcloud.MembershipDynamicAutomated && sudoOf(after.Attributes).Enabled &&
		fields.Has(methodField, queryField, exemptionsField, attributesField+"."+sudoAttribute)
}

// sudoOf reads what sudo rights a group gives. What cannot be read counts as the zero value,
// as in the comparison of attributes.
func sudoOf(attributes map[string]json.RawMessage) v1alpha1.GroupSudo {
	var sudo v1alpha1.GroupSudo
	if json.Unmarshal(attributes[sudoAttribute], &sudo) != nil {
		return v1alpha1.GroupSudo{}
	}
	return sudo
}

// privileged reports whether members will have sudo once the group is as declared.
func (o *observation) privileged(found *group) bool {
	attributes := o.object.Spec.Attributes
	if attributes != nil && attributes.Sudo != nil {
		return attributes.Sudo.Enabled
	}
	return found != nil && found.full != nil && sudoOf(found.full.Attributes).Enabled
}

// protected reports whether the Organization protects the group, by its present or its
// declared name: every change of it then needs an approval.
func (o *observation) protected(found *group) bool {
	spec := o.pass.Session.Spec
	return spec.ProtectsGroup(o.declaration.name) || found != nil && spec.ProtectsGroup(found.summary.Name)
}

// removalsGated reports whether removals wait for an approval. Those from an adopted group do,
// until a person has approved a loss of access.
func removalsGated(status *v1alpha1.UserGroupStatus) bool {
	return status.Adopted && (status.Members == nil || !status.Members.RemovalsApproved)
}
