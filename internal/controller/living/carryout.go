package living

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// sliceTime is how long one pass makes changes: others wait for its worker.
	sliceTime = time.Second
	// maxRejections is how many refused changes are passed over: where JumpCloud
	// refuses more, it is not about them.
	maxRejections = 10
	// soon is when the next slice comes.
	soon = 10 * time.Millisecond
)

// carryOut makes changes of the plan for a while. What of a plan was not made
// once it is dropped is not counted any more.
func (w *work[T, M]) carryOut(ctx context.Context) lifecycle.Outcome {
	if w.pass.Paused {
		return w.paused(w.m.left)
	}
	outcome := w.slice(ctx)
	if w.m.plan == nil && outcome.Told() {
		w.forgo()
	}
	return outcome
}

// slice makes changes. The write of the status before the first of them decides
// between leaders and drops stale passes.
func (w *work[T, M]) slice(ctx context.Context) lifecycle.Outcome {
	working := w.working()
	w.pass.Working = working
	// Counted from before the write: one that is frozen in it, or after it, finds
	// that it is too late when it wakes up and another one leads.
	deadline := time.Now().Add(w.RequestTimeout)
	if err := w.claim(ctx, working); err != nil {
		w.m.drop() // with the write, what was noted of this plan is lost
		return lifecycle.Failed(err)
	}
	for until := time.Now().Add(sliceTime); len(w.m.left) > 0; {
		change := &w.m.left[0]
		switch err := w.call(ctx, change, deadline); {
		case err == nil:
			w.m.note(change, time.Now())
		case refused(err) && change.Needs == NeedsNothing && w.m.rejections < maxRejections:
			if w.m.rejections == 0 {
				w.m.rejection = w.rejected(change, err)
			}
			w.m.rejections++
			w.m.left = w.m.left[1:]
		default:
			return w.cutShort(change, err)
		}
		if time.Now().After(until) {
			break
		}
	}
	if len(w.m.left) > 0 {
		return w.working() // the next slice's write finds it as it is
	}
	if w.m.rejections > 0 {
		working = w.m.rejection
	}
	w.m.drop() // to be observed again: only what is seen is done
	return working
}

// claim writes the status before changes are made.
func (w *work[T, M]) claim(ctx context.Context, working lifecycle.Outcome) error {
	version := w.object.GetResourceVersion()
	err := w.pass.Claim(ctx, working)
	if err != nil {
		w.unannounce(version, err)
	}
	w.m.account.fresh, w.m.account.before = 0, nil
	return err
}

// note takes a change off those that are left.
func (m *memory[T, M]) note(change *Change[T, M], now time.Time) {
	if m.made == nil {
		m.made = map[string]bool{}
	}
	m.made[change.digest()] = true
	m.changedAt = now
	m.left = m.left[1:]
}

// working is the outcome while changes are carried out.
func (w *work[T, M]) working() lifecycle.Outcome {
	reason := v1alpha1.ProgressingReason
	if w.deleting {
		reason = v1alpha1.DeletingReason
	}
	return lifecycle.Progressing(reason, fmt.Sprintf("Changing %s at JumpCloud: %d of %d done. Next: %s.",
		w.settings.Thing, w.m.total-len(w.m.left), w.m.total, sample(w.m.left[:1])), soon)
}

// cutShort ends a pass in which a change failed. What provably was not sent is
// sent in a later pass; after anything else, what is live is looked at first.
func (w *work[T, M]) cutShort(change *Change[T, M], err error) lifecycle.Outcome {
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	if ok && (remote.Class == jumpcloud.NotSent || remote.Class == jumpcloud.RateLimited) && !jumpcloud.PossiblyAuth(err) {
		return lifecycle.Failed(err)
	}
	w.m.changedAt = time.Now()
	w.m.drop()
	if refused(err) {
		return w.rejected(change, err)
	}
	return lifecycle.Failed(err)
}

// refused tells whether JumpCloud does not accept what was to be changed, other
// than for a lack of rights or of what was to be changed.
func refused(err error) bool {
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	return ok && remote.Class == jumpcloud.Refused && remote.StatusCode != http.StatusForbidden && remote.StatusCode != http.StatusNotFound
}

// rejected is the outcome of a change that was refused.
func (w *work[T, M]) rejected(change *Change[T, M], err error) lifecycle.Outcome {
	text := fmt.Sprintf("JumpCloud refused to %s", change)
	if remote, ok := errors.AsType[*jumpcloud.Error](err); ok {
		text += fmt.Sprintf(" with status %d (%s %s)", remote.StatusCode, remote.Method, remote.Endpoint)
	}
	advice := ": it does not accept what the spec states. Correct it; it is tried again at the resync, too."
	if w.deleting {
		advice = ". It is tried again at the resync. See in JumpCloud what stands against it; the annotation " +
			v1alpha1.AbandonAnnotation + `="true" lets the object go without it.`
	}
	return lifecycle.Stalled(v1alpha1.SubmissionRejectedReason, text+advice)
}
