package continuous

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
)

// Options are how Setup registers the controller of a kind that lives.
type Options[T Object] struct {
	lifecycle.Options[T]
	// RequestTimeout of one call, from the status write that precedes it on.
	RequestTimeout time.Duration
	// Counters count for the metrics.
	Counters Counters
}

// Setup registers the controller of a kind with the manager.
func Setup[T Object, M any](mgr manager.Manager, kind Kind[T, M], o Options[T]) error {
	engine := &Engine[T, M]{
		Kind: kind, RequestTimeout: o.RequestTimeout, Counters: o.Counters,
		PlanStore: &planlist.Store{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient()},
	}
	// A controller starts its sources before its workers.
	o.Sources = append(o.Sources, source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		engine.Wake = func(object types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: object}) }
		return nil
	}))
	return lifecycle.Setup(mgr, engine, o.Options)
}
