package approval

import (
	"fmt"
	"slices"
)

// withoutField is the kind that has no spec.approvedPlan.
const withoutField = "WorkdayInstance"

// Approvals are what people have approved for one object at one moment. The zero value
// approves nothing.
type Approvals struct {
	// Hashes of plans: of spec.approvedPlan if it counts, and of the object's PlanApprovals
	// that are in force. Empty ones approve nothing.
	Hashes []string
	// Released reports whether an approval of the Organization released the object's plan with
	// this hash; nil: no plan is released.
	Released func(hash string) bool
	// ObjectsOnly is set if spec.approvals of the Organization is Objects: spec.approvedPlan
	// then does not count and is not in Hashes.
	ObjectsOnly bool
}

// Include reports whether the plan with this hash is approved.
func (a Approvals) Include(hash string) bool {
	return hash != "" && (slices.Contains(a.Hashes, hash) || a.Released != nil && a.Released(hash))
}

// Advice returns the sentence that says how to approve the plan with this hash of the object
// of this kind and name.
func (a Approvals) Advice(hash, kind, name string) string {
	switch {
	case a.ObjectsOnly:
		return fmt.Sprintf("To let exactly this happen, create a PlanApproval of plan %s for %s %s: "+
			"spec.approvedPlan is ignored because the Organization's spec.approvals is Objects.", hash, kind, name)
	case kind == withoutField:
		return fmt.Sprintf("To let exactly this happen, create a PlanApproval of plan %s for %s %s.", hash, kind, name)
	default:
		return fmt.Sprintf("To let exactly this happen, set spec.approvedPlan to %s, or create a PlanApproval of it for %s %s.", hash, kind, name)
	}
}

// named reports whether an approval of the object names any plan.
func (a Approvals) named() bool {
	return slices.ContainsFunc(a.Hashes, func(hash string) bool { return hash != "" })
}
