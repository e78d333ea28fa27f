package withheld

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// gather is how long changes of plans are gathered: if a thousand objects come to wait, the
// Organization is written every so often, not a thousand times.
const gather = 500 * time.Millisecond

// toldChanged passes changes of what this controller writes, its own writes included. A
// decision on a stale copy of the Organization may equal what that copy says, and is then not
// written. When the cache has the newer copy, the controller decides again.
func toldChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false }, DeleteFunc: func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*v1alpha1.Organization)
			after, also := e.ObjectNew.(*v1alpha1.Organization)
			return ok && also && (!equality.Semantic.DeepEqual(before.Status.Withheld, after.Status.Withheld) ||
				!equality.Semantic.DeepEqual(before.Status.Released, after.Status.Released))
		},
	}
}

// Setup registers the controller with the manager.
func Setup(mgr manager.Manager, r *Reconciler) error {
	b := builder.ControllerManagedBy(mgr).Named("withheld").
		For(&v1alpha1.Organization{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, toldChanged()))).
		Watches(&v1alpha1.PlanApproval{}, named(), builder.WithPredicates(countsOrNot()))
	for _, kind := range r.Kinds {
		ctx := context.Background() //nolint:forbidigo // an index is registered before there is anything to wait for
		if err := mgr.GetFieldIndexer().IndexField(ctx, kind, lifecycle.ConcernedField, lifecycle.Concerned); err != nil {
			return err
		}
		b.Watches(kind, later(), builder.WithPredicates(planChanged()))
	}
	return b.Complete(r)
}

// named wakes the Organization that a PlanApproval names.
func named() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, changed client.Object) []reconcile.Request {
		p, ok := changed.(*v1alpha1.PlanApproval)
		if !ok || p.Spec.ObjectRef.Kind != lifecycle.OrganizationKind {
			return nil
		}
		return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: p.Namespace, Name: p.Spec.ObjectRef.Name}}}
	})
}

// countsOrNot passes the creation, the deletion and the use of a PlanApproval.
func countsOrNot() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.PlanApproval)
		after, also := e.ObjectNew.(*v1alpha1.PlanApproval)
		return ok && also && (before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() ||
			approval.Used(before) != approval.Used(after) ||
			!equality.Semantic.DeepEqual(before.OwnerReferences, after.OwnerReferences))
	}}
}

// later wakes the Organization of an object after gather.
func later() handler.EventHandler {
	wake := func(object client.Object, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		if member, ok := object.(lifecycle.Member); ok {
			queue.AddAfter(reconcile.Request{NamespacedName: lifecycle.KeyOfOrganization(member)}, gather)
		}
	}
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { wake(e.Object, q) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) { wake(e.ObjectNew, q) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) { wake(e.Object, q) },
	}
}

// planChanged passes changes of an object's plan that matter here.
func planChanged() predicate.Predicate {
	concerned := func(object client.Object) bool {
		plan := approval.PlanOf(object)
		return plan.Concerned()
	}
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return concerned(e.Object) },
		DeleteFunc: func(e event.DeleteEvent) bool { return concerned(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return (concerned(e.ObjectOld) || concerned(e.ObjectNew)) && approval.PlanOf(e.ObjectOld) != approval.PlanOf(e.ObjectNew)
		},
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}
