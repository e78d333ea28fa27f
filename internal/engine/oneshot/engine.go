package oneshot

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
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
	// opens is set while a run is opened in status, and no status that says so
	// was written.
	opens bool
	// reserved is what this pass took of the guard's window, and needed what its
	// plan takes in all.
	reserved, needed reservation
	// unwritable says why nothing may be sent by this pass's plan, if so: what it
	// sends was counted when it was made.
	unwritable error
	// cleaner masks the passwords of the run; nil until it is needed.
	cleaner *jumpcloud.Cleaner
}

func (e *Engine[T]) open(pass *lifecycle.Pass[T]) *run[T] {
	return &run[T]{
		Engine: e, pass: pass, object: pass.Object, status: pass.Object.Run(),
		settings: e.Kind.Settings(pass.Object), m: e.memories.get(pass.Object.GetUID()),
	}
}

// Reconcile makes one pass, phase by phase: see phaseOf.
func (e *Engine[T]) Reconcile(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	if isOpen(r.status) {
		r.m.opening = opening{} // it was opened
		// Once a pass: what was not believed while a job was open is not believed after it.
		if err := r.restore(ctx); err != nil {
			return r.failed(err)
		}
	}
	for {
		switch phaseOf(r.status, r.m.ledger) {
		case planning:
			return r.consider(ctx)
		case finishing:
			if err := r.end(ctx); err != nil {
				return r.failed(err)
			}
			r = e.open(pass)
		case following:
			if outcome, settled := r.follow(ctx, unsettled(r.status.Jobs)); !settled {
				return outcome
			}
		case startingOver:
			return r.startOver()
		case submitting:
			return r.send(ctx, nextJob(r.status, r.m.ledger))
		case proving:
			return r.prove(ctx)
		}
	}
}

// Finalize waits for the open submission of an object that is being deleted;
// nothing more is sent for it.
func (e *Engine[T]) Finalize(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	record := unsettled(r.status.Jobs)
	if !isOpen(r.status) || record == nil || submission.WaitsForPerson(record.State) {
		return lifecycle.Done(v1alpha1.SucceededReason, "No submission is open.")
	}
	if pass.Session == nil {
		if pass.Now.After(r.m.sighted(lastStep(record), pass.Now).Add(e.Timing.JobTimeout)) {
			return lifecycle.Done(v1alpha1.SucceededReason, "The open submission was waited for long enough.")
		}
		return pass.NoSession
	}
	if err := r.restore(ctx); err != nil {
		return r.failed(err)
	}
	outcome, settled := r.follow(ctx, record)
	if !settled && !submission.WaitsForPerson(record.State) {
		return outcome
	}
	return lifecycle.Done(v1alpha1.SucceededReason, "The open submission was settled.")
}

// Forget drops what is known of an object that is gone.
func (e *Engine[T]) Forget(_ types.NamespacedName, uid types.UID) { e.memories.forget(uid) }

// next sends the next job of the wave, or proves the wave after its last one.
func (r *run[T]) next(ctx context.Context) lifecycle.Outcome {
	if index := nextJob(r.status, r.m.ledger); index != 0 {
		return r.send(ctx, index)
	}
	return r.prove(ctx)
}

// restore makes the run's ledger known, if there is one. Without it, which rows a
// job holds is not known. Only a ledger that the status anchors is believed:
// whoever may edit ConfigMaps may not say what was approved, sent or done.
func (r *run[T]) restore(ctx context.Context) error {
	if r.m.ledger == nil {
		stored, err := r.Ledger.Read(ctx, r.owner())
		if err != nil {
			return err
		}
		if stored != nil && stored.Anchored(r.status.Results) {
			r.m.ledger = stored
			r.keepCounted()
		}
		if record := unsettled(r.status.Jobs); r.m.ledger != nil && record != nil && digestOf(r.m.entries(inJob(record.Index))) != record.Digest {
			// These are not the rows that were sent.
			r.m.drop()
		}
	}
	if l := r.m.ledger; l == nil || l.RunNumber != r.status.RunNumber || l.RunKey != r.status.RunKey {
		r.m.drop()
	}
	return nil
}

// startOver leaves a run whose ledger is gone or is not its own. No submission
// is open, so its rows are planned anew against the directory as it is.
func (r *run[T]) startOver() lifecycle.Outcome {
	if wait := time.Until(r.m.sighted(lastEnd(r.status.Jobs), r.pass.Now).Add(looks[len(looks)-1])); wait > 0 {
		// What a job did may show late, and would be done again.
		return lifecycle.Progressing(v1alpha1.ProgressingReason, "The result ledger of the open run is missing or was changed. "+
			"Its rows are compared with the directory once everything shows that was sent.", wait)
	}
	r.status.RunKey, r.status.StartTime = "", nil
	r.memories.forget(r.object.GetUID())
	return lifecycle.Progressing(v1alpha1.ProgressingReason, "The result ledger of the open run is missing or was changed. "+
		"Its rows are compared with the directory and planned again.", soon)
}

func (r *run[T]) owner() ledger.Owner {
	return ledger.OwnerOf(r.object, v1alpha1.GroupVersion.WithKind(r.Kind.Name()), r.Kind.LedgerSuffix())
}

// isOpen reports whether a run was started and has not ended.
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
	return submission.Open(state) || submission.WaitsForPerson(state)
}

// lastStep is when the job was announced or submitted.
func lastStep(record *v1alpha1.JobStatus) time.Time {
	var at time.Time
	for _, step := range []*metav1.MicroTime{record.IntendedAt, record.SubmittedAt} {
		if step != nil {
			at = step.Time
		}
	}
	return at
}

// lastEnd is when the last job ended.
func lastEnd(jobs []v1alpha1.JobStatus) time.Time {
	var at time.Time
	for i := range jobs {
		if end := jobs[i].FinishedAt; end != nil && end.After(at) {
			at = end.Time
		}
	}
	return at
}
