package lifecycle

import (
	"time"

	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// RecorderName is the reporting controller of events.
const RecorderName = "jumpcloud-operator"

// Options are the parameters with which Setup registers the controller of a kind.
type Options[T Object] struct {
	// Pool holds the sessions of Organizations. A Member wakes when its Organization's session
	// appears, changes or goes.
	Pool *session.Pool
	// WatchNamespaces are the only namespaces in the manager's cache; empty: all are.
	WatchNamespaces []string
	// MaxConcurrentReconciles is the number of workers; 0: 1.
	MaxConcurrentReconciles int
	// PassTimeout bounds the remote work of one pass; 0: 2 minutes.
	PassTimeout time.Duration
	// References are the kinds of objects that T names: a change of such an object wakes those
	// that name it.
	References []Reference[T]
	// Sources wake objects for any other reason.
	Sources []source.Source
	// Orphans says what an object that goes without its Organization leaves at JumpCloud, as
	// far as spec and status show; nil: its spec and status name it.
	Orphans func(T) string
	// Window counts what all kinds do together; nil: the kind has its own, and simultaneous
	// writes by others cost a retry.
	Window *guard.Window
	// Clock tells the time; nil: the real time.
	Clock clock.PassiveClock
	// Schemas record which CRDs are too old, for all kinds; nil: only what writes of this kind
	// show is known.
	Schemas *Schemas
}

// Cluster is what a Reconciler reads and writes, besides JumpCloud.
type Cluster struct {
	// Client reads from the cache and writes to the API server.
	Client client.Client
	// Live reads past the cache.
	Live client.Reader
	// Events records events; a broadcaster's recorder does not block.
	Events events.EventRecorder
}

// ClusterOf returns the Cluster of a manager.
func ClusterOf(mgr manager.Manager) Cluster {
	return Cluster{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Events: mgr.GetEventRecorder(RecorderName)}
}

// Reconciler returns the Reconciler that Setup registers, for passes over objects of a
// cluster. Nothing wakes it.
func (o *Options[T]) Reconciler(c Cluster, actuator Actuator[T]) *Reconciler[T] {
	window := o.Window
	if window == nil {
		window = NewWindow(c.Client, c.Live, o.Pool, o.Clock)
	}
	reconciler := NewReconciler(actuator, Config{
		Client: c.Client, Live: c.Live, Events: c.Events, Pool: o.Pool, Window: window,
		WatchNamespaces: o.WatchNamespaces, PassTimeout: o.PassTimeout, Clock: o.Clock, Schemas: o.Schemas,
	})
	reconciler.Orphans = o.Orphans
	return reconciler
}

// Reference is a kind of objects that T names in its spec, in T's own namespace. Only their
// metadata is watched and cached, unless Whole is set.
type Reference[T Object] struct {
	// Object is of the kind, such as &corev1.Secret{}.
	Object client.Object
	// Names returns the names that the spec of T holds.
	Names func(T) []string
	// Whole is set for objects that the actuator reads from the cache: T wakes when the cache
	// has the change.
	Whole bool
}

// Setup registers the controller of a kind with the manager; wakes registers what wakes its
// objects. Package withheld registers the index ConcernedField of Members.
func Setup[T Object](mgr manager.Manager, actuator Actuator[T], o Options[T]) error {
	object := newObject[T]()
	reconciler := o.Reconciler(ClusterOf(mgr), actuator)
	b := builder.ControllerManagedBy(mgr).
		For(object, builder.WithPredicates(relevant())).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: o.MaxConcurrentReconciles,
			ReconciliationTimeout:   reconciler.PassTimeout + 2*saveGrace,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry/10, maxRetry),
		})
	if err := wakes(mgr, b, reconciler, actuator, &o); err != nil {
		return err
	}
	return b.Complete(reconciler)
}
