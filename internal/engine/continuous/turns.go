package continuous

import (
	"context"
	"fmt"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

func (w *work[T, M]) holder() turns.Holder {
	return turns.HolderOf(w.Kind.Name(), w.object)
}

// takeTurns takes the turns of the changes that reread, and returns the changes without those
// whose turn another object has. If none is left, it returns the outcome meanwhile: the object
// is woken when that turn ends.
func (w *work[T, M]) takeTurns(ctx context.Context, left []Change[T, M]) (free []Change[T, M], outcome lifecycle.Outcome, err error) {
	if !slices.ContainsFunc(left, func(c Change[T, M]) bool { return c.Rereads }) {
		return left, lifecycle.Outcome{}, nil
	}
	all, err := w.Turns.Of(ctx, w.pass.Session.OrganizationID)
	if err != nil {
		return nil, lifecycle.Outcome{}, err
	}
	holder, engine := w.holder(), w.Engine
	wake := func() { engine.Wake(holder.NamespacedName) }
	for i := range left {
		c := &left[i]
		if !c.Rereads {
			free = append(free, *c)
			continue
		}
		if _, taken := all.Take(holder, c.UserID); taken {
			free = append(free, *c)
		} else if other, waits := all.Wait(holder, c.UserID, wake); waits {
			outcome = w.waitForTurn(c, other)
		} else {
			return nil, lifecycle.Aside(soon), nil // it has just ended
		}
	}
	return free, outcome, nil
}

// waitForTurn returns the outcome while another object changes lists of the user of a change.
func (w *work[T, M]) waitForTurn(c *Change[T, M], other turns.Holder) lifecycle.Outcome {
	return lifecycle.Progressing(v1alpha1.ProgressingReason, fmt.Sprintf(
		"A job of %s is changing attributes, addresses or phone numbers of the same user. Until its outcome is known, this waits: %s.",
		other.For(w.object.GetNamespace(), w.pass.Session.Organization.Namespace), c), handOverCheck)
}

// keepTurns ends the object's turns, unless a change that needs one is about to be made, or
// was made and is not seen yet.
func (w *work[T, M]) keepTurns() {
	if w.m.handed != nil || w.m.phase == carryingOut || !w.m.rereadSince.IsZero() || len(w.m.proof.made) > 0 {
		return
	}
	w.Turns.Keep(w.holder(), w.object.GetResourceVersion(), nil)
}
