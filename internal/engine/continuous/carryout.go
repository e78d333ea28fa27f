package continuous

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

const (
	// sliceTime is how long one pass makes changes: other objects wait for its worker.
	sliceTime = time.Second
	// maxRejections is how many refused changes are skipped: if JumpCloud refuses more, the
	// changes are not the reason.
	maxRejections = 10
	// soon is the time until the next slice.
	soon = 10 * time.Millisecond
)

// carryOut makes one slice of the plan's changes. If the plan is dropped, its remaining
// changes are taken out of the counts.
func (w *work[T, M]) carryOut(ctx context.Context) lifecycle.Outcome {
	if w.pass.Paused {
		return w.paused(w.m.carrying.left)
	}
	outcome := w.slice(ctx)
	if w.m.phase != carryingOut && outcome.Told() {
		w.harm.forgo()
	}
	return outcome
}

// slice makes changes. The status write before the first of them decides between leaders and
// stops stale passes.
func (w *work[T, M]) slice(ctx context.Context) lifecycle.Outcome {
	if w.m.carrying.left[0].Batch != nil {
		return w.handOver(ctx)
	}
	working := w.working()
	w.pass.Working = working
	// The deadline counts from before the write: a process that is frozen during or after it
	// finds the deadline passed when it wakes up and another one leads.
	deadline := time.Now().Add(w.RequestTimeout)
	first := &w.m.carrying.left[0]
	if first.Begins != nil {
		first.Begins(w.object)
	}
	if err := w.commitStatus(ctx, working); err != nil {
		w.m.drop() // a failed write loses what was recorded of this plan
		return lifecycle.Failed(err)
	}
	for until := time.Now().Add(sliceTime); len(w.m.carrying.left) > 0; {
		change := &w.m.carrying.left[0]
		if change.Batch != nil {
			return w.handOver(ctx)
		}
		if change.Begins != nil && change != first {
			break // the status must be written before
		}
		err := w.call(ctx, change, deadline)
		w.revert(change, err)
		switch {
		case err == nil:
			w.m.made(change, time.Now())
		case refused(err) && change.Needs == NeedsNothing && w.m.carrying.rejections < maxRejections:
			if w.m.carrying.rejections == 0 {
				w.m.carrying.rejection = rejected(change, err, w.deleting)
			}
			w.m.carrying.rejections++
			w.m.carrying.left = w.m.carrying.left[1:]
		default:
			return w.cutShort(change, err)
		}
		if time.Now().After(until) {
			break
		}
	}
	if len(w.m.carrying.left) > 0 {
		return w.working() // the next slice writes the same status
	}
	if w.m.carrying.rejections > 0 {
		working = w.m.carrying.rejection
	}
	w.m.drop() // observe again: a change is done only when it is seen
	return working
}

// commitStatus writes the status before changes are made.
func (w *work[T, M]) commitStatus(ctx context.Context, working lifecycle.Outcome) error {
	version := w.object.GetResourceVersion()
	err := w.pass.CommitStatus(ctx, working)
	if err != nil {
		w.harm.withdraw(ctx, version, err)
	}
	w.m.account.fresh, w.m.account.before = 0, nil
	return err
}

// working returns the outcome while changes are carried out.
func (w *work[T, M]) working() lifecycle.Outcome {
	reason := v1alpha1.ProgressingReason
	if w.deleting {
		reason = v1alpha1.DeletingReason
	}
	return lifecycle.Progressing(reason, fmt.Sprintf("Changing %s at JumpCloud: %d of %d done. Next: %s.",
		w.settings.Thing, w.m.carrying.total-len(w.m.carrying.left), w.m.carrying.total, sample(w.m.carrying.left[:1])), soon)
}

// cutShort ends a pass in which a change failed. A change that was provably not sent is sent
// in a later pass; after any other failure, the live state is observed first.
func (w *work[T, M]) cutShort(change *Change[T, M], err error) lifecycle.Outcome {
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	if ok && (remote.Class == jumpcloud.NotSent || remote.Class == jumpcloud.RateLimited) && !jumpcloud.PossiblyAuth(err) {
		return lifecycle.Failed(err)
	}
	w.m.changedAt = time.Now()
	w.m.drop()
	if refused(err) {
		return rejected(change, err, w.deleting)
	}
	return lifecycle.Failed(err)
}

// refused reports whether JumpCloud does not accept the change, for another reason than
// missing rights or a missing target.
func refused(err error) bool {
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	return ok && remote.Class == jumpcloud.Refused && remote.StatusCode != http.StatusForbidden && remote.StatusCode != http.StatusNotFound
}

// rejected returns the outcome of a change that was refused.
func rejected[T Object, M any](change *Change[T, M], err error, deleting bool) lifecycle.Outcome {
	text := fmt.Sprintf("JumpCloud refused to %s", change)
	if remote, ok := errors.AsType[*jumpcloud.Error](err); ok {
		text += fmt.Sprintf(" with status %d (%s %s)", remote.StatusCode, remote.Method, remote.Endpoint)
	}
	advice := ": it does not accept a value in the spec. Correct it; the resync tries again, too."
	if deleting {
		advice = ". It is retried at the resync. Find out in JumpCloud what prevents it; the annotation " +
			v1alpha1.AbandonAnnotation + `="true" ends the deletion without it.`
	}
	return lifecycle.Stalled(v1alpha1.SubmissionRejectedReason, text+advice)
}

// call makes one change, and sends nothing after the deadline.
func (w *work[T, M]) call(ctx context.Context, change *Change[T, M], deadline time.Time) error {
	admission, err := w.pass.Session.Client.Admit(ctx, change.lane())
	if err != nil {
		return err
	}
	if change.Action == v1alpha1.ChangeCreate || change.Action == v1alpha1.ChangeSchedule {
		if err := w.pass.MayCreate(ctx); err != nil {
			return err
		}
	}
	// If the process is stopping, wait for the answer all the same. The client bounds the
	// wait.
	w.pass.Unasked = change.unasked
	key := approval.Short(change.digest())
	harm, reserved := w.m.account.reserved[key]
	delete(w.m.account.reserved, key)
	err = change.Do(context.WithoutCancel(ctx), w.pass, jumpcloud.Submission{
		Admission: admission, Deadline: deadline,
	})
	if reserved && notMade(err) {
		w.m.account.reserved[key] = harm
	}
	return err
}

// revert takes back what was recorded of a change that was provably not made.
func (w *work[T, M]) revert(change *Change[T, M], err error) {
	if change.Reverts != nil && notMade(err) {
		change.Reverts(w.object)
	}
}
