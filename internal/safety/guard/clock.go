package guard

import (
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	// slack is how far the clocks of a process may be apart and still count as agreeing.
	slack = time.Minute
	// maxDuration is the length of the longest possible window.
	maxDuration = 168 * time.Hour
)

// steadyClock protects against a wall clock that jumps: it compares it with the time that
// passed since the process began. If the two disagree, nothing expires before the earlier one,
// until they have disagreed for longer than any window. Then the wall clock counts as correct.
type steadyClock struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	start time.Time     // of this process
	lead  time.Duration // of the wall clock over the steady one, when last seen
	since time.Duration // time from the start to when lead last changed
}

func newClock(source clock.PassiveClock) *steadyClock {
	return &steadyClock{clock: source, start: source.Now()}
}

func (c *steadyClock) now() Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	elapsed, wall := c.clock.Since(c.start), c.clock.Now().Round(0)
	steady := c.start.Round(0).Add(elapsed)
	lead := wall.Sub(steady)
	if (lead - c.lead).Abs() > slack {
		c.lead, c.since = lead, elapsed
	}
	if c.lead.Abs() > slack && elapsed-c.since > maxDuration+hour {
		c.start, c.lead, c.since = c.clock.Now(), 0, 0
		return Instant{wall, wall}
	}
	if lead < 0 {
		return Instant{Early: wall, Late: steady}
	}
	return Instant{Early: steady, Late: wall}
}
