package definition

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Of the members 1, 2 and 3, the live group exempts 1 and 2.
func TestHarmOfAChange(t *testing.T) {
	automated := v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: declaredQuery}
	exempt := []v1alpha1.UserReference{{Username: "ada"}}
	sudo := func(s v1alpha1.GroupSudo) v1alpha1.UserGroupSpec {
		return v1alpha1.UserGroupSpec{Attributes: &v1alpha1.GroupAttributes{Sudo: &s}}
	}
	static := func(in *jumpcloud.UserGroupInput) {
		in.MembershipMethod, in.MemberQuery, in.MemberQueryExemptions = jumpcloud.MembershipStatic, nil, nil
	}
	live := func(sudo string) func(*jumpcloud.UserGroupInput) {
		return func(in *jumpcloud.UserGroupInput) {
			static(in)
			in.Attributes = map[string]json.RawMessage{"sudo": json.RawMessage(sudo)}
		}
	}
	for name, c := range map[string]struct {
		spec            v1alpha1.UserGroupSpec
		exempt          []string
		live            func(*jumpcloud.UserGroupInput)
		losing, gaining int
		queryGivesSudo  bool
	}{
		"nothing changes":                 {spec: automated},
		"a query decides about everybody": {spec: automated, live: static, losing: 3, queryGivesSudo: true},
		"another query decides about those who are not exempt": {
			spec: automated, live: func(in *jumpcloud.UserGroupInput) { in.MemberQuery = json.RawMessage(newerQuery) }, losing: 1, queryGivesSudo: true,
		},
		"the query decides about those who are not exempt any more": {
			spec: v1alpha1.UserGroupSpec{
				MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: declaredQuery, MemberQueryExemptions: exempt,
			}, exempt: []string{"2"}, losing: 1, queryGivesSudo: true,
		},
		"a review removes no one by itself": {
			spec: v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipDynamicReviewRequired, MemberQuery: declaredQuery}, live: static,
		},
		"sudo":                      {spec: sudo(v1alpha1.GroupSudo{Enabled: true}), live: live(`{}`), gaining: 3},
		"sudo that cannot be read":  {spec: sudo(v1alpha1.GroupSudo{Enabled: true}), live: live(`"yes"`), gaining: 3},
		"sudo without a password":   {spec: sudo(v1alpha1.GroupSudo{Enabled: true, WithoutPassword: true}), live: live(`{"enabled":true}`), gaining: 3},
		"sudo only with a password": {spec: sudo(v1alpha1.GroupSudo{Enabled: true}), live: live(`{"enabled":true,"withoutPassword":true}`)},
		"no sudo":                   {spec: sudo(v1alpha1.GroupSudo{}), live: live(`{"enabled":true}`)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			group := everything()
			if c.live != nil {
				c.live(&group)
			}
			d := Definition{Spec: &c.spec, Name: group.Name, Exempt: c.exempt}
			change := d.Over(group)
			losing, gaining := change.Harm([]string{"1", "2", "3"})
			g.Expect([]int{losing, gaining}).To(Equal([]int{c.losing, c.gaining}))
			g.Expect(change.MayHarm()).To(Equal(losing+gaining > 0))
			g.Expect(change.QueryGivesSudo()).To(Equal(c.queryGivesSudo))
		})
	}
}
