package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const (
	// defaultPassTimeout is enough for a few calls that are all answered late.
	defaultPassTimeout = 2 * time.Minute
	// saveGrace is how long a write of what was learned may take after the pass's own
	// deadline, or after the manager was told to stop.
	saveGrace = 15 * time.Second
)

// Config is what a Reconciler needs besides its actuator.
type Config struct {
	// Client reads from the cache and writes to the API server.
	Client client.Client
	// Live reads past the cache; nil: Client does.
	Live client.Reader
	// Events records events; a broadcaster's recorder does not block.
	Events events.EventRecorder
	// Pool holds the sessions of Organizations. A kind that is not a Member needs none.
	Pool *session.Pool
	// Window counts what all kinds do together; nil: the Reconciler has its own.
	Window *guard.Window
	// WatchNamespaces are the only namespaces in the cache; empty: all are.
	WatchNamespaces []string
	// PassTimeout bounds the remote work of one pass; 0: 2 minutes. Work that takes longer
	// keeps its position and continues in the next pass.
	PassTimeout time.Duration
	// Clock tells the time; nil: the real time.
	Clock clock.PassiveClock
	// Schemas record which CRDs are too old, for all kinds; nil: only what writes of this kind
	// show is known.
	Schemas *Schemas
}

// Reconciler makes passes over the objects of one kind. It is the only place
// that sets Ready, Reconciling and Stalled, adds and removes the finalizer,
// and writes status. The order of its steps is the same for every kind:
//
//  1. read the object from the cache, unless the cache is behind our own writes;
//  2. deleting without our finalizer, or gone: forget it;
//  3. deleting and abandoned: drop the finalizer, send nothing;
//  4. stop if the CRD is too old to keep what will be written;
//  5. find the session: Organization, admission of the namespace, identity;
//  6. call the actuator;
//  7. turn its outcome into conditions, one write of the status if it differs,
//     an event on a transition, and the time of the next pass.
type Reconciler[T Object] struct {
	Config
	// Orphans is that of Options.
	Orphans func(T) string

	actuator Actuator[T]
	known    known
	retries  backoff
}

// NewReconciler returns a Reconciler that is not registered anywhere yet:
// see Setup.
func NewReconciler[T Object](actuator Actuator[T], config Config) *Reconciler[T] {
	if config.PassTimeout == 0 {
		config.PassTimeout = defaultPassTimeout
	}
	if config.Clock == nil {
		config.Clock = clock.RealClock{}
	}
	if config.Live == nil {
		config.Live = config.Client
	}
	if config.Window == nil {
		config.Window = NewWindow(config.Client, nil, config.Pool, config.Clock)
	}
	if config.Schemas == nil {
		config.Schemas = NewSchemas(nil)
	}
	return &Reconciler[T]{Config: config, actuator: actuator, retries: newBackoff()}
}

// Reconcile makes one pass. It returns an error only for a failure that is not JumpCloud's;
// everything else is in the conditions.
func (r *Reconciler[T]) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	object := newObject[T]()
	if err := r.Client.Get(ctx, request.NamespacedName, object); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(request.NamespacedName)
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, err
	}
	stale, replaced := r.known.saw(object)
	if stale {
		return requeue(staleCacheDelay, priorityActive), nil
	}
	if replaced != "" {
		r.forgetObject(request.NamespacedName, replaced)
	}
	deleting := !object.GetDeletionTimestamp().IsZero()
	if deleting && !controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer) {
		r.forget(request.NamespacedName)
		return reconcile.Result{}, nil
	}

	pass := r.newPass(object)
	remote, cancel := context.WithTimeout(ctx, r.PassTimeout)
	defer cancel()
	if deleting {
		return r.conclude(ctx, pass, r.finalize(remote, pass))
	}
	outcome, answered := r.advance(remote, pass)
	if answered {
		// The request is handled: a pass read again. A pass that is still under way keeps the
		// request, so that the next one reads again, too.
		pass.AcknowledgeRequest()
	}
	return r.conclude(ctx, pass, outcome)
}

func (r *Reconciler[T]) newPass(object T) *Pass[T] {
	annotations := object.GetAnnotations()
	token := truncate(annotations[v1alpha1.ReconcileRequestedAtAnnotation])
	return &Pass[T]{
		Object:    object,
		Requested: token != "" && token != object.Common().LastHandledReconcileAt,
		Paused:    annotations[v1alpha1.PausedAnnotation] == "true",
		Now:       r.Clock.Now(),
		Instant:   r.Window.Instant(),
		shell:     r,
		stored:    copyOf(object),
	}
}

