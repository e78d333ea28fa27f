package run

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/submission"
)

// Engine is the lifecycle.Actuator of a kind that runs.
type Engine[T Object] struct {
	Kind   Kind[T]
	Timing Timing
	Ledger *ledger.Store
	// Counters count for the metrics.
	Counters Counters

	memories memories
}

// run is one pass over the run of one object.
type run[T Object] struct {
	*Engine[T]
	pass     *lifecycle.Pass[T]
	object   T
	status   *v1alpha1.RunStatus
	settings Settings
	m        *memory
}

func (e *Engine[T]) open(pass *lifecycle.Pass[T]) *run[T] {
	return &run[T]{
		Engine: e, pass: pass, object: pass.Object, status: pass.Object.Run(),
		settings: e.Kind.Settings(pass.Object), m: e.memories.get(pass.Object.GetUID()),
	}
}

// Reconcile makes one pass: on with the open run, or a look whether another is due.
func (e *Engine[T]) Reconcile(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	if !isOpen(r.status) {
		return r.consider(ctx)
	}
	known, err := r.restore(ctx)
	if err != nil {
		return r.failed(err)
	}
	if known && r.m.ledger.Finished {
		// The results were written, and the process ended before the status was.
		// What spec and sources say by now may be another run.
		if err := r.end(ctx); err != nil {
			return r.failed(err)
		}
		return e.open(pass).consider(ctx)
	}
	if record := unsettled(r.status.Jobs); record != nil {
		if outcome, settled := r.settle(ctx, record); !settled {
			return outcome
		}
	}
	if !known {
		return r.startOver()
	}
	return r.next(ctx)
}

// Finalize waits for the open submission of an object that is being deleted;
// nothing more is sent for it.
func (e *Engine[T]) Finalize(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	record := unsettled(r.status.Jobs)
	if !isOpen(r.status) || record == nil || waitsForPerson(record) {
		return lifecycle.Done(v1alpha1.SucceededReason, "No submission is open.")
	}
	if pass.Session == nil {
		return pass.NoSession
	}
	if _, err := r.restore(ctx); err != nil {
		return r.failed(err)
	}
	outcome, settled := r.settle(ctx, record)
	if !settled && !waitsForPerson(record) {
		return outcome
	}
	return lifecycle.Done(v1alpha1.SucceededReason, "The open submission was settled.")
}

// Forget drops what is known of an object that is gone.
func (e *Engine[T]) Forget(_ types.NamespacedName, uid types.UID) { e.memories.forget(uid) }

// next sends the next job of the wave, or proves the wave after its last one.
func (r *run[T]) next(ctx context.Context) lifecycle.Outcome {
	if index := r.nextJob(); index != 0 {
		return r.send(ctx, index)
	}
	return r.prove(ctx)
}

// restore makes the run's ledger known and tells whether there is one. Without
// it nobody knows which rows a job holds.
func (r *run[T]) restore(ctx context.Context) (known bool, err error) {
	if r.m.ledger == nil {
		if r.m.ledger, err = r.Ledger.Read(ctx, r.owner()); err != nil {
			return false, err
		}
	}
	l := r.m.ledger
	if l == nil || l.RunNumber != r.status.RunNumber || l.RunKey != r.status.RunKey {
		return false, nil
	}
	return true, nil
}

// startOver leaves a run whose ledger is gone or is not its own. No submission
// is open, so its rows are planned anew against the directory as it is.
func (r *run[T]) startOver() lifecycle.Outcome {
	r.status.RunKey, r.status.StartTime = "", nil
	stale := r.m.ledger
	r.memories.forget(r.object.GetUID())
	if stale != nil {
		r.memories.get(r.object.GetUID()).ledger = stale
	}
	return lifecycle.Progressing(v1alpha1.ProgressingReason, "The result ledger of the open run is missing or was changed. "+
		"Its rows are compared with the directory and planned again.", soon)
}

func (r *run[T]) owner() ledger.Owner {
	return ledger.OwnerOf(r.object, v1alpha1.GroupVersion.WithKind(r.Kind.Name()), r.Kind.LedgerSuffix())
}

// isOpen tells whether a run was started and has not ended.
func isOpen(status *v1alpha1.RunStatus) bool {
	return status.StartTime != nil && status.CompletionTime == nil
}

// unsettled returns the job that was announced and has not ended, if any. Jobs
// go one after another, so there is at most one.
func unsettled(jobs []v1alpha1.JobStatus) *v1alpha1.JobStatus {
	for i := range jobs {
		if unsettledState(jobs[i].State) {
			return &jobs[i]
		}
	}
	return nil
}

func unsettledState(state v1alpha1.JobState) bool {
	return submission.Open(state) || state == v1alpha1.JobOutcomeUnknown || state == v1alpha1.JobTimedOut
}

func waitsForPerson(record *v1alpha1.JobStatus) bool {
	return record.State == v1alpha1.JobOutcomeUnknown || record.State == v1alpha1.JobTimedOut
}
