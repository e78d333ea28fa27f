package living

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/planbook"
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
	return lifecycle.Setup(mgr, &Engine[T, M]{
		Kind: kind, RequestTimeout: o.RequestTimeout, Counters: o.Counters,
		PlanStore: &planbook.Store{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient()},
	}, o.Options)
}
