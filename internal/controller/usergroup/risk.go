package usergroup

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// atRisk counts the members whom JumpCloud may remove because of a change of
// the group. Whom a query matches, only JumpCloud can tell, so that all count
// whom it is to decide about anew. With a review, nobody is removed by it.
func (o *observation) atRisk(ctx context.Context, live, after jumpcloud.UserGroupInput, fields []living.Field) (int, error) {
	decided := func(name string) bool {
		return slices.ContainsFunc(fields, func(f living.Field) bool { return f.Name == name })
	}
	anew := decided(methodField) || decided(queryField)
	if after.MembershipMethod != jumpcloud.MembershipDynamicAutomated || !anew && !decided(exemptionsField) {
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

// gated tells whether removals wait for an approval: those from an adopted
// group do, until somebody has seen whom that means.
func (o *observation) gated() bool {
	return o.status.Adopted && (o.status.Members == nil || !o.status.Members.RemovalsApproved)
}