// advance calls the actuator for an object that is not being deleted, and reports whether the
// outcome answers a request for a pass.
func (r *Reconciler[T]) advance(ctx context.Context, pass *Pass[T]) (_ Outcome, answered bool) {
	if err := r.checkSchema(ctx, pass); err != nil {
		return Failed(err), false
	}
	if member, ok := any(pass.Object).(Member); ok {
		connected, refusal := r.connect(ctx, member)
		if connected == nil {
			return refusal, false
		}
		pass.Session = connected
		member.Common().OrganizationID = connected.OrganizationID
		ctx = log.IntoContext(ctx, log.FromContext(ctx).WithValues("organization", connected.OrganizationID))
	}
	outcome := r.actuator.Reconcile(ctx, pass)
	return outcome, outcome.Answers()
}

// finalize calls the actuator for an object that is being deleted, and removes the finalizer
// when nothing is left to do at JumpCloud.
func (r *Reconciler[T]) finalize(ctx context.Context, pass *Pass[T]) Outcome {
	if pass.Object.GetAnnotations()[v1alpha1.AbandonAnnotation] == "true" {
		return r.release(ctx, pass)
	}
	if pass.Paused {
		return Paused("")
	}
	if err := r.checkSchema(ctx, pass); err != nil {
		return Failed(err)
	}
	if member, ok := any(pass.Object).(Member); ok {
		if pass.Session, pass.NoSession = r.connect(ctx, member); pass.Session != nil {
			member.Common().OrganizationID = pass.Session.OrganizationID // a status may have been lost
		}
	}
	outcome := r.actuator.Finalize(ctx, pass)
	switch {
	case outcome.kind == kindDone:
		return r.release(ctx, pass)
	case r.lacksCredentials(ctx, pass, outcome):
		return r.abandon(ctx, pass, outcome)
	default:
		return outcome
	}
}

// release removes the finalizer of an object that is being deleted. Its version is remembered
// until the cache has seen it go: a pass on an older copy would finalize it again.
func (r *Reconciler[T]) release(ctx context.Context, pass *Pass[T]) Outcome {
	if err := r.removeFinalizer(ctx, pass); err != nil {
		return Failed(err)
	}
	r.forgetObject(client.ObjectKeyFromObject(pass.Object), pass.Object.GetUID())
	return Outcome{}
}

// conclude writes what the pass found out and determines when the next one is.
func (r *Reconciler[T]) conclude(ctx context.Context, pass *Pass[T], outcome Outcome) (reconcile.Result, error) {
	if errors.Is(ctx.Err(), context.Canceled) && outcome.kind == kindError {
		// The manager stops: the error is not about the object, and the next leader continues.
		return reconcile.Result{}, nil
	}
	failure := unexpected(outcome)
	outcome = r.classify(ctx, pass, outcome)
	if outcome.kind == kindNone {
		return reconcile.Result{}, nil
	}
	if outcome.kind == kindAside {
		return requeue(outcome.after, priorityActive), nil
	}
	err := r.write(ctx, pass, outcome, ifChanged)
	if found := outdated(err); found != nil {
		outcome = schemaOutdated(found)
		err = r.write(ctx, pass, outcome, ifChanged)
	}
	if err != nil {
		switch {
		case apierrors.IsConflict(err):
			return requeue(staleCacheDelay, priorityActive), nil
		case apierrors.IsNotFound(err):
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, err
	}
	log.FromContext(ctx).V(1).Info("Pass ended", "reason", outcome.reason, "message", outcome.message)
	if failure != nil {
		return reconcile.Result{}, failure
	}
	if pass.roomIn > 0 {
		outcome = outcome.Within(pass.roomIn)
	}
	return r.schedule(pass, outcome), nil
}

func (r *Reconciler[T]) forget(key types.NamespacedName) {
	if uid := r.known.forget(key); uid != "" {
		r.forgetObject(key, uid)
	}
}

func (r *Reconciler[T]) forgetObject(key types.NamespacedName, uid types.UID) {
	r.retries.reset(key)
	if forgetter, ok := r.actuator.(Forgetter); ok {
		forgetter.Forget(key, uid)
	}
}

func (c *Config) admission() *Admission {
	return &Admission{Client: c.Client, WatchNamespaces: c.WatchNamespaces}
}

// watches reports whether objects of the namespace are in the cache.
func (c *Config) watches(namespace string) bool { return c.admission().watches(namespace) }

func newObject[T Object]() T {
	return as[T](reflect.New(reflect.TypeFor[T]().Elem()).Interface())
}

func copyOf[T Object](object T) T { return as[T](object.DeepCopyObject()) }

// as converts a value that can be of no other type, and panics otherwise.
func as[T any](value any) T {
	object, ok := value.(T)
	if !ok {
		panic(fmt.Sprintf("%T where %s was expected", value, reflect.TypeFor[T]()))
	}
	return object
}

func isReady(status *v1alpha1.CommonStatus) bool {
	return apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.ReadyCondition)
}
