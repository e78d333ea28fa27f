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
