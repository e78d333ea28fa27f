package guard

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// maxAttempts is how often a write is tried when other writes come first.
const maxAttempts = 10

// Config is what a Window needs.
type Config struct {
	// Cache finds the Organization objects.
	Cache client.Reader
	// Live reads them from the API server; nil: Cache is used.
	Live client.Reader
	// Update writes the status of an Organization object, with its resourceVersion as the
	// precondition, and sets the new resourceVersion in it. It fails if less is stored than
	// was written.
	Update func(ctx context.Context, organization *v1alpha1.Organization) error
	// Pool knows the organization of an Organization object that has not recorded it yet.
	Pool *session.Pool
	// Clock tells the time; nil: the real time.
	Clock clock.PassiveClock
}

// Window counts what all objects of the process do without an approval. Its counters are in
// the status of Organizations. If several refer to the same JumpCloud organization, the sum
// counts, and the oldest one is written, with a precondition on its version, so that of two
// processes only one gets the last room. It is safe for concurrent use.
type Window struct {
	Config

	clock    *steadyClock
	mu       sync.Mutex
	memories map[string]*memory // by the organization's id
}

// NewWindow returns a Window.
func NewWindow(config Config) *Window {
	if config.Live == nil {
		config.Live = config.Cache
	}
	if config.Clock == nil {
		config.Clock = clock.RealClock{}
	}
	return &Window{Config: config, clock: newClock(config.Clock), memories: map[string]*memory{}}
}

// Instant returns the present time, as far as the clocks of the process agree.
func (w *Window) Instant() Instant { return w.clock.now() }

