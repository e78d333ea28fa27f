package follow

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Keeping finds out in which form JumpCloud keeps what jobs sent for one row: see
// plan.LearnKept. The zero value means that no job ended yet.
type Keeping struct {
	sent   []plan.Change
	failed bool
}

// JobEnded records the end of the job that sent the row: whether it completed, and whether one
// of its records says that a row failed.
func (k *Keeping) JobEnded(d *plan.Decision, completed, failed bool) {
	k.Forget()
	if completed {
		k.sent, k.failed = d.Respells(), failed
	}
}

// Forget drops what was sent, because nothing differs from it.
func (k *Keeping) Forget() { k.sent = nil }

// Learn returns the values that JumpCloud is known to keep in another form after a look, and
// whether they explain every difference. If that is not certain, what was sent must have had
// the time to show.
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
