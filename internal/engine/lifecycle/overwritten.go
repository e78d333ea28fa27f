package lifecycle

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// overwrittenDelay bounds how often two operators that watch the same objects
// overwrite each other.
const overwrittenDelay = time.Second

// overwritten lets through updates in which somebody else wrote what only the operator writes:
// a person who edits a status, or an operator that was frozen beyond its lease and continues
// for a moment. Without it, that would stay until the resync. Another spec wakes the object by
// itself.
func (k *known) overwritten() predicate.Predicate {
	return updates(func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetGeneration() == e.ObjectNew.GetGeneration() && k.foreign(e.ObjectNew) && recordChanged(e.ObjectOld, e.ObjectNew)
	})
}

// recordChanged reports whether more than labels and annotations of an object changed.
func recordChanged(before, after client.Object) bool {
	after = as[client.Object](after.DeepCopyObject())
	after.SetResourceVersion(before.GetResourceVersion())
	after.SetManagedFields(before.GetManagedFields())
	after.SetLabels(before.GetLabels())
	after.SetAnnotations(before.GetAnnotations())
	return !equality.Semantic.DeepEqual(before, after)
}

// delayed wakes the changed object after overwrittenDelay.
func delayed() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			queue.AddAfter(requestOf(e.ObjectNew), overwrittenDelay)
		},
	}
}
