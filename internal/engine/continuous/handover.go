package continuous

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// handOverCheck is the time until the next pass over an object whose change is in a job, if
// nothing wakes it.
const handOverCheck = 5 * time.Minute

// Batched is how a change travels in a job with those of other objects. The pass that hands it
// over ends; the end of the job wakes the object, which is then observed. The change ends its
// slice: what is planned after it is planned again.
type Batched[T Object, M any] struct {
	// Add adds the change to the next job of a batch.Batcher.
	Add func(pass *Pass[T, M], terms batch.Terms) *batch.Ticket
	// Creates is the announcement of the user that the change creates, written to the status
	// before the change is added; the guard's window bounds how many are created. Nil: the
	// change creates none, and making it twice does no harm.
	Creates *Announcement
	// Made records in the status the accepted job that had the change in it. It is called
	// after the live state was observed.
	Made func(pass *Pass[T, M], jobID string)
	// Ended receives the result of the job before the live state is observed. It reports
	// whether the change, if JumpCloud refused it, is planned in another way from then on.
	// Nil: it is not.
	Ended func(pass *Pass[T, M], result batch.Result) (otherwise bool)
}

// Announcement is what status.creating says of a user that a job creates.
type Announcement struct {
	// Name is the one under which the user is found.
	Name     string
	Creation *Creation
}

// handover is a change that is in a job.
type handover[T Object, M any] struct {
	change Change[T, M]
	ticket *batch.Ticket
	// basis is what the change was planned from.
	basis basis
	// before is what the status announced before.
	before *v1alpha1.CreatingStatus
	// harm is that of the change under its key, if it was counted.
	key     string
	harm    int
	counted bool
}

// handOver hands the next change over to a job. It first writes the status, which decides
// between leaders and announces what is created.
func (w *work[T, M]) handOver(ctx context.Context) lifecycle.Outcome {
	h := &handover[T, M]{change: w.m.carrying.left[0], basis: w.m.basis, before: w.status.Creating}
	creates := h.change.Batch.Creates
	deadline := time.Now().Add(w.RequestTimeout)
	if creates != nil {
		if err := w.pass.MayCreate(ctx); err != nil {
			return lifecycle.Failed(err)
		}
		w.status.Creating = creates.Creation.announce(creates.Name, h.before)
	}
	running := w.jobRunning(h)
	if err := w.commitStatus(ctx, running); err != nil {
		w.status.Creating = h.before
		w.m.drop()
		return lifecycle.Failed(err)
	}
	h.key = approval.Short(h.change.digest())
	h.harm, h.counted = w.m.account.reserved[h.key]
	delete(w.m.account.reserved, h.key)
	if creates != nil {
		creates.Creation.pending = true
	}
	h.ticket = h.change.Batch.Add(w.pass, w.terms(&h.change, deadline))
	w.m.handed = h
	w.m.drop()
	return running
}

// terms returns the terms on which a change joins a job. If it creates a user, it takes room
// in the guard's window, unless a person approved it.
func (w *work[T, M]) terms(change *Change[T, M], deadline time.Time) batch.Terms {
	wake, key := w.Wake, client.ObjectKeyFromObject(w.object)
	terms := batch.Terms{Deadline: deadline, Wake: func() { wake(key) }}
	if change.unasked && change.creates() > 0 {
		terms.Room = w.pass.Room()
	}
	return terms
}

// jobRunning returns the outcome while a change is in a job.
func (w *work[T, M]) jobRunning(h *handover[T, M]) lifecycle.Outcome {
	reason := v1alpha1.JobRunningReason
	if w.deleting {
		reason = v1alpha1.DeletingReason
	}
	return lifecycle.Progressing(reason, fmt.Sprintf(
		"A bulk job shared with other objects makes the change: %s. Its result is checked when the job ends.", &h.change), handOverCheck)
}

// awaitJob finds out what became of a change that was handed over, and reports whether that
// ends the pass: the job is under way, or nothing was sent. A change that is not wanted any
// more is taken out of a job that was not sent yet.
func (w *work[T, M]) awaitJob(ctx context.Context) (outcome lifecycle.Outcome, ends bool) {
	h := w.m.handed
	if h == nil {
		return lifecycle.Outcome{}, false
	}
	if result, known := h.ticket.Result(); known {
		return w.jobEnded(h, result)
	}
	wanted, err := w.wanted(ctx, h)
	if err != nil {
		return lifecycle.Failed(err), true
	}
	if !wanted && w.withdraw() {
		return w.takenOut(), true
	}
	_, since, rests := h.ticket.Rests()
	if rests {
		w.changed(since) // the observation must be newer than that
	}
	return w.jobRunning(h), !rests
}

