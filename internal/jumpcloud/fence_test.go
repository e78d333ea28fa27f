package jumpcloud

import (
	"testing"
	"time"
)

func TestTheDeadlinePassesOnEitherClock(t *testing.T) {
	now := time.Now()
	later, earlier := now.Add(time.Second), now.Add(-time.Second)
	for name, test := range map[string]struct {
		deadline deadline
		passed   bool
	}{
		"ahead":                              {newDeadline(later), false},
		"ahead, without a monotonic reading": {newDeadline(later.Round(0)), false},
		"now":                                {newDeadline(now), true},
		"zero":                               {newDeadline(time.Time{}), true},
		"the machine was suspended":          {deadline{monotonic: later, wall: earlier.Round(0)}, true},
		"the wall clock was set back":        {deadline{monotonic: earlier, wall: later.Round(0)}, true},
	} {
		if got := test.deadline.passed(now); got != test.passed {
			t.Errorf("%s: passed = %v", name, got)
		}
	}
}

func TestWhatASealedGuardSays(t *testing.T) {
	for name, test := range map[string]struct {
		use  func(*fence)
		sent bool
	}{
		"nobody to ask":      {func(*fence) {}, true},
		"nothing written":    {func(g *fence) { g.attach(); g.connected() }, false},
		"handshake only":     {func(g *fence) { g.attach(); _ = g.begin(); g.end(1); g.connected() }, false},
		"a write under way":  {func(g *fence) { g.attach(); g.connected(); _ = g.begin() }, true},
		"a write of nothing": {func(g *fence) { g.attach(); g.connected(); _ = g.begin(); g.end(0) }, false},
		"one byte":           {func(g *fence) { g.attach(); g.connected(); _ = g.begin(); g.end(1) }, true},
		"one byte, then none": {func(g *fence) {
			g.attach()
			g.connected()
			_ = g.begin()
			g.end(1)
			_ = g.begin()
			g.end(0)
		}, true},
	} {
		g := &fence{deadline: newDeadline(time.Now().Add(time.Hour))}
		test.use(g)
		if got := g.seal(); got != test.sent {
			t.Errorf("%s: sent = %v", name, got)
		}
		if err := g.begin(); err == nil {
			t.Errorf("%s: a sealed guard admits a write", name)
		}
	}
}
