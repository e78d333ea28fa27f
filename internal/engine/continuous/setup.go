package continuous

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// Setup registers the controller of a kind with the manager. The engine wakes objects
// by the controller's queue.
func Setup[T Object, M any](mgr manager.Manager, engine *Engine[T, M], o lifecycle.Options[T]) error {
	// A controller starts its sources before its workers.
	o.Sources = append(o.Sources, source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		engine.Wake = func(object types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: object}) }
		return nil
	}))
	return lifecycle.Setup(mgr, engine, o)
}
