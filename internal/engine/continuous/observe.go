package continuous

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// driftReason is the reason of the event about corrected drift.
const driftReason = "DriftCorrected"

// observe finds out which changes are needed, and begins with them.
func (w *work[T, M]) observe(ctx context.Context, look func(context.Context, *Pass[T, M]) (*Plan[T, M], error)) lifecycle.Outcome {
	w.pass.NewerThan = w.m.observe(w.pass.Now, w.pass.Session.Spec.ResyncInterval.Duration)
	keys := w.IdentityKeys(w.object)
	plan, err := look(ctx, w.pass)
	w.settings = w.Kind.Settings(w.object) // the observation may have changed what Settings returns
	if outcome, ends := w.looked(plan, err); ends {
		return outcome
	}
	outcome, stopped := lifecycle.Stopped(err)
	if err != nil && (!stopped || !outcome.Answers()) {
		return w.underWay(ctx, err, stopped)
	}
	w.awaitUsers()
	if stopped {
		return w.unplanned(ctx, outcome)
	}
	w.m.phase = idle // the next observation starts afresh
	if !slices.Equal(keys, w.IdentityKeys(w.object)) {
		if outcome, owned := w.owned(ctx); !owned {
			return outcome
		}
	}
	return w.decide(ctx, plan)
}

// underWay returns the outcome of an observation that a later pass continues. If it waits for
// what became of a creation, so must the deletion of the object.
func (w *work[T, M]) underWay(ctx context.Context, err error, waits bool) lifecycle.Outcome {
	if waits && w.settings.Deletion == DeletionSettles {
		if failure := w.keepFinalizer(ctx); failure != nil {
			return lifecycle.Failed(failure)
		}
	}
	return lifecycle.Failed(err)
}

// decide checks which changes of a plan are permitted, and begins with them.
func (w *work[T, M]) decide(ctx context.Context, plan *Plan[T, M]) lifecycle.Outcome {
	before, readAgain := w.status.Plan.DeepCopy(), !w.m.rereadSince.IsZero()
	w.m.rereadSince = time.Time{} // the new reading counts for this plan alone
	j, err := w.judge(ctx, plan.Changes, fullness{})
	if err != nil {
		return lifecycle.Failed(err)
	}
	if err := w.keepFinalizer(ctx); err != nil {
		return lifecycle.Failed(err)
	}
	if outcome, ok := w.conclusion(plan, &j); ok {
		return outcome
	}
	left := permitted(plan, &j)
	if len(left) == 0 {
		return w.await(plan, &j)
	}
	if w.pass.Paused {
		return w.paused(left)
	}
	if err := w.pass.Session.Client.MayWrite(); err != nil {
		w.report.waitsStill(before)
		return lifecycle.Failed(err)
	}
	if outcome, ok := unseen(&w.m.proof, left); ok {
		return outcome
	}
	left, waits, err := w.takeTurns(ctx, left)
	switch {
	case err != nil:
		return lifecycle.Failed(err)
	case len(left) == 0:
		return waits
	}
	if outcome, ok := w.reread(left, readAgain); ok {
		return outcome
	}
	if j, err = w.admit(ctx, plan.Changes, j); err != nil {
		w.report.waitsStill(before)
		return lifecycle.Failed(err)
	}
	if left = permitted(plan, &j); len(left) == 0 {
		return w.await(plan, &j)
	}
	w.noteDrift(left)
	w.m.carryOut(w.object, plan, left, w.pass.Now)
	return w.carryOut(ctx)
}

// reread ends the pass if a change must be planned again before it is made. The next
// observation is newer than this one, and than the turn that was taken for the change.
func (w *work[T, M]) reread(left []Change[T, M], readAgain bool) (lifecycle.Outcome, bool) {
	if readAgain || !slices.ContainsFunc(left, func(c Change[T, M]) bool { return c.Rereads }) {
		return lifecycle.Outcome{}, false
	}
	w.m.rereadSince = time.Now()
	return lifecycle.Aside(soon), true
}

// await returns the outcome while changes wait for an approval.
func (w *work[T, M]) await(plan *Plan[T, M], j *evaluation) lifecycle.Outcome {
	w.m.proof.settle()
	return w.report.await(plan, j)
}

// unplanned returns the outcome of an observation that ended without a plan.
func (w *work[T, M]) unplanned(ctx context.Context, outcome lifecycle.Outcome) lifecycle.Outcome {
	w.m.phase = idle
	w.report.describe(nil, &evaluation{})
	if w.finalizes() {
		return outcome
	}
	if err := w.keepFinalizer(ctx); err != nil {
		return lifecycle.Failed(err)
	}
	return outcome
}

// conclusion returns the outcome if no change is planned, or none may be made.
func (w *work[T, M]) conclusion(plan *Plan[T, M], j *evaluation) (lifecycle.Outcome, bool) {
	planning, byOrganization := w.planning()
	changes := len(plan.Changes)
	switch {
	case w.deleting && (changes == 0 || planning):
		return released(), true
	case changes == 0 && planning && !byOrganization:
		return lifecycle.Done(v1alpha1.PlannedReason, "Nothing would be changed at JumpCloud."), true
	case changes == 0:
		w.m.proof.proved = plan.Outcome.Reached()
		w.m.proof.settle()
		return plan.Outcome, true
	case byOrganization:
		because, _ := w.pass.Session.PlanOnly()
		return lifecycle.Stalled(v1alpha1.PlanOnlyReason, fmt.Sprintf("%s: nothing is sent. %s would be made, see %s: %s.",
			because, text.Plural(changes, "change"), w.report.whole(), sample(plan.Changes))), true
	case planning:
		return lifecycle.Done(v1alpha1.PlannedReason, fmt.Sprintf("%s would be made%s, see %s: %s. The plan's hash is %s.",
			text.Plural(changes, "change"), w.report.effects(), w.report.whole(), sample(plan.Changes), j.Hash)), true
	default:
		return lifecycle.Outcome{}, false
	}
}

// permitted returns the changes that are not withheld.
func permitted[T Object, M any](plan *Plan[T, M], j *evaluation) []Change[T, M] {
	var left []Change[T, M]
	for i := range plan.Changes {
		if !j.Withheld[i] {
			c := plan.Changes[i]
			c.unasked = !j.Approved[i] && !j.terms[i].Covered
			left = append(left, c)
		}
	}
	return left
}

// paused returns the outcome if only the annotation stops the changes. They are planned again
// once it is gone.
func (w *work[T, M]) paused(left []Change[T, M]) lifecycle.Outcome {
	w.m.drop()
	w.harm.forgo()
	return lifecycle.Paused(fmt.Sprintf("%s: %s.", waiting(len(left)), sample(left)))
}

// keepFinalizer adds the finalizer if the object needs it, and removes it otherwise.
func (w *work[T, M]) keepFinalizer(ctx context.Context) error {
	switch {
	case w.deleting:
		return nil
	case !w.finalizes():
		return w.pass.RemoveFinalizer(ctx)
	default:
		return w.pass.EnsureFinalizer(ctx)
	}
}

// noteDrift reports drift, if the object was observed to be as declared before.
func (w *work[T, M]) noteDrift(left []Change[T, M]) {
	if !w.m.proof.proved || w.deleting {
		return
	}
	w.m.proof.proved = false
	w.Counters.DriftCorrection(w.pass.Session.OrganizationID, w.Kind.Name())
	w.pass.Event(corev1.EventTypeNormal, driftReason,
		fmt.Sprintf("The live state has drifted from the spec. Correcting it: %s.", sample(left)))
}
