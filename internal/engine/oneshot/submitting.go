package oneshot

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// maxJobs is how many jobs a status lists.
const maxJobs = 100

// submitting is the phase in which a job is to be announced and sent.
type submitting[T Object] struct{ *run[T] }

// send announces a job and submits it, once. The write of the announcement decides between
// leaders and rejects stale passes: nothing is sent without it.
func (p submitting[T]) send(ctx context.Context, index int32) (outcome lifecycle.Outcome, goesOn bool) {
	a, err := p.prepare(ctx, index)
	switch {
	case err != nil:
		return p.failed(err), false
	case a == nil:
		return lifecycle.Outcome{}, true
	}
	return p.start(ctx, a)
}

// prepare prepares the job's present attempt for the announcement. It returns nil if what was
// not announced must be planned again.
func (p submitting[T]) prepare(ctx context.Context, index int32) (*attempt[T], error) {
	switch {
	case p.pass.Paused:
		return nil, lifecycle.Stop(paused())
	case p.mode() == v1alpha1.ModePlan:
		return nil, lifecycle.Stop(p.hold(ctx))
	case p.denied():
		return nil, p.m.denied
	}
	if err := p.pass.Session.Client.MayWrite(); err != nil {
		return nil, err
	}
	current, err := p.refresh(ctx)
	if err != nil {
		return nil, err
	}
	if !current {
		p.replan = true
		return nil, nil
	}
	if p.m.source.Hold != nil {
		return nil, p.m.source.Hold
	}
	since, err := p.turns.take(ctx, index)
	if err != nil {
		return nil, err
	}
	if err := p.rereadLists(ctx, index, since); err != nil {
		return nil, err
	}
	if err := p.leavers.reread(ctx, index); err != nil {
		return nil, err
	}
	batch, err := p.collect(ctx, index)
	if err != nil {
		return nil, err
	}
	if len(batch.entries) == 0 {
		p.nothingLeft(index)
		return nil, lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason, "No row of the next job is to be sent now: the directory changed, or another object changes lists of its users.", firstPoll))
	}
	if !mayJoin(unsettled(p.status.Jobs), batch.operation) {
		return nil, lifecycle.Stop(following[T](p).waiting()) // the directory changed
	}
	// With the finalizer, the object outlives the start of its namespace's deletion.
	if err := p.pass.MayCreate(ctx); err != nil {
		return nil, err
	}
	if err := p.pass.EnsureFinalizer(ctx); err != nil {
		return nil, err
	}
	var admission jumpcloud.Admission
	if p.calls(index, batch) {
		if admission, err = p.pass.Session.Client.Admit(ctx, laneOf(batch.operation)); err != nil {
			return nil, err
		}
	}
	if err := p.leavers.spare(ctx, batch.decisions...); err != nil {
		return nil, err
	}
	return &attempt[T]{run: p.run, record: p.jobRecord(index, batch.operation), batch: batch, admission: admission}, nil
}

// start announces the attempt, sends it, and records the answer.
func (p submitting[T]) start(ctx context.Context, a *attempt[T]) (outcome lifecycle.Outcome, goesOn bool) {
	if a.batch.operation == v1alpha1.JobSuspend {
		if err := following[T](p).driver(a).Announce(ctx); err != nil {
			return p.failed(err), false
		}
		return p.suspend(ctx, a.record, a.batch, a.admission), false
	}
	action, err := following[T](p).driver(a).Submit(ctx)
	if jumpcloud.IsForbidden(a.err) {
		p.deny(a.err)
	}
	switch {
	case err != nil:
		return p.failed(err), false
	case action.Verb == submission.RecordJobID:
		return p.accepted(), false
	case action.Verb == submission.Reject:
		return lifecycle.Outcome{}, true
	case action.Verb != submission.ReturnToPlanned:
		p.dueAt(action.Until)
	case len(unsettled(p.status.Jobs)) == 0:
		return p.failed(a.err), false
	}
	return following[T](p).waiting(), false
}

// collect returns what a job sends, after the ledger records which rows have left the job.
func (p submitting[T]) collect(ctx context.Context, index int32) (batch, error) {
	b, complete := p.batch(index)
	record := p.listed(index)
	if !complete || record.Attempt > 0 && digestOf(b.entries) != record.Digest {
		// Rows that leave their job must not count as sent after a restart.
		return b, p.record(ctx, false)
	}
	return b, nil
}

