package session

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// turnWait is how long somebody waits for others who are reading.
	turnWait = time.Second
	// slice is how long one call reads what many objects share: a worker that
	// reads a long list would keep other objects waiting for minutes.
	slice = time.Second
	// ReadingDelay is a good time to wait after ErrReading.
	ReadingDelay = time.Second
	// idle is how long a reading that nobody goes on with is kept: longer than
	// a pause after an answer 429.
	idle = 10 * time.Minute
)

var (
	// ErrReading says that a reading is under way and has not ended: somebody
	// else is at it, or it takes longer than one call may. The same call goes on
	// where it is.
	ErrReading = errors.New("a list of the organization is still being read")
	// ErrIncomplete says that a list changed while it was read, again and again,
	// so that records may have been missed: nothing is known of what was not
	// seen. The same call, in a later pass, reads it anew.
	ErrIncomplete = errors.New("a list of the organization changed while it was read")
	// ErrUnreadable says that a user who is looked for may be one of those whose
	// username, email or id JumpCloud writes in a form that cannot be read: it is
	// not known whether there is such a user. It stays so until the record changes.
	ErrUnreadable = errors.New("a user of the organization has a value that cannot be read")
)

// turn lets one goroutine at a time read, for one request: who comes meanwhile
// with something small is served before the next one. It holds a value while
// nobody reads.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t <- struct{}{}
	return t
}

// do waits for the turn and acts. Whoever waits longer than a moment comes
// back in a later pass.
func (t turn) do(ctx context.Context, act func() error) error {
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case <-t:
		defer func() { t <- struct{}{} }()
		return act()
	case <-timer.C:
		return ErrReading
	case <-ctx.Done():
		return ctx.Err()
	}
}

// driver is a call that reads a list which many wait for. There is one at a
// time: the others come back later at once. If they waited, they would take all
// workers, and objects that are only about to ask would ask too late for this
// list, and need another one.
type driver struct {
	wheel   *sync.Mutex
	driving bool
}

// start says whether the call may read.
func (d *driver) start() bool {
	d.driving = d.driving || d.wheel.TryLock()
	return d.driving
}

func (d *driver) stop() {
	if d.driving {
		d.wheel.Unlock()
	}
}

// notAfter returns t, or now if t is still to come. The clock that t was taken
// from may be ahead of this one: what begins from now on is newer than what t
// tells of.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}

// inSlices acts again and again until it is done or the time is up, but at
// least once.
func inSlices(length time.Duration, act func() (done bool, err error)) error {
	for until := time.Now().Add(length); ; {
		done, err := act()
		if done || err != nil {
			return err
		}
		if time.Now().After(until) {
			return ErrReading
		}
	}
}
