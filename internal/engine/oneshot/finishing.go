package oneshot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// finishing is the phase in which the results are written and the status is not.
type finishing[T Object] struct{ *run[T] }

// resume ends a run whose process died between writing the results and the status. The pass
// then continues with what the spec and the sources say now.
func (p finishing[T]) resume(ctx context.Context) (outcome lifecycle.Outcome, goesOn bool) {
	if err := p.close(ctx); err != nil {
		return p.failed(err), false
	}
	p.m, p.cleaner = p.memories.get(p.object.GetUID()), nil
	return lifecycle.Outcome{}, true
}

// finish ends the run: it writes the ledger as the results, removes the finalizer, and leaves
// the status to the shell.
func (p finishing[T]) finish(ctx context.Context) lifecycle.Outcome {
	if p.sources.ran() && !p.mended() && !p.leavers.changed() {
		// A requested look at a run that has ended found nothing to send. It is not a run of
		// its own, and the results of the last run stay.
		p.memories.forget(p.object.GetUID())
		return conclusion(p.status)
	}
	// Do this before the run is opened, if it is not open yet: an open run must have a ledger.
	if err := p.leavers.remember(ctx); err != nil {
		return p.failed(err)
	}
	if err := p.round.inRun(func() error { return p.end(ctx) }); err != nil {
		return p.failed(err)
	}
	return conclusion(p.status)
}

// close ends an open run after writing who belongs to the import.
func (p finishing[T]) close(ctx context.Context) error {
	if err := p.leavers.remember(ctx); err != nil {
		return err
	}
	return p.end(ctx)
}

// mended reports whether fewer rows fail than the last run reported: some of them are as
// declared by now. That outcome is worth a run of its own.
func (p finishing[T]) mended() bool {
	failed := len(p.m.entries(func(entry *ledger.Entry) bool { return entry.Outcome == ledger.OutcomeFailed }))
	return p.status.Summary != nil && int(p.status.Summary.Failed) > failed
}

// end closes the run in ledger and status.
func (p finishing[T]) end(ctx context.Context) error {
	// A row whose rest was still to be sent when the sources changed is done without it.
	for _, entry := range p.m.entries(pending) {
		if entry.Deferred && p.sends(entry) > 0 && entry.UserID != "" && !entry.Retryable {
			succeed(entry)
		}
	}
	for i := range p.m.ledger.Entries {
		// For other rows, the room was settled when they got their outcome, and the status may
		// no longer list their job.
		entry := &p.m.ledger.Entries[i]
		if (pending(entry) || entry.Outcome == ledger.OutcomeSkipped) && p.sends(entry) == 0 {
			p.window.free(entry)
		}
	}
	if err := p.record(ctx, true); err != nil {
		return err
	}
	if err := p.pass.RemoveFinalizer(ctx); err != nil {
		return err
	}
	p.grants.endGrant()
	p.endJobs()
	p.summarize()
	if p.status.Leavers != nil {
		p.leavers.list(p.status.Leavers)
	}
	p.status.Failures = p.failures(p.m.ledger.Entries)
	p.status.CompletionTime = &metav1.Time{Time: p.pass.Now}
	p.countRows()
	p.memories.forget(p.object.GetUID())
	return nil
}

// endJobs turns the records of jobs into those of a run that has ended.
func (p finishing[T]) endJobs() {
	p.status.Jobs = slices.DeleteFunc(p.status.Jobs, func(record v1alpha1.JobStatus) bool {
		return record.State == v1alpha1.JobPlanned && record.Attempt == 0
	})
	for i := range p.status.Jobs {
		record := &p.status.Jobs[i]
		switch {
		case unsettledState(record.State):
			submission.Apply(record, submission.Action{Verb: p.unwritten(record)}, p.pass.Now)
		case record.State == v1alpha1.JobPlanned:
			// The job was to be sent again, and its rows left the source.
			submission.Apply(record, submission.Action{Verb: submission.Abandon}, p.pass.Now)
		}
	}
}

// unwritten returns how a job ended whose end was to be written together with the run's end,
// if the process died before that write.
func (p finishing[T]) unwritten(record *v1alpha1.JobStatus) submission.Verb {
	switch {
	case following[T](p).decision(record) == submission.DecideAbandon:
		return submission.Abandon
	case record.JobID == "":
		return submission.Recover
	default:
		return submission.Finish
	}
}

func (r *run[T]) ledgerName() string {
	if len(r.status.Results) == 0 {
		return r.object.GetName() + r.Kind.LedgerSuffix() + "-000"
	}
	return r.status.Results[0].ConfigMap
}

// failed maps an error of this package's calls to an outcome.
func (r *run[T]) failed(err error) lifecycle.Outcome {
	if outcome, told := sourceOutcome(err); told {
		return outcome
	}
	if conflict, ok := errors.AsType[*ledger.NameConflictError](err); ok {
		if conflict.Leaving {
			return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf("ConfigMap %q, needed for the results, belongs to a deleted object. "+
				"The run begins once it is gone.", conflict.Name), leavingDelay)
		}
		return lifecycle.Stalled(v1alpha1.NameConflictReason, fmt.Sprintf("ConfigMap %q, needed for the results, is not this object's. "+
			"It was not touched and nothing was sent: delete it, or recreate this object with another name.", conflict.Name))
	}
	if errors.Is(err, ledger.ErrTooLarge) {
		return lifecycle.Stalled(v1alpha1.InvalidRowsReason, "The rows are too many, or too large, for one ledger. Nothing was sent: split the import.")
	}
	return lifecycle.Failed(err)
}
