package lifecycle

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// recordInterval is the time between attempts of a write that fails.
const recordInterval = 100 * time.Millisecond

// Record is Save for what must not be lost, such as the answer to a call that is never
// repeated. It retries a failed write until the grace period is over. If another client wrote
// the object meanwhile, such as a person who edited its spec, Record reads it again and writes
// the status all the same, as long as ours reports that the stored object still expects it;
// otherwise Record fails with the conflict.
func (p *Pass[T]) Record(ctx context.Context, outcome Outcome, ours func(stored T) bool) error {
	return p.shell.record(ctx, p, outcome, ours)
}

func (r *Reconciler[T]) record(ctx context.Context, pass *Pass[T], outcome Outcome, ours func(stored T) bool) error {
	outcome = r.classify(ctx, pass, outcome)
	ctx, cancel := detached(ctx)
	defer cancel()
	var failure error
	err := wait.PollUntilContextCancel(ctx, recordInterval, true, func(ctx context.Context) (bool, error) {
		if apierrors.IsConflict(failure) {
			current, err := r.rebase(ctx, pass, ours, failure)
			if err != nil || !current {
				return false, err
			}
		}
		failure = r.write(ctx, pass, outcome, ifChanged)
		if apierrors.IsNotFound(failure) || apierrors.IsInvalid(failure) || isOutdated(failure) {
			return false, failure
		}
		return failure == nil, nil
	})
	if wait.Interrupted(err) {
		return failure
	}
	return err
}

// rebase makes the pass write over the version in the cache. It fails with the conflict if the
// stored object does not expect the write, and returns false while the cache is behind our own
// last write.
func (r *Reconciler[T]) rebase(ctx context.Context, pass *Pass[T], ours func(stored T) bool, conflict error) (current bool, _ error) {
	stored := newObject[T]()
	if err := r.Client.Get(ctx, client.ObjectKeyFromObject(pass.Object), stored); err != nil {
		return false, err
	}
	if stale, _ := r.known.saw(stored); stale {
		return false, nil
	}
	if stored.GetUID() != pass.Object.GetUID() || !ours(stored) {
		return false, conflict
	}
	pass.Object.SetResourceVersion(stored.GetResourceVersion())
	pass.Object.SetFinalizers(stored.GetFinalizers())
	return true, nil
}
