package run

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxSuspensions of one job, so that other objects are not kept waiting.
const maxSuspensions = 50

// suspend sends one call for each row of a Suspend job. The calls state what
// is to be, so that repeating one changes nothing: a job that is cut short is
// announced anew, without anything to settle, for the rows that this process
// has not asked for yet. Calls are sent only until the deadline of their
// announcement, so that a process that was frozen does not go on where another
// one has taken over.
func (r *run[T]) suspend(ctx context.Context, record *v1alpha1.JobStatus, b batch) lifecycle.Outcome {
	asked := r.m.job(record.Index).asked
	deadline := record.IntendedAt.Add(r.Timing.RequestTimeout)
	for i, d := range b.decisions {
		entry := b.entries[i]
		if asked[entry.Row] {
			continue
		}
		if !time.Now().Before(deadline) {
			announceAgain(record)
			return lifecycle.Progressing(v1alpha1.JobRunningReason, r.progressText(record), soon)
		}
		if err := r.suspendOne(ctx, entry, d, deadline); err != nil {
			announceAgain(record)
			return r.failed(err)
		}
		asked[entry.Row] = true
	}
	submission.Apply(record, submission.Action{Verb: submission.Finish}, time.Now())
	return r.next(ctx)
}

// suspendOne sends the call for one row. It fails where the call may be made
// again; what JumpCloud refuses is the row's outcome.
func (r *run[T]) suspendOne(ctx context.Context, entry *ledger.Entry, d *plan.Decision, deadline time.Time) error {
	admission, err := r.pass.Session.Client.Admit(ctx, laneOf(v1alpha1.JobSuspend))
	if err != nil {
		return err
	}
	update := jumpcloud.UserUpdate{UserAttributes: d.Payload.UserAttributes}
	update.State = new(jumpcloud.StateSuspended)
	_, err = r.pass.Session.Client.UpdateUser(ctx, jumpcloud.Submission{Admission: admission, Deadline: deadline}, d.UserID, update)
	switch {
	case jumpcloud.IsNotFound(err):
		settle(entry, ledger.OutcomeFailed, v1alpha1.RemoteNotFoundReason, "the user was deleted after the plan was made")
	case err != nil && submission.VerdictOf(err) == submission.Refused:
		refuse(entry, r.clean(messageOf(err)), false)
	default:
		return err
	}
	return nil
}

// laneOf is how the calls of a job wait for the limiter.
func laneOf(operation v1alpha1.JobOperation) jumpcloud.Lane {
	if operation == v1alpha1.JobSuspend {
		return jumpcloud.Urgent
	}
	return jumpcloud.Normal
}

// announceAgain makes a Suspend job one that is to be announced again.
func announceAgain(record *v1alpha1.JobStatus) {
	submission.Apply(record, submission.Action{Verb: submission.PlanAgain, Rows: record.Rows}, time.Now())
}
