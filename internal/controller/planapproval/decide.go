// Package planapproval reports in the status of PlanApprovals what became of them. It does not
// make them count: the objects look for their PlanApprovals themselves.
package planapproval

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// standing is the state of a named plan in its object.
type standing int

const (
	gone    standing = iota // the object has no such plan
	open                    // it waits, or is being carried out
	done                    // it was carried out
	blocked                 // another release of the Organization comes first
)

// ofPlan returns the state of the plan with the hash in an object, and which plan waits
// instead.
func ofPlan(plan *approval.Plan, hash string) (_ standing, present string) {
	switch {
	case plan.DoneHash == hash:
		return done, ""
	case plan.Hash == hash || plan.ApprovedHash == hash:
		return open, ""
	case plan.WithheldBy != "":
		return gone, plan.Hash
	default:
		return gone, ""
	}
}

// ofOrganization returns the state in an Organization of what the hash names, and what waits,
// or comes first, instead.
func ofOrganization(status *v1alpha1.OrganizationStatus, hash string) (_ standing, present string) {
	released, withheld := status.Released, status.Withheld
	switch {
	case released != nil && released.Hash == hash && released.Plans == "":
		return done, ""
	case released != nil && released.Hash == hash:
		return open, ""
	case withheld == nil:
		return gone, ""
	case withheld.Hash != hash:
		return gone, withheld.Hash
	case released != nil && released.Plans != "":
		return blocked, released.Hash
	default:
		return open, ""
	}
}

// outcome returns the outcome of a PlanApproval by the state of its plan. first is the oldest
// one that counts for the same plan.
func outcome(p, first *v1alpha1.PlanApproval, stands standing, present string) lifecycle.Outcome {
	object := fmt.Sprintf("%s %s", p.Spec.ObjectRef.Kind, p.Spec.ObjectRef.Name)
	switch {
	case stands == done:
		return lifecycle.Done(v1alpha1.UsedReason, "The plan is done. An approval counts once.")
	case stands == blocked:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The earlier approved plan %s is still being carried out; this one is next. To put this one first, withdraw that approval.", present))
	case stands == gone && present != "":
		return lifecycle.Stalled(v1alpha1.PlanChangedReason, fmt.Sprintf(
			"%s has no plan %s; %s waits now. Review it in the status, and create a PlanApproval of that if you mean all of it.", object, p.Spec.Plan, present))
	case stands == gone:
		return lifecycle.Stalled(v1alpha1.PlanChangedReason, fmt.Sprintf(
			"%s has no plan %s, and nothing of it waits for an approval. Delete this PlanApproval.", object, p.Spec.Plan))
	case first != nil && first.UID != p.UID:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"PlanApproval %s approves the same plan, and is older. This one is not needed: delete it.", first.Name))
	default:
		return lifecycle.Done(v1alpha1.GrantedReason, fmt.Sprintf("The plan of %s may be carried out. Deleting this withdraws what was not sent yet.", object))
	}
}
