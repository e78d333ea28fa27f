package withheld

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// staleCacheDelay is about how long a write takes to reach the cache.
const staleCacheDelay = 100 * time.Millisecond

// Reconciler keeps status.withheld and status.released of Organizations, and writes nothing
// else.
type Reconciler struct {
	// Client reads from the cache and writes to the API server.
	Client client.Client
	// Events records events; a broadcaster's recorder does not block.
	Events events.EventRecorder
	// Kinds are the kinds that have plans, by an empty object of each.
	Kinds []lifecycle.Member
	// Schemas records that the CRD of Organizations is too old.
	Schemas *lifecycle.Schemas

	told sync.Map // by Organization UID: the spec.approvedPlan that was reported to have no effect
}

// Reconcile updates one Organization.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	organization := &v1alpha1.Organization{}
	if err := r.Client.Get(ctx, request.NamespacedName, organization); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	objects, err := r.objects(ctx, request.NamespacedName)
	if err != nil {
		return reconcile.Result{}, err
	}
	var approvals Approvals
	if organization.Spec.Approvals != v1alpha1.ApprovalsFromObjects {
		approvals.Spec = organization.Spec.ApprovedPlan
	}
	if approvals.Objects, err = lifecycle.PlanApprovals(ctx, r.Client, lifecycle.OrganizationKind, organization); err != nil {
		return reconcile.Result{}, err
	}
	before := organization.Status.DeepCopy()
	status := &organization.Status
	status.Withheld, status.Released = Decide(organization.UID, objects, approvals, before.Released)
	if !equality.Semantic.DeepEqual(before, status) {
		// The precondition is the version that was read, so that no write of others is lost.
		err = r.Schemas.Note(lifecycle.UpdateStatus(ctx, r.Client, organization))
	}
	switch {
	case apierrors.IsConflict(err):
		return reconcile.Result{RequeueAfter: staleCacheDelay}, nil
	case err != nil:
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.tell(organization)
	return reconcile.Result{}, nil
}

// objects returns the objects of an Organization whose plans may wait or be carried out by an
// approval.
func (r *Reconciler) objects(ctx context.Context, organization types.NamespacedName) ([]Waiting, error) {
	var found []Waiting
	for _, kind := range r.Kinds {
		gvk, err := r.Client.GroupVersionKindFor(kind)
		if err != nil {
			return nil, err
		}
		list, err := r.Client.Scheme().New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
		if err != nil {
			return nil, err
		}
		objects, ok := list.(client.ObjectList)
		if !ok {
			return nil, fmt.Errorf("%T is no list of objects", list)
		}
		err = r.Client.List(ctx, objects, client.MatchingFields{lifecycle.ConcernedField: organization.String()}, client.UnsafeDisableDeepCopy)
		if err == nil {
			err = apimeta.EachListItem(objects, func(item runtime.Object) error {
				if object, ok := item.(client.Object); ok {
					found = append(found, Waiting{
						gvk.Kind, object.GetNamespace(), object.GetName(), object.GetUID(), approval.PlanOf(object),
					})
				}
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// tell reports once that spec.approvedPlan approves nothing.
func (r *Reconciler) tell(organization *v1alpha1.Organization) {
	status, approved := &organization.Status, organization.Spec.ApprovedPlan
	text := ""
	switch {
	case approved == "":
	case organization.Spec.Approvals == v1alpha1.ApprovalsFromObjects:
		text = "spec.approvedPlan is ignored because spec.approvals is Objects: create a PlanApproval."
	case status.Released != nil && status.Released.Hash == approved:
		if status.Withheld != nil && status.Withheld.Hash == approved {
			text = "The plan in spec.approvedPlan waits again, and an approval counts once: remove it, and set it again if you mean all of it."
		}
	case status.Withheld == nil:
		text = "spec.approvedPlan names " + approved + ", and nothing waits for an approval of the Organization."
	case status.Withheld.Hash == approved:
		text = "spec.approvedPlan waits: the earlier approved plan " + status.Released.Hash + " is still being carried out. " +
			"To withdraw that, delete the PlanApproval that names it."
	default:
		text = "spec.approvedPlan names " + approved + ", and what waits is " + status.Withheld.Hash +
			" now. Review status.withheld, and approve it again if you mean all of it."
	}
	if text == "" {
		r.told.Delete(organization.UID)
		return
	}
	if last, ok := r.told.Swap(organization.UID, approved); !ok || last != approved {
		r.Events.Eventf(organization, nil, corev1.EventTypeWarning, v1alpha1.PlanChangedReason, "Reconcile", "%s", text)
	}
}
