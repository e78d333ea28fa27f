package directory

import (
	"context"
	"sync"
	"time"
)

const (
	// lockWait is how long a call waits for other calls that read.
	lockWait = time.Second
	// slice is how long one call reads what many objects share: a worker that reads a long
	// list would keep other objects waiting for minutes.
	slice = time.Second
)

// exclusive lends a value to one goroutine at a time, for one request: a caller with a small
// question is served between two pages of a long list. The value is in the channel while it is
// not lent, so there is no other way to reach it.
type exclusive[T any] chan *T

func newExclusive[T any](value *T) exclusive[T] {
	e := make(exclusive[T], 1)
	e <- value
	return e
}

// do calls act with the value. If it has to wait for longer than lockWait, it returns
// ErrReading, so that it does not hold a worker.
func (e exclusive[T]) do(ctx context.Context, act func(*T) error) error {
	timer := time.NewTimer(lockWait)
	defer timer.Stop()
	select {
	case value := <-e:
		defer func() { e <- value }()
		return act(value)
	case <-timer.C:
		return ErrReading
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leader elects the one call that reads a list that many wait for; the others return
// ErrReading at once. If they waited, they would hold all workers, and objects that are about
// to ask would ask too late for this list and need another one.
type leader struct{ mu sync.Mutex }

// candidate is a call that may become the leader, until stop.
type candidate struct {
	leader *leader
	leads  bool
}

func (l *leader) candidate() *candidate { return &candidate{leader: l} }

// lead reports whether the call is the leader, or has just become it.
func (c *candidate) lead() bool {
	c.leads = c.leads || c.leader.mu.TryLock()
	return c.leads
}

func (c *candidate) stop() {
	if c.leads {
		c.leader.mu.Unlock()
	}
}

// await takes steps, at least one, until there is an answer or the time is up.
func await[A any](length time.Duration, answered func() (A, bool), step func() error) (A, error) {
	until := time.Now().Add(length)
	for steps := 0; ; steps++ {
		if answer, ok := answered(); ok {
			return answer, nil
		}
		var err error
		if steps > 0 && time.Now().After(until) {
			err = ErrReading
		} else {
			err = step()
		}
		if err != nil {
			var none A
			return none, err
		}
	}
}

// notAfter returns t, or now if t is in the future. The clock that t was taken from may be
// ahead of this one: what begins from now on is newer than what t stands for.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}
