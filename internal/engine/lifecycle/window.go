package lifecycle

import (
	"context"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// NewWindow returns the window that the Reconcilers of all kinds share. live
// reads from the API server; nil: c does.
func NewWindow(c client.Client, live client.Reader, pool *session.Pool, source clock.PassiveClock) *guard.Window {
	return guard.NewWindow(guard.Config{
		Cache: c, Live: live, Pool: pool, Clock: source,
		Update: func(ctx context.Context, organization *v1alpha1.Organization) error {
			return UpdateStatus(ctx, c, organization)
		},
	})
}

// Reserve takes room in the guard's window of the organization for changes that
// no approval covers, before the first of them is sent. It reports for harm and
// for created users whether the window has no room; then nothing is taken, and
// those changes wait for an approval, and the next pass is no later than there
// may be room again. Nothing is asked where both are 0. After an error nothing may
// be sent.
func (p *Pass[T]) Reserve(ctx context.Context, harmful, created int) (harmFull, createdFull bool, err error) {
	return p.shell.reserve(ctx, p, harmful, created)
}

// LacksRoomToCreate reports whether the guard's window has no room for so many more
// created users. It takes none: the job that creates them does, see Room. Where there is
// none, the next pass is no later than there may be room again.
func (p *Pass[T]) LacksRoomToCreate(ctx context.Context, created int) (bool, error) {
	return p.shell.lacksRoomToCreate(ctx, p, created)
}

// Room returns the room in the guard's window for users whom a job creates.
func (p *Pass[T]) Room() *Room { return p.shell.room(p.Session) }

// Room is the room in the guard's window of an organization for users whom jobs create.
// It outlives the pass.
type Room struct {
	window  *guard.Window
	schemas *Schemas
	session *session.Session
}

// Take takes room for so many users in one write, for as many as there is room for, and
// returns for how many. After an error nothing may be sent.
func (r *Room) Take(ctx context.Context, most int) (created int, err error) {
	created, err = r.window.ReserveCreated(ctx, r.session, most)
	if found := outdated(err); found != nil {
		r.schemas.found(found)
	}
	return created, err
}

// GiveBack gives back room for users who were provably not created: see Pass.Release.
func (r *Room) GiveBack(ctx context.Context, created int) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	return r.window.Release(ctx, r.session, 0, created)
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
	short, err := r.Window.Reserve(ctx, pass.Session, harmful, created)
	return short.Harmful, short.Created, r.noteShortage(pass, short, err)
}

func (r *Reconciler[T]) lacksRoomToCreate(ctx context.Context, pass *Pass[T], created int) (bool, error) {
	short, err := r.Window.CheckCreated(ctx, pass.Session, created)
	return short.Created, r.noteShortage(pass, short, err)
}

func (r *Reconciler[T]) room(s *session.Session) *Room {
	return &Room{window: r.Window, schemas: r.Schemas, session: s}
}

// noteShortage takes down when there may be room again, and what the error of a window
// tells of the CRDs. It returns the error.
func (r *Reconciler[T]) noteShortage(pass *Pass[T], short guard.Shortage, err error) error {
	if found := outdated(err); found != nil {
		r.Schemas.found(found)
	}
	if short.RoomIn > 0 && (pass.roomIn == 0 || short.RoomIn < pass.roomIn) {
		pass.roomIn = short.RoomIn
	}
	return err
}

func (r *Reconciler[T]) giveBack(ctx context.Context, pass *Pass[T], harmful, created int) error {
	if harmful <= 0 && created <= 0 {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	return r.Window.Release(ctx, pass.Session, harmful, created)
}
