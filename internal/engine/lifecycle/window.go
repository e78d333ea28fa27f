package lifecycle

import (
	"context"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// NewWindow returns the window that the Reconcilers of all kinds share. live reads from the
// API server; nil: c is used.
func NewWindow(c client.Client, live client.Reader, pool *session.Pool, source clock.PassiveClock) *guard.Window {
	return guard.NewWindow(guard.Config{
		Cache: c, Live: live, Pool: pool, Clock: source,
		Update: func(ctx context.Context, organization *v1alpha1.Organization) error {
			return UpdateStatus(ctx, c, organization)
		},
	})
}

// Reserve takes room in the organization's guard window for changes that no approval covers,
// before the first of them is sent. If the window lacks room for harmful or created, nothing
// is taken, those changes wait for an approval, and the next pass comes no later than there
// may be room again. If both are 0, nothing is asked. After an error nothing may be sent.
func (p *Pass[T]) Reserve(ctx context.Context, harmful, created int) (guard.Answer, error) {
	return p.shell.reserve(ctx, p, harmful, created)
}

// Renew counts in the present hour what was reserved in an earlier one for changes that are
// made only now. If the window has forgotten that and has no room for it, those changes wait
// for an approval. After an error nothing may be sent.
func (p *Pass[T]) Renew(ctx context.Context, harmful, created int) (guard.Shortage, error) {
	return p.shell.renew(ctx, p, harmful, created)
}

// ShortToCreate reports whether the guard's window lacks room for that many more created
// users. It takes none: the job that creates them does, see Room. If there is none, the next
// pass is no later than the time when there may be room again.
func (p *Pass[T]) ShortToCreate(ctx context.Context, created int) (guard.Shortage, error) {
	return p.shell.shortToCreate(ctx, p, created)
}

// Room returns the room in the guard's window for users that a job creates.
func (p *Pass[T]) Room() *Room { return p.shell.room(p.Session) }

// Release gives back what was reserved, within the length of the window, for changes that were
// provably not made (NotSent or Refused). What the window has forgotten must not be given
// back: that would be other objects' room. Release outlives the deadline of ctx by a grace
// period. If it fails, the only consequence is that too much is counted for the length of the
// window.
func (p *Pass[T]) Release(ctx context.Context, harmful, created int) error {
	return p.shell.giveBack(ctx, p, harmful, created)
}

func (r *Reconciler[T]) reserve(ctx context.Context, pass *Pass[T], harmful, created int) (guard.Answer, error) {
	if harmful <= 0 && created <= 0 {
		return guard.Answer{}, nil
	}
	if err := r.Schemas.known(OrganizationKind); err != nil {
		return guard.Answer{}, err // each try would be counted, in vain
	}
	answer, err := r.Window.Reserve(ctx, pass.Session, harmful, created)
	return answer, r.noteShortage(pass, answer.Shortage, err)
}

func (r *Reconciler[T]) renew(ctx context.Context, pass *Pass[T], harmful, created int) (guard.Shortage, error) {
	if harmful <= 0 && created <= 0 {
		return guard.Shortage{}, nil
	}
	if err := r.Schemas.known(OrganizationKind); err != nil {
		return guard.Shortage{}, err
	}
	short, err := r.Window.Renew(ctx, pass.Session, harmful, created)
	return short, r.noteShortage(pass, short, err)
}

func (r *Reconciler[T]) shortToCreate(ctx context.Context, pass *Pass[T], created int) (guard.Shortage, error) {
	short, err := r.Window.CheckCreated(ctx, pass.Session, created)
	return short, r.noteShortage(pass, short, err)
}

func (r *Reconciler[T]) room(s *session.Session) *Room {
	return &Room{window: r.Window, schemas: r.Schemas, session: s}
}

// noteShortage records when there may be room again, and what an error of the window says
// about the CRDs. It returns the error.
func (r *Reconciler[T]) noteShortage(pass *Pass[T], short guard.Shortage, err error) error {
	if short.RoomIn > 0 && (pass.roomIn == 0 || short.RoomIn < pass.roomIn) {
		pass.roomIn = short.RoomIn
	}
	return r.Schemas.Note(err)
}

func (r *Reconciler[T]) giveBack(ctx context.Context, pass *Pass[T], harmful, created int) error {
	if harmful <= 0 && created <= 0 {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	return r.Window.Release(ctx, pass.Session, harmful, created)
}