// wanted reports whether a change in a job is still to be made.
func (w *work[T, M]) wanted(ctx context.Context, h *handover[T, M]) (bool, error) {
	if w.pass.Paused || w.report.planning || w.deleting || h.basis != w.m.basis {
		return false, nil
	}
	approvals, err := w.pass.Approvals(ctx, w.settings.ApprovedPlan)
	return !withdrawn(w.status.Plan, approvals), err
}

// withdraw takes a change out of its job, and reports whether that succeeded: it was not sent.
func (w *work[T, M]) withdraw() bool {
	h := w.m.handed
	if h == nil || !h.ticket.Withdraw() {
		return false
	}
	w.takeBack(h)
	return true
}

// takeBack undoes the handover of a change that was provably not made.
func (w *work[T, M]) takeBack(h *handover[T, M]) {
	w.m.handed = nil
	if creates := h.change.Batch.Creates; creates != nil {
		w.status.Creating, creates.Creation.pending = h.before, false
	}
	if h.counted {
		w.m.account.notMade(h.key, h.harm)
	}
	w.settings = w.Kind.Settings(w.object)
}

// takenOut returns the outcome of a pass that took a change out of its job: the status says so
// before anything else is done.
func (w *work[T, M]) takenOut() lifecycle.Outcome {
	reason := v1alpha1.ProgressingReason
	if w.deleting {
		reason = v1alpha1.DeletingReason
	}
	return lifecycle.Progressing(reason, "A change was taken out of a bulk job before that was sent. What is to be done is planned again.", soon)
}

// jobEnded continues after the end of a job. If the job may have made the change, the live
// state shows whether it did: see looked.
func (w *work[T, M]) jobEnded(h *handover[T, M], result batch.Result) (outcome lifecycle.Outcome, ends bool) {
	creates := h.change.Batch.Creates
	otherwise := h.change.Batch.Ended != nil && h.change.Batch.Ended(w.pass, result)
	switch result.Kind {
	case submission.Completed:
		w.m.proof.expect(h.change.digest())
		w.m.proof.failed = result.Failed > 0 && !otherwise
	case submission.Unknown:
	default:
		w.takeBack(h)
		if errors.Is(result.Err, batch.ErrNoRoom) || errors.Is(result.Err, batch.ErrTooLate) {
			return w.takenOut(), true
		}
		if refused(result.Err) && otherwise {
			return lifecycle.Progressing(v1alpha1.ProgressingReason, "JumpCloud refused the change. It is made in another way.", soon), true
		}
		if refused(result.Err) {
			return rejected(&h.change, result.Err, w.deleting), true
		}
		return lifecycle.Failed(result.Err), true
	}
	w.changed(result.At)
	if creates != nil {
		creates.Creation.pending = false
		if result.Kind == submission.Completed {
			creates.Creation.over = result.At
		}
	}
	return lifecycle.Outcome{}, false
}

// looked continues after an observation of an object whose change was handed over. While the
// job is under way and the observation does not show the change, the pass ends: the change is
// not sent again.
func (w *work[T, M]) looked(plan *Plan[T, M], err error) (outcome lifecycle.Outcome, ends bool) {
	h := w.m.handed
	_, stopped := lifecycle.Stopped(err)
	if h == nil || err != nil && !stopped {
		return lifecycle.Outcome{}, false
	}
	result, ended := h.ticket.Result()
	switch {
	case ended:
	case stopped || len(plan.Changes) > 0:
		w.m.drop()
		return w.jobRunning(h), true
	default:
		result.JobID, _, _ = h.ticket.Rests()
	}
	w.m.handed = nil
	if result.JobID != "" {
		h.change.Batch.Made(w.pass, result.JobID)
	}
	return lifecycle.Outcome{}, false
}

// changed records when a change of the object ended.
func (w *work[T, M]) changed(at time.Time) { w.m.changedAt, w.pass.ChangedAt = at, at }

// creates returns how many users the change creates.
func (c *Change[T, M]) creates() int {
	if c.Batch == nil || c.Batch.Creates == nil {
		return 0
	}
	return 1
}
