package definition

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// MayHarm reports whether the change may harm members of the group. Then Harm counts them.
func (c *Change) MayHarm() bool { return c.reevaluates() || c.givesSudo() }

// Harm counts which of the group's members JumpCloud may remove because of the change, and how
// many of them gain sudo. Only JumpCloud can tell which users a query matches, so every member
// that it will re-evaluate counts. With a review, the change itself removes no one.
func (c *Change) Harm(members []string) (losing, gaining int) {
	if c.givesSudo() {
		gaining = len(members)
	}
	if !c.reevaluates() {
		return 0, gaining
	}
	exempt, were := sets.New(sortedIDs(c.Input.MemberQueryExemptions)...), sets.New(sortedIDs(c.live.MemberQueryExemptions)...)
	for _, id := range members {
		if !exempt.Has(id) && (c.queriesAnew() || were.Has(id)) {
			losing++
		}
	}
	return losing, gaining
}

// QueryGivesSudo reports whether, by the change, a query will choose who gets sudo: nobody can
// tell how many users that is before it has.
func (c *Change) QueryGivesSudo() bool {
	return c.Input.MembershipMethod == jumpcloud.MembershipDynamicAutomated && sudoOf(c.Input.Attributes).Enabled &&
		c.Fields.Has(methodField, queryField, exemptionsField, attributesField+"."+sudoAttribute)
}

// reevaluates reports whether the query will decide about members without a review.
func (c *Change) reevaluates() bool {
	return c.Input.MembershipMethod == jumpcloud.MembershipDynamicAutomated && (c.queriesAnew() || c.Fields.Has(exemptionsField))
}

// queriesAnew reports whether the query decides about all members, and not only about those
// whose exemption ends.
func (c *Change) queriesAnew() bool { return c.Fields.Has(methodField, queryField) }

// givesSudo reports whether members get sudo, or sudo without a password.
func (c *Change) givesSudo() bool {
	before, then := sudoOf(c.live.Attributes), sudoOf(c.Input.Attributes)
	return then.Enabled && (!before.Enabled || !before.WithoutPassword && then.WithoutPassword)
}

// GivesSudo reports whether members of the group have sudo once it is as stated. live is nil
// if the group does not exist, or nothing is known of its attributes.
func (d *Definition) GivesSudo(live *jumpcloud.UserGroup) bool {
	if attributes := d.Spec.Attributes; attributes != nil && attributes.Sudo != nil {
		return attributes.Sudo.Enabled
	}
	return live != nil && sudoOf(live.Attributes).Enabled
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
