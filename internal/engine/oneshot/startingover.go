package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// startingOver is the phase in which the ledger of an open run is gone.
type startingOver[T Object] struct{ *run[T] }

// startOver ends a run whose ledger is gone or belongs to another run. No submission is open,
// so its rows are planned again against the directory as it is.
func (p startingOver[T]) startOver() lifecycle.Outcome {
	if wait := time.Until(p.m.sighted(lastEnd(p.status.Jobs), p.pass.Now).Add(looks[len(looks)-1])); wait > 0 {
		// A job's effects may show up late. Planned now, they would be made again.
		return lifecycle.Progressing(v1alpha1.ProgressingReason, "The result ledger of the open run is missing or was changed. "+
			"Its rows are compared with the directory once everything shows that was sent.", wait)
	}
	p.status.RunKey, p.status.StartTime = "", nil
	p.memories.forget(p.object.GetUID())
	return lifecycle.Progressing(v1alpha1.ProgressingReason, "The result ledger of the open run is missing or was changed. "+
		"Its rows are compared with the directory and planned again.", soon)
}

// lastEnd returns when the last job ended.
func lastEnd(jobs []v1alpha1.JobStatus) time.Time {
	var at time.Time
	for i := range jobs {
		if end := jobs[i].FinishedAt; end != nil && end.After(at) {
			at = end.Time
		}
	}
	return at
}
