package continuous

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// leavingDelay is the time between passes that wait for ConfigMaps of a deleted object to go.
const leavingDelay = 10 * time.Second

// publish writes a plan that is too long for the status into ConfigMaps, and deletes them once
// there is no such plan. The status first says what they will hold.
func (r *report[T, M]) publish(ctx context.Context, outcome lifecycle.Outcome) lifecycle.Outcome {
	if r.PlanStore == nil || r.pass.Paused || !outcome.Told() {
		return outcome
	}
	long := r.status.Plan != nil && int(r.status.Plan.Total) > maxListed
	if long && r.long == nil || !long && len(r.status.PlanConfigMaps) == 0 {
		return outcome
	}
	book, err := r.PlanStore.Prepare(ctx, r.owner(), r.long)
	if err != nil {
		return r.unpublished(outcome, err)
	}
	if long {
		r.status.PlanConfigMaps = book.References
	}
	if !book.Settled() {
		if err := r.pass.Save(ctx, outcome); err != nil {
			return lifecycle.Failed(err)
		}
		if err := r.PlanStore.Write(ctx, book); err != nil {
			return r.unpublished(outcome, err)
		}
	}
	if !long {
		r.status.PlanConfigMaps = nil
	}
	return outcome
}

// unpublished returns the outcome if a plan could not be written.
func (r *report[T, M]) unpublished(outcome lifecycle.Outcome, err error) lifecycle.Outcome {
	conflict, ok := errors.AsType[*ledger.NameConflictError](err)
	switch {
	case ok && conflict.Leaving:
		return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf(
			"ConfigMap %q, needed for the plan, belongs to a deleted object. Waiting until it is gone.", conflict.Name), leavingDelay)
	case ok:
		return lifecycle.Stalled(v1alpha1.NameConflictReason, fmt.Sprintf(
			"ConfigMap %q, needed for the plan of %s, is not this object's. It was not touched: delete it, or recreate this object with another name. "+
				"The first %d changes are in status.plan, whose hash is %s.",
			conflict.Name, text.Plural(int(r.status.Plan.Total), "change"), maxListed, r.status.Plan.Hash))
	case errors.Is(err, planlist.ErrTooLarge), apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return outcome
	default:
		return lifecycle.Failed(err)
	}
}

// owner returns the object as the owner of its ConfigMaps. It may go before they do.
func (r *report[T, M]) owner() planlist.Owner {
	reference := metav1.NewControllerRef(r.pass.Object, v1alpha1.GroupVersion.WithKind(r.Kind.Name()))
	reference.BlockOwnerDeletion = nil
	return planlist.Owner{Namespace: r.pass.Object.GetNamespace(), Reference: *reference}
}

// whole says where the whole plan can be seen.
func (r *report[T, M]) whole() string {
	if r.PlanStore == nil || r.long == nil {
		return "status.plan"
	}
	owner := r.owner()
	return "ConfigMap " + owner.Name(0) + " and status.plan"
}

// listing returns all changes of a plan in the form that is published.
func listing[T Object, M any](changes []Change[T, M], v *approval.Evaluation) []planlist.Change {
	all := make([]planlist.Change, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		published := planlist.Change{Action: c.Action, Subject: c.Subject, Harmful: c.Harm > 0, Withheld: v.Withheld[i]}
		for _, field := range c.Fields {
			published.Fields = append(published.Fields, field.Name)
		}
		all = append(all, published)
	}
	return all
}
