package lifecycle

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The priority of the next pass is always set: an object that kept the priority of the initial
// list would always poll its open job behind all other objects' resyncs.
const (
	priorityActive = 0
	priorityResync = handler.LowPriority
)

const (
	// jitter spreads passes that would otherwise coincide; it only makes waits longer.
	jitter = 0.2
	// defaultResync is used if the Organization does not set an interval.
	defaultResync = 10 * time.Minute
	firstRetry    = time.Second
	maxRetry      = 5 * time.Minute
)

// schedule determines when the next pass is.
func (r *Reconciler[T]) schedule(pass *Pass[T], o Outcome) reconcile.Result {
	key := client.ObjectKeyFromObject(pass.Object)
	switch o.kind {
	case kindProgressing:
		return requeue(o.after, priorityActive)
	case kindRetrying:
		if o.after == 0 {
			o.after = r.retries.next(key)
		}
		return requeue(o.after, priorityActive)
	default:
		r.retries.reset(key)
		if resync := resyncInterval(pass); o.within == 0 || o.within > resync {
			return requeue(resync, priorityResync)
		}
		// A pass for a known time must not be late.
		return reconcile.Result{RequeueAfter: o.within, Priority: new(priorityActive)}
	}
}

// requeue never returns a Result without a next pass.
func requeue(after time.Duration, priority int) reconcile.Result {
	after = wait.Jitter(max(after, time.Millisecond), jitter)
	return reconcile.Result{RequeueAfter: after, Priority: &priority}
}

func resyncInterval[T Object](pass *Pass[T]) time.Duration {
	var interval time.Duration
	if organization, ok := any(pass.Object).(*v1alpha1.Organization); ok {
		interval = organization.Spec.ResyncInterval.Duration
	} else if pass.Session != nil {
		interval = pass.Session.Spec.ResyncInterval.Duration
	}
	if interval <= 0 {
		return defaultResync
	}
	return interval
}

// backoff spaces the passes over an object whose passes fail one after another.
type backoff struct {
	limiter workqueue.TypedRateLimiter[types.NamespacedName]
}

func newBackoff() backoff {
	return backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](firstRetry, maxRetry)}
}

func (b backoff) next(key types.NamespacedName) time.Duration { return b.limiter.When(key) }

func (b backoff) reset(key types.NamespacedName) { b.limiter.Forget(key) }
