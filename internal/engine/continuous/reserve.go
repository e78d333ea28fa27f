package continuous

import (
	"context"
	"errors"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// errFull is the error if the guard's window still lacks room after the plan was judged
// without what needs that room.
var errFull = errors.New("the guard's window withholds what is not harmful")

// admit reserves room in the guard's window for the permitted harm that no approval covers.
// There must be room for users to be created, too; their job takes it. If there is no room,
// the plan is judged again without what lacks it.
func (w *work[T, M]) admit(ctx context.Context, changes []Change[T, M], j evaluation) (evaluation, error) {
	var full fullness
	for {
		carried, fresh := j.toll()
		short, err := w.reserve(ctx, carried, fresh, j.Created)
		if err != nil {
			return j, err
		}
		if !short.Any() {
			w.harm.announce(carried, fresh)
			return j, nil
		}
		if full.harm && short.Harmful || full.created && short.Created {
			return j, errFull
		}
		full = fullness{full.harm || short.Harmful, full.created || short.Created}
		if j, err = w.judge(ctx, changes, full); err != nil {
			return j, err
		}
	}
}

// reserve reserves room for harm, unless there is none for the users to be created. What was
// counted long ago is first moved to the present hour.
func (w *work[T, M]) reserve(ctx context.Context, carried, fresh harms, created int) (guard.Shortage, error) {
	short, err := w.pass.ShortToCreate(ctx, created)
	if err != nil || short.Any() {
		return short, err
	}
	if w.harm.stale() {
		if short, err = w.pass.Renew(ctx, carried.sum(), 0); err != nil || short.Any() {
			return short, err
		}
	}
	answer, err := w.pass.Reserve(ctx, fresh.sum(), 0)
	return answer.Shortage, err
}

// toll returns the permitted harm that no approval covers: carried is counted already, and
// fresh is not yet.
func (j *evaluation) toll() (carried, fresh harms) {
	carried, fresh = harms{}, harms{}
	for i := range j.terms {
		c := &j.terms[i]
		switch {
		case c.Harm == 0 || c.Covered || j.Withheld[i] || j.Approved[i]:
		case c.Counted:
			carried[approval.Short(c.Digest)] = c.Harm
		default:
			fresh[approval.Short(c.Digest)] = c.Harm
		}
	}
	return carried, fresh
}

// NotMade ends a pass with an outcome of the kind's own, as the error of a Change.Do that
// provably changed nothing, because it sent nothing or JumpCloud refused: what was counted for
// the change is given back.
func NotMade(outcome lifecycle.Outcome) error { return &notMadeError{lifecycle.Stop(outcome)} }

type notMadeError struct{ error }

func (e *notMadeError) Unwrap() error { return e.error }

// notMade reports whether a call provably changed nothing.
func notMade(err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[*notMadeError](err); ok {
		return true
	}
	switch jumpcloud.ClassOf(err) {
	case jumpcloud.NotSent, jumpcloud.Refused, jumpcloud.RateLimited, jumpcloud.Auth:
		return true
	default:
		return false
	}
}
