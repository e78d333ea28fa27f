package continuous

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// recall compares the plan with earlier approvals. A change that leaves the plan loses its
// approval: if it comes back, it is another change. An approved plan with nothing left is
// done, and one that nothing approves any more is withdrawn; either way, its hash is never
// valid again. A withdrawn change needs another approval as long as it is planned.
func recall[T Object, M any](plan *v1alpha1.ChangePlan, changes []Change[T, M], approvals approval.Approvals) []approval.Change {
	approved, withdrawn := approval.Unpack(plan.Approved), approval.Unpack(plan.Withdrawn)
	var kept, waiting []string
	terms, covered := make([]approval.Change, len(changes)), 0
	for i := range changes {
		c := &changes[i]
		terms[i] = approval.Change{Digest: c.digest(), Harm: c.Harm, Creates: c.creates(), Gated: c.Gated}
		switch key := approval.Short(terms[i].Digest); {
		case approved[key]:
			kept = append(kept, key)
			if c.Needs != NeedsApproved || covered == i {
				terms[i].Covered = true
				covered++
			}
		case withdrawn[key]:
			waiting = append(waiting, key)
			terms[i].Withdrawn = true
		}
	}
	switch {
	case plan.Approved == "" && plan.ApprovedHash == "":
	case len(kept) > 0 && !approvals.Include(plan.ApprovedHash):
		plan.ApprovedHash, plan.Approved = "", ""
		plan.Number++
		waiting = append(waiting, kept...)
		for i := range terms {
			terms[i].Covered, terms[i].Withdrawn = false, terms[i].Withdrawn || approved[approval.Short(terms[i].Digest)]
		}
	case covered == 0:
		plan.DoneHash, plan.ApprovedHash, plan.Approved = plan.ApprovedHash, "", ""
		plan.Number++
	default:
		plan.Approved = approval.Pack(kept)
	}
	plan.Withdrawn = approval.Pack(waiting)
	return terms
}

// withdrawn reports whether the plan that is being carried out has lost its approval.
func withdrawn(plan *v1alpha1.ChangePlan, approvals approval.Approvals) bool {
	return plan != nil && plan.Approved != "" && !approvals.Include(plan.ApprovedHash)
}

// grant records the approved changes, so that they continue after a restart, until nothing
// approves them any more.
func grant[T Object, M any](object T, changes []Change[T, M], j *evaluation) {
	var keys []string
	for i := range changes {
		if !j.Approved[i] && !j.terms[i].Covered {
			continue
		}
		keys = append(keys, approval.Short(j.terms[i].Digest))
		if changes[i].Approved != nil {
			changes[i].Approved(object)
		}
	}
	plan := planOf(object.Living())
	plan.ApprovedHash, plan.Approved, plan.Withdrawn = j.Hash, approval.Pack(keys), ""
}

// planOf returns the plan in the status, or a new one if there is none.
func planOf(status *v1alpha1.LivingStatus) *v1alpha1.ChangePlan {
	if status.Plan == nil {
		status.Plan = &v1alpha1.ChangePlan{}
	}
	return status.Plan
}
