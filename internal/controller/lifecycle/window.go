package lifecycle

import (
	"context"
	"errors"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/guard"
)

// Reserve takes room in the guard's window of the organization for changes that
// no approval covers, before the first of them is sent. It reports for harm and
// for created users whether the window has no room; then nothing is taken, and
// those changes wait for an approval. Nothing is asked where both are 0. After
// an error nothing may be sent.
func (p *Pass[T]) Reserve(ctx context.Context, harmful, created int) (harmFull, createdFull bool, err error) {
	return p.shell.reserve(ctx, p, harmful, created)
}

// Release gives back what was reserved for changes that were provably not made:
// NotSent or Refused. It outlives the deadline of ctx by a grace period. Where it
// fails, too much is counted for the length of the window, and nothing else.
func (p *Pass[T]) Release(ctx context.Context, harmful, created int) error {
	return p.shell.giveBack(ctx, p, harmful, created)
}

func (r *Reconciler[T]) reserve(ctx context.Context, pass *Pass[T], harmful, created int) (harmFull, createdFull bool, err error) {
	if harmful <= 0 && created <= 0 {
		return false, false, nil
	}
	harmFull, createdFull, err = r.Window.Reserve(ctx, pass.Session, harmful, created)
	if errors.Is(err, guard.ErrSchemaOutdated) {
		err = Stop(Stalled(v1alpha1.SchemaOutdatedReason, "Nothing is sent: "+err.Error()+". Apply the CRDs of this release of the operator."))
	}
	return harmFull, createdFull, err
}

func (r *Reconciler[T]) giveBack(ctx context.Context, pass *Pass[T], harmful, created int) error {
	if harmful <= 0 && created <= 0 {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	return r.Window.Release(ctx, pass.Session, harmful, created)
}
