package lifecycle

import (
	"context"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Room is the room in an organization's guard window for users that jobs create. It outlives
// the pass, and is safe for concurrent use.
type Room struct {
	window  *guard.Window
	schemas *Schemas
	session *session.Session

	mu sync.Mutex
	// counted is how many of these users the window counts, the first of them since then.
	counted int
	since   time.Time
}

// Take takes room for that many users in one write, or for as many as there is room for, and
// returns for how many. After an error nothing may be sent.
func (r *Room) Take(ctx context.Context, most int) (taken int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.schemas.known(OrganizationKind); err != nil {
		return 0, err
	}
	now := time.Now()
	taken, counted, err := r.window.ReserveCreated(ctx, r.session, most)
	if counted {
		if r.counted == 0 {
			r.since = now
		}
		r.counted += taken
	}
	return taken, r.schemas.Note(err)
}

// GiveBack gives back room for users who were provably not created: see Pass.Release. Users
// whom the window did not count are not given back either.
func (r *Room) GiveBack(ctx context.Context, count int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	back := min(count, r.counted)
	if back == 0 || !guard.Within(r.since, &r.session.Spec.Guard.Window, time.Now()) {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	err := r.window.Release(ctx, r.session, 0, back)
	if err == nil {
		r.counted -= back
	}
	return err
}
