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

func TestWhatASealedRequestReports(t *testing.T) {
	for name, test := range map[string]struct {
		use  func(*sendDeadline)
		sent bool
	}{
		"nobody to ask":      {func(*sendDeadline) {}, true},
		"nothing written":    {func(s *sendDeadline) { s.attach(); s.connected() }, false},
		"handshake only":     {func(s *sendDeadline) { s.attach(); _ = s.begin(); s.end(1); s.connected() }, false},
		"a write under way":  {func(s *sendDeadline) { s.attach(); s.connected(); _ = s.begin() }, true},
		"a write of nothing": {func(s *sendDeadline) { s.attach(); s.connected(); _ = s.begin(); s.end(0) }, false},
		"one byte":           {func(s *sendDeadline) { s.attach(); s.connected(); _ = s.begin(); s.end(1) }, true},
		"one byte, then none": {func(s *sendDeadline) {
			s.attach()
			s.connected()
			_ = s.begin()
			s.end(1)
			_ = s.begin()
			s.end(0)
		}, true},
	} {
		s := &sendDeadline{deadline: newDeadline(time.Now().Add(time.Hour))}
		test.use(s)
		if got := s.seal(); got != test.sent {
			t.Errorf("%s: sent = %v", name, got)
		}
		if err := s.begin(); err == nil {
			t.Errorf("%s: a sealed request admits a write", name)
		}
	}
}
