package enginetest

import "time"

// wallClock is a clock.PassiveClock whose wall clock may jump ahead while time passes as
// usual.
type wallClock struct{ ahead *time.Duration }

func (c wallClock) Now() time.Time                  { return time.Now().Add(*c.ahead) }
func (c wallClock) Since(t time.Time) time.Duration { return time.Since(t) }
