package preview

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const (
	// atOnce is the number of concurrent passes.
	atOnce = 8
	// mostTries is the maximum number of passes of an object with transient failures.
	mostTries = 5
)

// errRejected ends a preview whose session is gone.
var errRejected = errors.New("JumpCloud does not accept the API key any more")

// planner makes passes until each object has its answer.
type planner struct {
	cluster      client.Client
	pool         *session.Pool
	organization client.ObjectKey

	mu         sync.Mutex
	unanswered map[name]bool
}

// name identifies an object.
type name struct {
	kind string
	client.ObjectKey
}

func nameOf(object client.Object) name {
	return name{fmt.Sprintf("%T", object), client.ObjectKeyFromObject(object)}
}

// open is an object without an answer.
type open struct {
	key client.ObjectKey
	// due is when the next pass is due, and tries is the number of failed passes.
	due   time.Time
	tries int
	done  bool
}

// plan makes passes over the objects of one kind until each has its answer. It plans objects
// that are due at the same time concurrently, so that they share readings.
func (p *planner) plan(ctx context.Context, kind controller.Reconciler, members []lifecycle.Member) error {
	var left []*open
	for _, member := range members {
		if nameOf(member).kind == nameOf(kind.Object).kind {
			left = append(left, &open{key: client.ObjectKeyFromObject(member)})
		}
	}
	for len(left) > 0 {
		if _, connected := p.pool.Get(p.organization); !connected {
			return errRejected
		}
		group, passes := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		next := slices.MinFunc(left, func(a, b *open) int { return a.due.Compare(b.due) }).due
		if err := await(ctx, next); err != nil {
			return err
		}
		for _, object := range left {
			if !object.due.After(next) || !object.due.After(time.Now()) {
				group.Go(func() error { return p.pass(passes, kind, object) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
		left = slices.DeleteFunc(left, func(object *open) bool { return object.done })
	}
	return nil
}

// pass makes one pass over an object.
func (p *planner) pass(ctx context.Context, kind controller.Reconciler, object *open) error {
	result, err := kind.Reconcile(ctx, reconcile.Request{NamespacedName: object.key})
	if err != nil {
		return fmt.Errorf("plan %s: %w", object.key, err)
	}
	object.due = time.Now().Add(result.RequeueAfter)
	stored, ok := kind.Object.DeepCopyObject().(lifecycle.Member)
	if !ok {
		return fmt.Errorf("%T belongs to no Organization", kind.Object)
	}
	if err := p.cluster.Get(ctx, object.key, stored); err != nil {
		return err
	}
	switch answer := answerOf(stored.Common().Conditions); {
	case answer == failing && object.tries+1 < mostTries:
		object.tries++
	case answer == failing:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.unanswered[nameOf(stored)] = true
		object.done = true
	case answer == given:
		object.done = true
	}
	return nil
}

// answer is what the conditions of an object say about its plan.
type answer int

const (
	underWay answer = iota // more passes will follow
	given                  // there is a plan, or a reason why there is none
	failing                // the last pass failed transiently
)

func answerOf(conditions []metav1.Condition) answer {
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	reconciling := apimeta.FindStatusCondition(conditions, v1alpha1.ReconcilingCondition)
	switch {
	case ready == nil:
		return underWay
	case reconciling == nil:
		return given
	case ready.Status != metav1.ConditionFalse, ready.Reason == v1alpha1.RateLimitedReason:
		return underWay
	case ready.Reason == v1alpha1.RemoteUnavailableReason, ready.Reason == v1alpha1.ProgressingWithRetryReason, ready.Reason == v1alpha1.OrganizationNotReadyReason:
		return failing
	default:
		return given // it waits for something that does not exist
	}
}

// await waits until the given time.
func await(ctx context.Context, until time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(until)):
		return nil
	}
}
