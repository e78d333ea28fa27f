package setup

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// Kind is how a kind that belongs to an Organization is registered.
type Kind struct {
	// Object is an empty object of the kind.
	Object lifecycle.Member
	// Setup registers its controller.
	Setup func(mgr manager.Manager, o Options) error
}

// Lifecycle returns what the controller of every kind is registered with.
func Lifecycle[T lifecycle.Object](o Options) lifecycle.Options[T] {
	return lifecycle.Options[T]{
		Pool:                    o.Pool,
		Window:                  o.Window,
		WatchNamespaces:         o.WatchNamespaces,
		MaxConcurrentReconciles: o.MaxConcurrentReconciles,
		PassTimeout:             3 * o.RequestTimeout,
		Schemas:                 o.Schemas,
	}
}

// Living returns what the controller of a kind that lives is registered with.
func Living[T continuous.Object](o Options) continuous.Options[T] {
	return continuous.Options[T]{Options: Lifecycle[T](o), RequestTimeout: o.RequestTimeout, Counters: o.Counters}
}

// Run returns the engine of a kind that runs.
func Run[T oneshot.Object](mgr manager.Manager, o Options, kind oneshot.Kind[T]) *oneshot.Engine[T] {
	return &oneshot.Engine[T]{
		Kind:   kind,
		Ledger: &ledger.Store{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient()},
		Timing: oneshot.Timing{
			RequestTimeout: o.RequestTimeout, SettleWindow: o.SettleWindow,
			JobStallTimeout: o.JobStallTimeout, JobTimeout: o.JobTimeout,
		},
		Counters:  o.Counters,
		Owners:    oneshot.OwnersFrom(mgr.GetClient()),
		Claimants: o.Claimants,
	}
}
