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

// maxSuspensions of one job, and so of one pass.
const maxSuspensions = 50

// suspend sends one call for each row of a Suspend job: the state and nothing
// else. The calls state what is to be, so that repeating one changes nothing: a
// job that is cut short is announced anew, without anything to settle, for the
// rows that this process has not asked for yet. Calls are sent only until the
// deadline of their announcement, so that a process that was frozen does not go
// on where another one has taken over. One job is all that a pass does, so that
// other objects are not kept waiting.
// The first call uses the token that the announcement waited for.
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

// calls reports whether a job is to make a call. All of a Suspend job may have
// been asked for before its end could be written.
func (p submitting[T]) calls(index int32, b batch) bool {
	asked := p.m.job(index).asked
	return b.operation != v1alpha1.JobSuspend || slices.ContainsFunc(b.entries, func(entry *ledger.Entry) bool { return !asked[entry.Row] })
}

// suspendOne sends the call for one row. It fails where no other row's call
// would do better. What JumpCloud refuses is the row's outcome; where nothing
// definite came back, the directory decides, and the next row goes on.
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
		text := "nothing definite came back from the call that suspends the user"
		if message := p.clean(messageOf(err)); message != "" {
			text += ": " + message
		}
		p.m.job(record.Index).unanswered[entry.Row] = text
		return nil
	default:
		return err
	}
}

// freeUnsent frees a row that was refused, unless an earlier call may have done
// it, be it another process's.
func (w *window[T]) freeUnsent(record *v1alpha1.JobStatus, entry *ledger.Entry) {
	if entry.Attempts == 0 && record.Attempt == 1 {
		w.free(entry)
	}
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
