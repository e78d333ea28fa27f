package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// nextConcurrent returns the job of the manifest to announce next while other jobs are open, or
// 0 if none may be announced before they have ended. At most limit jobs are open at a time, all
// of the same operation, so that creates end before updates begin. While one of them does not
// run as it should, none is announced. operation returns the operation of a job that is to be
// announced, or "" if it is not known; calm reports whether an open job runs as it should. It
// is pure.
func nextConcurrent(
	status *v1alpha1.RunStatus, l *ledger.Ledger, limit int32,
	operation func(index int32) v1alpha1.JobOperation, calm func(*v1alpha1.JobStatus) bool,
) int32 {
	open := unsettled(status.Jobs)
	if l == nil || len(open) >= int(limit) {
		return 0
	}
	for _, record := range open {
		if !calm(record) {
			return 0
		}
	}
	next := nextJob(status, l)
	if next == 0 || !mayJoin(open, operation(next)) {
		return 0
	}
	return next
}

// mayJoin reports whether a job of this operation may run beside the open jobs. A Suspend job
// never may: one Suspend job is all that a pass does.
func mayJoin(open []*v1alpha1.JobStatus, operation v1alpha1.JobOperation) bool {
	for _, record := range open {
		if record.Operation != operation || operation == v1alpha1.JobSuspend {
			return false
		}
	}
	return true
}

// nextConcurrent returns the job that this pass may send beside the open ones; 0 for none.
func (r *run[T]) nextConcurrent() int32 {
	if r.replan || r.pass.Paused || r.mode() == v1alpha1.ModePlan || !r.object.GetDeletionTimestamp().IsZero() {
		return 0
	}
	return nextConcurrent(r.status, r.m.ledger, r.limit(), r.operation,
		func(record *v1alpha1.JobStatus) bool {
			return submission.Underway(*record, r.m.job(record.Index).Observation)
		})
}

// limit returns how many jobs may be open at a time.
func (r *run[T]) limit() int32 { return r.pass.Session.Spec.Limits.ConcurrentJobs }

// operation returns the operation of a job, or "" if a restart lost the decisions about its
// rows. They are made again once no job is open.
func (r *run[T]) operation(index int32) v1alpha1.JobOperation {
	if record := r.listed(index); record.Operation != "" {
		return record.Operation
	}
	for _, entry := range r.m.entries(inJob(index)) {
		if d := r.m.decided.byRow[entry.Row]; d != nil && d.Sends() {
			return operationOf(d)
		}
	}
	return ""
}

// accepted is the outcome after JumpCloud has accepted a job. The next job follows at once if
// it may run beside this one.
func (r *run[T]) accepted() lifecycle.Outcome {
	r.dueAt(time.Now().Add(firstPoll))
	if r.nextConcurrent() != 0 {
		r.due = time.Now()
	}
	return following[T]{r}.waiting()
}

// dueAt records when the next step of an open job is due.
func (r *run[T]) dueAt(at time.Time) {
	if r.due.IsZero() || at.Before(r.due) {
		r.due = at
	}
}
