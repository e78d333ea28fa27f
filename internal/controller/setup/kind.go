package setup

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// Kind registers a kind that belongs to an Organization: see Living and Run.
type Kind struct {
	// Object is an empty object of the kind.
	Object lifecycle.Member
	// Setup registers its controller.
	Setup func(mgr manager.Manager, o Options) error
	// Reconciler returns the reconciler of its controller, for callers that make passes
	// without a manager.
	Reconciler func(c lifecycle.Cluster, o Options) reconcile.Reconciler
}

// Details is what differs between the registrations of kinds.
type Details[T lifecycle.Object] struct {
	// Orphans is lifecycle.Options.Orphans.
	Orphans func(T) string
	// References is lifecycle.Options.References: a change of one wakes the object. What wakes
	// objects of every kind is in lifecycle/wake.go.
	References []lifecycle.Reference[T]
	// Sources wake objects for any other reason; nil: there is none.
	Sources func(mgr manager.Manager) []source.Source
}

// Living returns the registration of a kind that lives. kind makes the continuous.Kind for a
// cluster.
func Living[T continuous.Object, M any](object T, kind func(c lifecycle.Cluster, o Options) continuous.Kind[T, M], d Details[T]) Kind {
	engine := func(c lifecycle.Cluster, o *Options) *continuous.Engine[T, M] {
		return &continuous.Engine[T, M]{
			Kind: kind(c, *o), RequestTimeout: o.RequestTimeout, Counters: o.Counters, Values: o.Values,
			PlanStore: &planlist.Store{Reader: c.Live, Writer: c.Client},
			Wake:      func(types.NamespacedName) {},
			Turns:     o.Turns,
		}
	}
	return registration(object, engine, continuous.Setup[T, M], d)
}

// Run returns the registration of a kind that runs. kind makes the oneshot.Kind for a cluster.
func Run[T oneshot.Object](object T, kind func(c lifecycle.Cluster) oneshot.Kind[T], d Details[T]) Kind {
	engine := func(c lifecycle.Cluster, o *Options) *oneshot.Engine[T] {
		return &oneshot.Engine[T]{
			Kind:      kind(c),
			Ledger:    &ledger.Store{Reader: c.Live, Writer: c.Client},
			Timing:    oneshot.Timing{RequestTimeout: o.RequestTimeout, Limits: o.Limits},
			Counters:  o.Counters,
			Values:    o.Values,
			Owners:    oneshot.OwnersFrom(c.Client, o.Admission(c)),
			Claimants: o.Claimants,
			Turns:     o.Turns,
			Wake:      func(types.NamespacedName) {},
		}
	}
	return registration(object, engine, oneshot.Setup[T], d)
}

// registration returns the Kind of a kind on an engine; setup registers the engine with a
// manager.
func registration[T lifecycle.Object, E lifecycle.Actuator[T]](
	object lifecycle.Member, engine func(c lifecycle.Cluster, o *Options) E,
	setup func(mgr manager.Manager, engine E, o lifecycle.Options[T]) error, d Details[T],
) Kind {
	return Kind{
		Object: object,
		Setup: func(mgr manager.Manager, o Options) error {
			return setup(mgr, engine(lifecycle.ClusterOf(mgr), &o), d.options(mgr, &o))
		},
		Reconciler: func(c lifecycle.Cluster, o Options) reconcile.Reconciler {
			options := d.base(&o)
			return options.Reconciler(c, engine(c, &o))
		},
	}
}

// Lifecycle returns the options that the controllers of all kinds share.
func Lifecycle[T lifecycle.Object](o *Options) lifecycle.Options[T] {
	return lifecycle.Options[T]{
		Pool:                    o.Pool,
		Window:                  o.Window,
		WatchNamespaces:         o.WatchNamespaces,
		MaxConcurrentReconciles: o.MaxConcurrentReconciles,
		PassTimeout:             3 * o.RequestTimeout,
		Schemas:                 o.Schemas,
		Clock:                   o.Clock,
	}
}

// base returns the options that the reconciler of a kind needs.
func (d *Details[T]) base(o *Options) lifecycle.Options[T] {
	options := Lifecycle[T](o)
	options.Orphans = d.Orphans
	return options
}

// options adds to base what wakes objects.
func (d *Details[T]) options(mgr manager.Manager, o *Options) lifecycle.Options[T] {
	options := d.base(o)
	options.References = d.References
	if d.Sources != nil {
		options.Sources = d.Sources(mgr)
	}
	return options
}
