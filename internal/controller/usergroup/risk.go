package usergroup

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// risk is how a change of the group itself may harm its members.
type risk struct {
	class v1alpha1.HarmClass
	users int
	// gated changes ask for an approval, however many they harm.
	gated bool
}

// risk finds out how a change of the group may harm its members. Where some
// lose and others gain, more of the two count.
func (o *observation) risk(ctx context.Context, live, after jumpcloud.UserGroupInput, fields continuous.Fields) (risk, error) {
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

// atRisk counts the members that JumpCloud may remove because of a change of
// the group. Whom a query matches, only JumpCloud can tell, so that all count
// whom it is to decide about again. With a review, no one is removed by it.
func (o *observation) atRisk(ctx context.Context, live, after jumpcloud.UserGroupInput, fields continuous.Fields) (int, error) {
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

// gaining counts the members who get sudo, or sudo without a password, by a
// change of the group.
func (o *observation) gaining(ctx context.Context, live, after jumpcloud.UserGroupInput) (int, error) {
	before, then := sudoOf(live.Attributes), sudoOf(after.Attributes)
	if !then.Enabled || before.Enabled && (before.WithoutPassword || !then.WithoutPassword) {
		return 0, nil
	}
	members, err := o.readMembers(ctx, o.status.ID)
	return len(members), err
}

// chosen reports whether a query is to choose, unseen, who gets sudo: nobody can
// tell how many that are before it has.
func chosen(after jumpcloud.UserGroupInput, fields continuous.Fields) bool {
	return after.MembershipMethod == jumpcloud.MembershipDynamicAutomated && sudoOf(after.Attributes).Enabled &&
		fields.Has(methodField, queryField, exemptionsField, attributesField+"."+sudoAttribute)
}

// sudoOf reads what members of a group may do. What cannot be read is as the
// zero value, as where it is compared.
func sudoOf(attributes map[string]json.RawMessage) v1alpha1.GroupSudo {
	var sudo v1alpha1.GroupSudo
	if json.Unmarshal(attributes[sudoAttribute], &sudo) != nil {
		return v1alpha1.GroupSudo{}
	}
	return sudo
}

// privileged reports whether members have sudo, or will have it once the group
// is as declared.
func (o *observation) privileged(found *group) bool {
	attributes := o.object.Spec.Attributes
	if attributes != nil && attributes.Sudo != nil {
		return attributes.Sudo.Enabled
	}
	return found != nil && found.full != nil && sudoOf(found.full.Attributes).Enabled
}

// protected reports whether the Organization protects the group, as it is named
// or as it is to be: every change of it asks for an approval.
func (o *observation) protected(found *group) bool {
	spec := o.pass.Session.Spec
	return spec.ProtectsGroup(o.declaration.name) || found != nil && spec.ProtectsGroup(found.summary.Name)
}

// removalsGated reports whether removals wait for an approval: those from an adopted
// group do, until a person has seen who that is.
func removalsGated(status *v1alpha1.UserGroupStatus) bool {
	return status.Adopted && (status.Members == nil || !status.Members.RemovalsApproved)
}
