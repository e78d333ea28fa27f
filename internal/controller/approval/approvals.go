package approval

import "slices"

// Approvals are what people have approved for one object, at one moment. The
// zero value approves nothing.
type Approvals struct {
	// Hashes of plans: of spec.approvedPlan where it counts, and of the object's
	// PlanApprovals that are in force. Empty ones approve nothing.
	Hashes []string
	// Released reports whether the object's plan of that hash is among those that
	// an approval of its Organization released; nil: none is.
	Released func(hash string) bool
}

// Include reports whether the plan of that hash is approved.
func (a Approvals) Include(hash string) bool {
	return hash != "" && (slices.Contains(a.Hashes, hash) || a.Released != nil && a.Released(hash))
}

// named reports whether an approval of the object names any plan.
func (a Approvals) named() bool {
	return slices.ContainsFunc(a.Hashes, func(hash string) bool { return hash != "" })
}
