package continuous

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// owed is room for harm that must be given back to the guard's window.
type owed struct {
	harmful int
	// since is when the first of it was counted.
	since time.Time
}

// add adds room that was counted at that time.
func (o *owed) add(harmful int, at time.Time) {
	if harmful == 0 {
		return
	}
	if o.since.IsZero() || at.Before(o.since) {
		o.since = at
	}
	o.harmful += harmful
}

// giveBack gives back what is owed, unless the window has forgotten it: then it would be other
// objects' room. If that fails, the next pass tries again.
func (h *harmCount[T]) giveBack(ctx context.Context) {
	o := &h.owed
	if !guard.Within(o.since, h.window(), h.pass.Now) || h.pass.Release(ctx, o.harmful, 0) == nil {
		*o = owed{}
	}
}
