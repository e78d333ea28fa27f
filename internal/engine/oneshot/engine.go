package oneshot

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// Engine is the lifecycle.Actuator of the kinds that run.
type Engine[T Object] struct {
	Kind   Kind[T]
	Timing Timing
	Ledger *ledger.Store
	// Counters count for the metrics.
	Counters Counters
	// Values receives the values of plans; nil if nobody wants them.
	Values lifecycle.Values
	// Owners returns the User objects that rows are compared with; nil: there are none.
	Owners Owners
	// Claimants knows which users other objects name; nil: there are none.
	Claimants Claimants
	// Turns holds the turns of the objects that change lists of users.
	Turns *turns.Registry
	// Wake schedules a pass for an object that waits for another object's turn. It must not
	// block.
	Wake func(object types.NamespacedName)

	memories memories
}

// Reconcile makes one pass, phase by phase: see phaseOf and step.
func (e *Engine[T]) Reconcile(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	if isOpen(r.status) {
		r.m.opening = opening{} // it was opened
		// Restore the ledger once a pass: a ledger that was rejected while a job was open
		// stays rejected after the job.
		if err := r.restore(ctx); err != nil {
			return r.failed(err)
		}
		if _, err := r.turns.all(ctx); err != nil {
			return r.failed(err)
		}
	}
	defer r.turns.keep()
	for {
		outcome, goesOn := r.step(ctx)
		if !goesOn {
			return planning[T]{r}.inTime(outcome)
		}
		if err := ctx.Err(); err != nil {
			return r.failed(err) // the pass has taken as long as it may
		}
	}
}

// Finalize waits for the open submissions of an object that is being deleted. It sends
// nothing.
func (e *Engine[T]) Finalize(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	r := e.open(pass)
	if !isOpen(r.status) || !isAnyOpen(r.status.Jobs) {
		return lifecycle.Done(v1alpha1.SucceededReason, "No submission is open.")
	}
	if pass.Session == nil {
		if pass.Now.After(r.m.sighted(lastStep(unsettled(r.status.Jobs)), pass.Now).Add(e.Timing.JobTimeout)) {
			return lifecycle.Done(v1alpha1.SucceededReason, "The open submission was waited for long enough.")
		}
		return pass.NoSession
	}
	if err := r.restore(ctx); err != nil {
		return r.failed(err)
	}
	err := following[T]{r}.followAll(ctx)
	switch {
	case !isAnyOpen(r.status.Jobs):
		return lifecycle.Done(v1alpha1.SucceededReason, "The open submission was settled.")
	case err != nil:
		return r.failed(err)
	default:
		return following[T]{r}.waiting()
	}
}

// Forget drops what is known of an object that is gone.
func (e *Engine[T]) Forget(key types.NamespacedName, uid types.UID) {
	e.memories.forget(uid)
	e.Turns.Drop(turns.Holder{Kind: e.Kind.Name(), NamespacedName: key, UID: uid})
}

// isOpen reports whether a run was started and has not ended.
func isOpen(status *v1alpha1.RunStatus) bool {
	return status.StartTime != nil && status.CompletionTime == nil
}

// unsettled returns the jobs that were announced and have not ended, in their order.
func unsettled(jobs []v1alpha1.JobStatus) []*v1alpha1.JobStatus {
	var all []*v1alpha1.JobStatus
	for i := range jobs {
		if unsettledState(jobs[i].State) {
			all = append(all, &jobs[i])
		}
	}
	return all
}

func unsettledState(state v1alpha1.JobState) bool {
	return submission.Open(state) || submission.WaitsForPerson(state)
}

// isAnyOpen reports whether the operator must still find out what became of a job. Jobs that
// wait for a person do not count.
func isAnyOpen(jobs []v1alpha1.JobStatus) bool {
	return slices.ContainsFunc(jobs, func(record v1alpha1.JobStatus) bool { return submission.Open(record.State) })
}

// lastStep returns when the latest of the jobs was announced or submitted.
func lastStep(jobs []*v1alpha1.JobStatus) time.Time {
	var at time.Time
	for _, record := range jobs {
		for _, step := range []*metav1.MicroTime{record.IntendedAt, record.SubmittedAt} {
			if step != nil && step.After(at) {
				at = step.Time
			}
		}
	}
	return at
}
