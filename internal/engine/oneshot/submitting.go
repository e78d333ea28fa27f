package oneshot

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// maxJobs is how many jobs a status lists.
const maxJobs = 100

// send announces a job and submits it, once. The write of the announcement
// decides between leaders and drops stale passes: nothing is sent without it.
func (r *run[T]) send(ctx context.Context, index int32) lifecycle.Outcome {
	switch {
	case r.pass.Paused:
		return paused()
	case r.mode() == v1alpha1.ModePlan:
		return r.hold(ctx)
	case r.denied():
		return r.failed(r.m.denied)
	}
	if err := r.pass.Session.Client.MayWrite(); err != nil {
		return r.failed(err)
	}
	current, err := r.refresh(ctx)
	if err != nil {
		return r.failed(err)
	}
	if !current {
		return r.prove(ctx) // what is left is planned anew
	}
	if r.m.source.Hold != nil {
		return r.failed(r.m.source.Hold)
	}
	if err := r.rereadLists(ctx, index); err != nil {
		return r.failed(err)
	}
	batch, err := r.collect(ctx, index)
	if err != nil {
		return r.failed(err)
	}
	if len(batch.entries) == 0 {
		r.nothingLeft(index)
		return lifecycle.Progressing(v1alpha1.ProgressingReason, "The directory changed, and no row of the next job is to be sent any more.", firstPoll)
	}
	// With the finalizer on it, an object outlives the beginning of its namespace's end.
	if err := r.pass.MayCreate(ctx); err != nil {
		return r.failed(err)
	}
	if err := r.pass.EnsureFinalizer(ctx); err != nil {
		return r.failed(err)
	}
	var admission jumpcloud.Admission
	if r.calls(index, batch) {
		if admission, err = r.pass.Session.Client.Admit(ctx, laneOf(batch.operation)); err != nil {
			return r.failed(err)
		}
	}
	a := &attempt[T]{run: r, record: r.jobRecord(index, batch.operation), batch: batch, admission: admission}
	if batch.operation == v1alpha1.JobSuspend {
		if err := r.driver(a).Announce(ctx); err != nil {
			return r.failed(err)
		}
		return r.suspend(ctx, a.record, batch, admission)
	}
	action, err := r.driver(a).Submit(ctx)
	if jumpcloud.IsForbidden(a.err) {
		r.deny(a.err)
	}
	switch {
	case err != nil:
		return r.failed(err)
	case action.Verb == submission.RecordJobID:
		return r.running(a.record)
	case action.Verb == submission.Reject:
		return r.next(ctx)
	case action.Verb == submission.ReturnToPlanned:
		return r.failed(a.err)
	default:
		return r.waiting(a.record, time.Until(action.Until))
	}
}

// collect returns what a job sends, once the ledger says that it is no more.
func (r *run[T]) collect(ctx context.Context, index int32) (batch, error) {
	b, complete := r.batch(index)
	record := r.listed(index)
	if !complete || record.Attempt > 0 && digestOf(b.entries) != record.Digest {
		// Rows that leave their job must not be taken for sent after a restart.
		return b, r.record(ctx, false)
	}
	return b, nil
}

// deny takes down that JumpCloud said that these credentials may not submit.
func (r *run[T]) deny(err error) {
	r.m.denied, r.m.deniedTo, r.m.deniedAt = err, r.pass.Session, time.Now()
}

// denied reports whether JumpCloud said that these credentials may not submit.
// It may have been told otherwise since the last resync.
func (r *run[T]) denied() bool {
	return r.m.denied != nil && r.m.deniedTo == r.pass.Session && !r.pass.Requested &&
		time.Since(r.m.deniedAt) < r.pass.Session.Spec.ResyncInterval.Duration/2
}

// nothingLeft ends a job none of whose rows is to be sent any more. One that
// was sent before is recovered, one that never was is none.
func (r *run[T]) nothingLeft(index int32) {
	r.status.Jobs = slices.DeleteFunc(r.status.Jobs, func(record v1alpha1.JobStatus) bool {
		return record.Index == index && record.Attempt == 0
	})
	for i := range r.status.Jobs {
		if record := &r.status.Jobs[i]; record.Index == index {
			submission.Apply(record, submission.Action{Verb: submission.Recover}, time.Now())
		}
	}
}

// jobRecord returns the record of a job, a new one if it has none.
func (r *run[T]) jobRecord(index int32, operation v1alpha1.JobOperation) *v1alpha1.JobStatus {
	for i := range r.status.Jobs {
		if r.status.Jobs[i].Index == index {
			return &r.status.Jobs[i]
		}
	}
	if surplus := len(r.status.Jobs) + 1 - maxJobs; surplus > 0 {
		r.status.Jobs = r.status.Jobs[surplus:]
	}
	r.status.Jobs = append(r.status.Jobs, v1alpha1.JobStatus{Index: index, Operation: operation, State: v1alpha1.JobPlanned})
	return &r.status.Jobs[len(r.status.Jobs)-1]
}

// refresh makes sure that what is about to be sent is what the sources say now,
// and that it may still be sent. It reports false where they changed or are
// gone, so that what was not sent is left to the run that they make; and where
// an approval was withdrawn, or harm was counted too long ago.
func (r *run[T]) refresh(ctx context.Context) (current bool, err error) {
	if current, err = r.reload(ctx); err != nil {
		return false, err
	}
	withdrawn := false
	if current {
		if withdrawn, err = r.withdrawn(ctx); err != nil {
			return false, err
		}
	}
	distrusted := false
	if current && !withdrawn {
		if distrusted, err = r.distrust(ctx); err != nil {
			return false, err
		}
	}
	if !current || withdrawn || distrusted {
		r.unassign()
		return false, nil
	}
	old := time.Since(r.m.plannedAt) > r.pass.Session.Spec.ResyncInterval.Duration
	if r.m.decisions != nil && !old && r.m.plannedWith == r.pass.Session {
		return true, nil
	}
	// A restart lost the payloads, or they were made too long ago or for another
	// Organization's rules. They are made from a new look at the directory, which
	// also tells what was done meanwhile.
	f, err := r.observe(ctx, question{purpose: "payloads", rows: r.undecidedRows()})
	if err != nil {
		return false, err
	}
	r.m.plannedAt, r.m.plannedWith, r.m.readAt = time.Now(), r.pass.Session, f.Began
	r.m.decisions = map[int]*plan.Decision{}
	for i := range f.decisions {
		r.m.decisions[f.decisions[i].Row.Number] = &f.decisions[i]
	}
	return true, nil
}

// unassign takes rows that are not on their way out of their jobs.
func (r *run[T]) unassign() {
	for _, entry := range r.m.entries(unannounced(r.status)) {
		if !r.m.job(entry.Job).asked[entry.Row] {
			r.leaveJob(entry)
		}
	}
}
