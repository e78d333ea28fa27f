package lifecycle

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Queue passes take, before the first pass, a function that schedules a pass over an object
// soon. The function does not block.
func Queue(take func(add func(object types.NamespacedName))) source.Source {
	// A controller starts its sources before its workers.
	return source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		take(func(object types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: object}) })
		return nil
	})
}
