package lifecycle

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// recordInterval is how often a write is tried again whose precondition failed.
const recordInterval = 100 * time.Millisecond

// Record is Save for what must not be lost, such as the answer to a call that
// is never repeated. Where somebody else wrote the object meanwhile, a person
// who edits its spec for instance, it is read anew and the status is written
// all the same, as long as ours says that the stored object still expects it.
// If it does not, or the grace period is over, Record fails with the conflict.
func (p *Pass[T]) Record(ctx context.Context, outcome Outcome, ours func(stored T) bool) error {
	return p.shell.saveFenced(ctx, p, outcome, ours)
}

func (r *Reconciler[T]) saveFenced(ctx context.Context, pass *Pass[T], outcome Outcome, ours func(stored T) bool) error {
	conflict := r.save(ctx, pass, outcome)
	if !apierrors.IsConflict(conflict) {
		return conflict
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	err := wait.PollUntilContextCancel(ctx, recordInterval, true, func(ctx context.Context) (bool, error) {
		stored := newObject[T]()
		if err := r.Client.Get(ctx, client.ObjectKeyFromObject(pass.Object), stored); err != nil {
			return false, err
		}
		if stale, _ := r.known.saw(stored); stale {
			return false, nil // the cache has not even seen our own last write yet
		}
		if stored.GetUID() != pass.Object.GetUID() || !ours(stored) {
			return false, conflict
		}
		pass.Object.SetResourceVersion(stored.GetResourceVersion())
		pass.Object.SetFinalizers(stored.GetFinalizers())
		err := r.save(ctx, pass, outcome)
		if apierrors.IsConflict(err) {
			return false, nil
		}
		return err == nil, err
	})
	if wait.Interrupted(err) {
		return conflict
	}
	return err
}
