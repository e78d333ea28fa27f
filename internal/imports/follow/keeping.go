package follow

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Keeping finds out what JumpCloud keeps of what jobs sent of one row: see plan.LearnKept.
// The zero value knows of none.
type Keeping struct {
	sent   []plan.Change
	failed bool
}

// JobEnded records the end of the job that sent the row: whether it was carried out, and
// whether a record of it says that a row failed.
func (k *Keeping) JobEnded(d *plan.Decision, completed, failed bool) {
	k.Forget()
	if completed {
		k.sent, k.failed = d.Respells(), failed
	}
}

// Forget drops what was sent, as nothing differs from it.
func (k *Keeping) Forget() { k.sent = nil }

// Learn returns what is known of what JumpCloud keeps after a look, and whether that is all
// that differs. Where it is not certain, what was sent must have had the time to show.
func (k *Keeping) Learn(salt string, known []v1alpha1.KeptValue, d *plan.Decision, shown bool) (kept []v1alpha1.KeptValue, all bool) {
	kept = d.StillKept(salt, known)
	if k.sent == nil {
		return kept, false
	}
	learned, all := plan.LearnKept(salt, k.sent, d.Changes)
	if !all || !learned.Certain && (k.failed || !shown) {
		return kept, false
	}
	k.sent = nil
	return plan.MergeKept(kept, learned.Kept), true
}
