package oneshot

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// maxSuspensions is how many users one job, and so one pass, suspends.
const maxSuspensions = 50

// suspend sends one call for each row of a Suspend job, with the state and nothing else. The
// calls are idempotent: a job that is cut short is announced again, with nothing to settle,
// for the rows for which this process has made no call yet. Calls are sent only until the
// deadline of their announcement, so that a process that was frozen does not continue after
// another one has taken over. A pass does only one such job, so that other objects are not
// kept waiting. The first call uses the token that was taken before the announcement.
func (p submitting[T]) suspend(ctx context.Context, record *v1alpha1.JobStatus, b batch, admission jumpcloud.Admission) lifecycle.Outcome {
	asked := p.m.job(record.Index).asked
	deadline := record.IntendedAt.Add(p.Timing.RequestTimeout)
	for i, d := range b.decisions {
		entry := b.entries[i]
		if asked[entry.Row] {
			continue
		}
		if !time.Now().Before(deadline) {
			announceAgain(record)
			return lifecycle.Progressing(v1alpha1.JobRunningReason, p.progressText(record), soon)
		}
		err := p.suspendOne(ctx, record, entry, d, jumpcloud.Submission{Admission: admission, Deadline: deadline})
		admission = jumpcloud.Admission{}
		if err != nil {
			announceAgain(record)
			if jumpcloud.IsForbidden(err) {
				p.deny(err)
			}
			return p.failed(err)
		}
		asked[entry.Row] = true
	}
	submission.Apply(record, submission.Action{Verb: submission.Finish}, time.Now())
	p.m.proofs.jobEnded()
	return lifecycle.Progressing(v1alpha1.JobRunningReason, p.progressText(record), soon)
}

// calls reports whether a job must make a call. All calls of a Suspend job may have been made
// before its end could be written.
func (p submitting[T]) calls(index int32, b batch) bool {
	asked := p.m.job(index).asked
	return b.operation != v1alpha1.JobSuspend || slices.ContainsFunc(b.entries, func(entry *ledger.Entry) bool { return !asked[entry.Row] })
}

// suspendOne sends the call for one row. It returns an error if the calls of other rows would
// fail in the same way. If JumpCloud refuses the call, that is the row's outcome; if nothing
// definite came back, the directory decides, and the next row follows.
func (p submitting[T]) suspendOne(ctx context.Context, record *v1alpha1.JobStatus, entry *ledger.Entry, d *plan.Decision, s jumpcloud.Submission) (err error) {
	if s.Admission == (jumpcloud.Admission{}) {
		if s.Admission, err = p.pass.Session.Client.Admit(ctx, laneOf(v1alpha1.JobSuspend)); err != nil {
			return err
		}
	}
	if err := p.leavers.spare(ctx, d); err != nil {
		return err
	}
	update := jumpcloud.UserUpdate{}
	update.State = new(jumpcloud.StateSuspended)
	_, err = p.pass.Session.Client.UpdateUser(ctx, s, d.UserID, update)
	switch {
	case err == nil:
		return nil
	case jumpcloud.IsNotFound(err):
		settle(entry, ledger.OutcomeFailed, v1alpha1.RemoteNotFoundReason, "the user was deleted after the plan was made")
		p.window.freeUnsent(record, entry)
		return nil
	}
	switch submission.AnswerKindOf(err) {
	case submission.Refused:
		refuse(entry, p.clean(messageOf(err)), false, p.sends(entry))
		p.window.freeUnsent(record, entry)
		return nil
	case submission.Unknown:
		text := "JumpCloud gave no definite answer to the suspension"
		if message := p.clean(messageOf(err)); message != "" {
			text += ": " + message
		}
		p.m.job(record.Index).unanswered[entry.Row] = text
		return nil
	default:
		return err
	}
}

// freeUnsent frees a row that was refused, unless an earlier call may have done it, possibly
// another process's.
func (w *window[T]) freeUnsent(record *v1alpha1.JobStatus, entry *ledger.Entry) {
	if entry.Attempts == 0 && record.Attempt == 1 {
		w.free(entry)
	}
}

// laneOf returns the limiter's lane for the calls of a job.
func laneOf(operation v1alpha1.JobOperation) jumpcloud.Lane {
	if operation == v1alpha1.JobSuspend {
		return jumpcloud.Urgent
	}
	return jumpcloud.Normal
}

// announceAgain marks a Suspend job as one that is to be announced again.
func announceAgain(record *v1alpha1.JobStatus) {
	submission.Apply(record, submission.Action{Verb: submission.PlanAgain, Rows: record.Rows}, time.Now())
}
