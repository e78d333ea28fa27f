package jumpcloud

import "time"

// minute is how many seconds usage looks back.
const minute = 60

// usage counts events of the last minute, by the second.
type usage struct {
	began   time.Time // of second 0
	latest  int       // the latest second passed to at
	seconds [minute]int
}

// at returns the count of the present second, and drops those older than a minute.
func (u *usage) at(now time.Time) *int {
	if u.began.IsZero() {
		u.began = now
	}
	present := int(now.Sub(u.began) / time.Second)
	for second := max(u.latest+1, present-minute+1); second <= present; second++ {
		u.seconds[second%minute] = 0
	}
	u.latest = present
	return &u.seconds[present%minute]
}

// lastMinute returns the number of events in the last minute.
func (u *usage) lastMinute(now time.Time) (n int) {
	u.at(now)
	for _, count := range u.seconds {
		n += count
	}
	return n
}

// Usage returns how many requests were admitted in the last minute, and how many per minute
// the limits admit at present, apart from a burst.
func (l *Limiter) Usage() (lastMinute int, perMinute float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.used.lastMinute(time.Now()), minute * float64(l.bucket.Limit())
}