// take waits for the exclusive use of an organization's memory, which lasts until done is
// called.
func (w *Window) take(ctx context.Context, organization string) (_ *memory, done func(), _ error) {
	w.mu.Lock()
	b, ok := w.memories[organization]
	if !ok {
		b = newMemory()
		w.memories[organization] = b
	}
	w.mu.Unlock()
	select {
	case <-b.semaphore:
		return b, func() { b.semaphore <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// Shortage says what a Window has no room for.
type Shortage struct {
	// Harmful is set if there is no room for harm, and Created if there is none for created
	// users.
	Harmful, Created bool
	// RoomIn is the time after which there may be room for both, as the window moves on; 0:
	// waiting does not help.
	RoomIn time.Duration
}

// Any reports whether there is too little room for either.
func (s Shortage) Any() bool { return s.Harmful || s.Created }

// Answer is the result of a reservation.
type Answer struct {
	Shortage
	// CreatedCounted is set if created users were counted. If there is no limit for them, they
	// are not counted, and no room for them may be released.
	CreatedCounted bool
}

// Reserve takes room for changes that no approval covers. If there is too little room for
// either kind, it takes and writes nothing.
func (w *Window) Reserve(ctx context.Context, s *session.Session, harmful, created int) (answer Answer, _ error) {
	want := amount{max(harmful, 0), max(created, 0)}
	if want == (amount{}) {
		return Answer{}, nil
	}
	b, done, err := w.take(ctx, s.OrganizationID)
	if err != nil {
		return Answer{}, err
	}
	defer done()
	err = w.transact(ctx, s.OrganizationID, b, func(c *counters) error {
		answer = Answer{}
		short, err := c.shortage(ctx, s, want)
		if err != nil || short.Any() {
			answer.Shortage = short
			return err
		}
		taken := want
		if !c.limitsCreated() {
			taken.created = 0
		}
		answer.CreatedCounted = taken.created > 0
		return c.count(ctx, taken)
	})
	return answer, err
}

// Renew moves to the present hour what was reserved in an earlier hour for changes that are
// made only now: the window would forget it too soon. The total stays the same, but a part
// that is no longer counted takes room again. If there is no room for that, nothing is
// written. Without a limit for created users, they are not counted.
func (w *Window) Renew(ctx context.Context, s *session.Session, harmful, created int) (short Shortage, _ error) {
	want := amount{max(harmful, 0), max(created, 0)}
	if want == (amount{}) {
		return Shortage{}, nil
	}
	b, done, err := w.take(ctx, s.OrganizationID)
	if err != nil {
		return Shortage{}, err
	}
	defer done()
	err = w.transact(ctx, s.OrganizationID, b, func(c *counters) error {
		renewed := want
		if !c.limitsCreated() {
			renewed.created = 0
		}
		earlier, missing := c.setAside(renewed)
		short, err = c.shortage(ctx, s, renewed)
		if err != nil || short.Any() || renewed == (amount{}) {
			return err
		}
		return c.countOver(ctx, earlier, renewed, missing)
	})
	return short, err
}

// CheckCreated reports like Reserve whether there is room for created users, but takes none.
// It writes nothing, and reads nothing live if no Organization limits created users.
func (w *Window) CheckCreated(ctx context.Context, s *session.Session, created int) (short Shortage, _ error) {
	if created <= 0 {
		return Shortage{}, nil
	}
	limited, err := w.limitsCreated(ctx, s.OrganizationID)
	if err != nil || !limited {
		return Shortage{}, err
	}
	b, done, err := w.take(ctx, s.OrganizationID)
	if err != nil {
		return Shortage{}, err
	}
	defer done()
	err = w.transact(ctx, s.OrganizationID, b, func(c *counters) error {
		short, err = c.shortage(ctx, s, amount{created: created})
		return err
	})
	return short, err
}

// ReserveCreated takes room in one write for as many created users as possible, at most for
// most of them, and returns for how many. Without a limit for created users, they are not
// counted, and no room for them may be released.
func (w *Window) ReserveCreated(ctx context.Context, s *session.Session, most int) (created int, counted bool, _ error) {
	if most <= 0 {
		return 0, false, nil
	}
	b, done, err := w.take(ctx, s.OrganizationID)
	if err != nil {
		return 0, false, err
	}
	defer done()
	err = w.transact(ctx, s.OrganizationID, b, func(c *counters) error {
		created, counted = min(most, c.roomToCreate()), c.limitsCreated()
		if !counted {
			return nil
		}
		return c.count(ctx, amount{created: created})
	})
	if err != nil {
		return 0, false, err
	}
	return created, counted, nil
}

// Release gives back what was reserved for changes that were provably not made. After an
// error, nothing was given back, and the call may be repeated.
func (w *Window) Release(ctx context.Context, s *session.Session, harmful, created int) error {
	back := amount{max(harmful, 0), max(created, 0)}
	if back == (amount{}) {
		return nil
	}
	b, done, err := w.take(ctx, s.OrganizationID)
	if err != nil {
		return err
	}
	defer done()
	token := rand.Text()
	return w.transact(ctx, s.OrganizationID, b, func(c *counters) error { return c.giveBack(ctx, back, token) })
}

// HandOver moves the counts of an Organization that is being deleted to another one that
// refers to the same organization and stays. It reports whether it moved any; it does not if
// no other one stays.
func (w *Window) HandOver(ctx context.Context, from *v1alpha1.Organization) (given bool, _ error) {
	if len(harmed(from)) == 0 {
		return false, nil
	}
	organization := w.organizationOf(from)
	b, done, err := w.take(ctx, organization)
	if err != nil {
		return false, err
	}
	defer done()
	err = w.transact(ctx, organization, b, func(c *counters) error {
		given = false
		to := c.organizations[0]
		i := slices.IndexFunc(c.organizations, func(o *v1alpha1.Organization) bool { return o.UID == from.UID })
		if i <= 0 || !to.DeletionTimestamp.IsZero() || len(harmed(c.organizations[i])) == 0 {
			return nil
		}
		given = true
		return c.handOver(ctx, c.organizations[i], to)
	})
	return given, err
}

// transact reads the counters live and lets do write them. It starts again if another process
// wrote first.
func (w *Window) transact(ctx context.Context, organization string, b *memory, do func(*counters) error) error {
	for attempt := 1; ; attempt++ {
		c, err := w.open(ctx, organization, b)
		if err == nil {
			err = do(c)
		}
		again := apierrors.IsConflict(err) || apierrors.IsNotFound(err)
		if !again || attempt == maxAttempts || ctx.Err() != nil {
			return err
		}
	}
}