// deny records JumpCloud's answer that these credentials may not submit.
func (p submitting[T]) deny(err error) {
	p.m.denied, p.m.deniedTo, p.m.deniedAt = err, p.pass.Session, time.Now()
}

// denied reports whether JumpCloud said that these credentials may not submit. After half a
// resync interval it expires, as the credentials may have been granted more since.
func (p submitting[T]) denied() bool {
	return p.m.denied != nil && p.m.deniedTo == p.pass.Session && !p.pass.Requested &&
		time.Since(p.m.deniedAt) < p.pass.Session.Spec.ResyncInterval.Duration/2
}

// nothingLeft ends a job that has no rows left to send. A job that was sent before is recorded
// as recovered; a job that never was is removed.
func (p submitting[T]) nothingLeft(index int32) {
	p.status.Jobs = slices.DeleteFunc(p.status.Jobs, func(record v1alpha1.JobStatus) bool {
		return record.Index == index && record.Attempt == 0
	})
	for i := range p.status.Jobs {
		if record := &p.status.Jobs[i]; record.Index == index {
			submission.Apply(record, submission.Action{Verb: submission.Recover}, time.Now())
		}
	}
}

// jobRecord returns the record of a job, a new one if it has none.
func (p submitting[T]) jobRecord(index int32, operation v1alpha1.JobOperation) *v1alpha1.JobStatus {
	for i := range p.status.Jobs {
		if p.status.Jobs[i].Index == index {
			return &p.status.Jobs[i]
		}
	}
	if surplus := len(p.status.Jobs) + 1 - maxJobs; surplus > 0 {
		p.status.Jobs = p.status.Jobs[surplus:]
	}
	p.status.Jobs = append(p.status.Jobs, v1alpha1.JobStatus{Index: index, Operation: operation, State: v1alpha1.JobPlanned})
	return &p.status.Jobs[len(p.status.Jobs)-1]
}

// refresh makes sure that the rows that are about to be sent match the sources now, and that
// they may still be sent. It returns false if the sources changed or are gone, so that rows
// that were not sent are left to the run that they make; and if an approval was withdrawn, or
// harm was counted too long ago.
func (p submitting[T]) refresh(ctx context.Context) (current bool, err error) {
	if current, err = p.sources.reload(ctx); err != nil {
		return false, err
	}
	withdrawn := false
	if current {
		if withdrawn, err = p.grants.withdrawn(ctx); err != nil {
			return false, err
		}
	}
	distrusted := false
	if current && !withdrawn {
		if distrusted, err = p.window.distrust(ctx); err != nil {
			return false, err
		}
	}
	if !current || withdrawn || distrusted {
		p.unassign()
		return false, nil
	}
	if p.m.decided.current(p.pass.Session, p.pass.Session.Spec.ResyncInterval.Duration) {
		return true, nil
	}
	// A restart lost the payloads, or they were made too long ago or for another
	// Organization's rules. They are made from a new look at the directory, which also shows
	// what was done in the meantime.
	f, err := p.leavers.look(ctx, question{purpose: "payloads", rows: p.sources.undecidedRows()}, p.m.entries(departing))
	if err != nil {
		return false, err
	}
	p.m.decided.take(f.decisions, p.pass.Session, f.Began)
	return true, nil
}

// unassign takes rows for which nothing was sent out of their jobs.
func (p submitting[T]) unassign() {
	for _, entry := range p.m.entries(unannounced(p.status)) {
		if !p.m.job(entry.Job).asked[entry.Row] {
			p.leaveJob(entry)
		}
	}
}

// hold keeps an open run from sending more, because the mode is now Plan.
func (p submitting[T]) hold(ctx context.Context) lifecycle.Outcome {
	p.summarize()
	if err := p.record(ctx, false); err != nil {
		return p.failed(err)
	}
	if err := p.pass.RemoveFinalizer(ctx); err != nil {
		return p.failed(err)
	}
	return lifecycle.Stalled(v1alpha1.PlanOnlyReason, "The mode is Plan now, and the run was under way: "+summaryText(p.status.Summary)+
		". Nothing more is sent. Set the mode back to go on.")
}
