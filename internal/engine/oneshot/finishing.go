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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// finish ends the run: the ledger becomes the results, the finalizer goes, and
// the shell writes the status.
func (r *run[T]) finish(ctx context.Context) lifecycle.Outcome {
	if r.ran() && !r.mended() {
		// A requested look at a run that ended found nothing to send: it is no
		// run of its own, and the results of the last one stay.
		r.memories.forget(r.object.GetUID())
		return conclusion(r.status)
	}
	if err := r.inRun(func() error { return r.end(ctx) }); err != nil {
		return r.failed(err)
	}
	return conclusion(r.status)
}

// mended reports whether rows that the last run reported as failed are as they
// were declared by now: that is an outcome worth a run of its own.
func (r *run[T]) mended() bool {
	failed := len(r.m.entries(func(entry *ledger.Entry) bool { return entry.Outcome == ledger.OutcomeFailed }))
	return r.status.Summary != nil && int(r.status.Summary.Failed) > failed
}

// end closes the run in ledger and status.
func (r *run[T]) end(ctx context.Context) error {
	// A row that waited for its rest when the sources went is done without it.
	for _, entry := range r.m.entries(pending) {
		if entry.Deferred && r.sends(entry) > 0 && entry.UserID != "" && !entry.Retryable {
			succeed(entry)
		}
	}
	for i := range r.m.ledger.Entries {
		// Of others it was settled when they got their outcome what is counted, and
		// the status may list their job no more.
		entry := &r.m.ledger.Entries[i]
		if (pending(entry) || entry.Outcome == ledger.OutcomeSkipped) && r.sends(entry) == 0 {
			r.free(entry)
		}
	}
	if err := r.record(ctx, true); err != nil {
		return err
	}
	if err := r.pass.RemoveFinalizer(ctx); err != nil {
		return err
	}
	r.endGrant()
	r.endJobs()
	r.summarize()
	r.status.Failures = r.failures(r.m.ledger.Entries)
	r.status.CompletionTime = &metav1.Time{Time: r.pass.Now}
	r.countRows()
	r.memories.forget(r.object.GetUID())
	return nil
}

// endJobs makes the records of jobs those of a run that ended.
func (r *run[T]) endJobs() {
	r.status.Jobs = slices.DeleteFunc(r.status.Jobs, func(record v1alpha1.JobStatus) bool {
		return record.State == v1alpha1.JobPlanned && record.Attempt == 0
	})
	for i := range r.status.Jobs {
		record := &r.status.Jobs[i]
		switch {
		case unsettledState(record.State):
			submission.Apply(record, submission.Action{Verb: r.unwritten(record)}, r.pass.Now)
		case record.State == v1alpha1.JobPlanned:
			// It was to be sent again, and its rows left the source.
			submission.Apply(record, submission.Action{Verb: submission.Abandon}, r.pass.Now)
		}
	}
}

// unwritten is how a job ended whose end was to be written with the run's,
// when the process ended in between.
func (r *run[T]) unwritten(record *v1alpha1.JobStatus) submission.Verb {
	switch {
	case r.decision(record) == submission.DecideAbandon:
		return submission.Abandon
	case record.JobID == "":
		return submission.Recover
	default:
		return submission.Finish
	}
}

// planned ends a pass that may only plan: the ledger tells what would be done.
func (r *run[T]) planned(ctx context.Context) lifecycle.Outcome {
	if err := r.present(ctx); err != nil {
		return r.failed(err)
	}
	text := planText(&r.m.plan)
	if r.settings.Mode == v1alpha1.ModePlan {
		return lifecycle.Done(v1alpha1.PlannedReason, text+". Nothing was sent.")
	}
	because, remedy := r.pass.Session.PlanOnly()
	return lifecycle.Stalled(v1alpha1.PlanOnlyReason, because+", so nothing was sent. "+text+". "+remedy+" to carry that out.")
}

// await ends a pass whose plan waits for an approval.
func (r *run[T]) await(ctx context.Context, v plan.Evaluation, approvals approval.Approvals) lifecycle.Outcome {
	var err error
	if isOpen(r.status) {
		// What was done so far is in the manifest; what waits is in it too.
		r.status.Plan = new(r.m.plan)
		r.summarize()
		if err = r.record(ctx, false); err == nil {
			err = r.pass.RemoveFinalizer(ctx)
		}
	} else {
		err = r.present(ctx)
	}
	if err != nil {
		return r.failed(err)
	}
	text := withheldText(v.By, count32(len(v.Withheld)), &r.m.plan) + " Look at the plan in ConfigMap " + r.ledgerName() + ". " +
		approvals.Advice(v.Hash, r.Kind.Name(), r.object.GetName())
	if v.Changed {
		return lifecycle.Stalled(v1alpha1.PlanChangedReason, "What was approved is another plan. "+text)
	}
	return lifecycle.Stalled(v1alpha1.ApprovalRequiredReason, text)
}

// present writes a plan that is not carried out.
func (r *run[T]) present(ctx context.Context) error {
	if err := r.record(ctx, true); err != nil {
		return err
	}
	r.renew(r.m.set)
	r.status.Plan = new(r.m.plan)
	r.summarize()
	r.status.Failures = r.failures(r.m.ledger.Entries)
	if err := r.pass.RemoveFinalizer(ctx); err != nil {
		return err
	}
	// Rows hold passwords, and a plan may wait for weeks.
	r.memories.forget(r.object.GetUID())
	return nil
}

// hold keeps an open run from sending more, because the mode is Plan now.
func (r *run[T]) hold(ctx context.Context) lifecycle.Outcome {
	r.summarize()
	if err := r.record(ctx, false); err != nil {
		return r.failed(err)
	}
	if err := r.pass.RemoveFinalizer(ctx); err != nil {
		return r.failed(err)
	}
	return lifecycle.Stalled(v1alpha1.PlanOnlyReason, "The mode is Plan now, and the run was under way: "+summaryText(r.status.Summary)+
		". Nothing more is sent. Set the mode back to go on.")
}

func (r *run[T]) ledgerName() string {
	if len(r.status.Results) == 0 {
		return r.object.GetName() + r.Kind.LedgerSuffix() + "-000"
	}
	return r.status.Results[0].ConfigMap
}

// failed is the outcome of an error of this package's calls.
func (r *run[T]) failed(err error) lifecycle.Outcome {
	if outcome, told := sourceOutcome(err); told {
		return outcome
	}
	if conflict, ok := errors.AsType[*ledger.NameConflictError](err); ok {
		if conflict.Leaving {
			return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf("ConfigMap %q, which is to hold the results, belongs to an object "+
				"that was deleted. The run begins once it is gone.", conflict.Name), leavingDelay)
		}
		return lifecycle.Stalled(v1alpha1.NameConflictReason, fmt.Sprintf("ConfigMap %q, which is to hold the results, exists and is not this object's. "+
			"It was not touched and nothing was sent: rename or delete it, or rename this object.", conflict.Name))
	}
	if errors.Is(err, ledger.ErrTooLarge) {
		return lifecycle.Stalled(v1alpha1.InvalidRowsReason, "The rows are too many, or too large, for one ledger. Nothing was sent: split the import.")
	}
	return lifecycle.Failed(err)
}
