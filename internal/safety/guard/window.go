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

// maxAttempts is how often a write is tried that others come before.
const maxAttempts = 10

// Config is what a Window needs.
type Config struct {
	// Cache finds the Organization objects.
	Cache client.Reader
	// Live reads them from the API server; nil: Cache does.
	Live client.Reader
	// Update writes the status of one, with its resourceVersion as the
	// precondition, and gives it the new one. It fails where less is kept than was
	// written.
	Update func(ctx context.Context, organization *v1alpha1.Organization) error
	// Pool tells the organization of an Organization object that has not
	// recorded it yet.
	Pool *session.Pool
	// Clock tells the time; nil: the real time.
	Clock clock.PassiveClock
}

// Window counts for all objects of the process what they do without an
// approval. Its counters are in the status of Organizations: of those that lead
// to the same organization of JumpCloud the sum counts, and the oldest is
// written, with a precondition on its version, so that of two processes only one
// gets the last room. It is safe for concurrent use.
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

// Instant is the present time, as far as the clocks of the process agree.
func (w *Window) Instant() Instant { return w.clock.now() }

// take waits for the turn of an organization: one at a time.
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

// Shortage is what a Window has no room for.
type Shortage struct {
	// Harmful and Created report for harm and for created users that there is no
	// room.
	Harmful, Created bool
	// RoomIn is after which time there may be room for both, as the window moves
	// on; 0: not by waiting.
	RoomIn time.Duration
}

// Any reports whether there is no room.
func (s Shortage) Any() bool { return s.Harmful || s.Created }

// Answer is what came of a reservation.
type Answer struct {
	Shortage
	// CreatedCounted is set where created users were counted. Without a limit for
	// them they are not, and no room for them may be released.
	CreatedCounted bool
}

// Reserve takes room for changes that no approval covers. Where there is too
// little for either, nothing is taken, nor written.
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

// Renew counts in the present hour what was reserved in an earlier one for changes that
// are made only now: the window would forget it too soon. It counts no more than before,
// and what is not found any more takes room again. Where there is none, nothing is written.
// Without a limit for created users none are counted.
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

// CheckCreated reports like Reserve whether there is room for created users, and takes
// none. It writes nothing, and reads nothing live where no Organization limits them.
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

// ReserveCreated takes room for created users in one write, for as many of them as there
// is room for, and returns for how many. Without a limit for them they are not counted,
// and no room for them may be released.
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

// Release gives back what was reserved for changes that were provably not made. An
// error says that nothing was given back, and the call may be repeated.
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

// HandOver gives what an Organization counts, which is being deleted, to another
// one that leads to the same organization and stays. It reports whether there was
// anything to give; where no other one stays there is not.
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

// transact reads the counters live and lets do write them, again where another
// process came before.
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
