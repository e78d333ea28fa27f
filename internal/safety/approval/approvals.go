package approval

import (
	"fmt"
	"slices"
)

// withoutField is the kind that has no spec.approvedPlan.
const withoutField = "WorkdayInstance"

// Approvals are what people have approved for one object, at one moment. The
// zero value approves nothing.
type Approvals struct {
	// Hashes of plans: of spec.approvedPlan where it counts, and of the object's
	// PlanApprovals that are in force. Empty ones approve nothing.
	Hashes []string
	// Released reports whether the object's plan of that hash is among those that
	// an approval of its Organization released; nil: none is.
	Released func(hash string) bool
	// ObjectsOnly is set where spec.approvals of the Organization is Objects:
	// spec.approvedPlan counts for nothing, and is not in Hashes.
	ObjectsOnly bool
}

// Include reports whether the plan of that hash is approved.
func (a Approvals) Include(hash string) bool {
	return hash != "" && (slices.Contains(a.Hashes, hash) || a.Released != nil && a.Released(hash))
}

// Advice is the sentence that says how to approve the plan of that hash, of
// the object of that kind and name.
func (a Approvals) Advice(hash, kind, name string) string {
	switch {
	case a.ObjectsOnly:
		return fmt.Sprintf("To let exactly this happen, create a PlanApproval of plan %s for %s %s: "+
			"spec.approvedPlan counts for nothing, as spec.approvals of the Organization is Objects.", hash, kind, name)
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
