package jumpcloudtest

import (
	"sync"
	"time"
)

// Clock is the time inside the simulator: jobs, tokens, ids and time stamps follow it. It runs
// with real time plus an offset, or stands still. Rate limits, latency and the history follow
// real time instead, because they are about the client, which does not know this clock.
//
// Methods may be called from several goroutines. The zero Clock is real time.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	frozen time.Time // zero: running
}

// NewClock returns a running clock that shows real time.
func NewClock() *Clock { return &Clock{} }

// NewFrozenClock returns a clock that stands still at t.
func NewFrozenClock(t time.Time) *Clock { return &Clock{frozen: t} }

// Now returns the simulator's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if !c.frozen.IsZero() {
		return c.frozen.UTC()
	}
	return time.Now().Add(c.offset).UTC()
}

// Advance moves the clock by d, which may be negative. A frozen clock stays
// frozen.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		c.frozen = c.frozen.Add(d)
		return
	}
	c.offset += d
}

// Set moves the clock to t. A frozen clock stays frozen.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		c.frozen = t
		return
	}
	c.offset = time.Until(t)
}

// Freeze makes the clock stand still at its present time.
func (c *Clock) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = c.now()
}

// Resume makes a frozen clock run again, from its present time.
func (c *Clock) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen.IsZero() {
		return
	}
	c.offset = time.Until(c.frozen)
	c.frozen = time.Time{}
}
