package jumpcloud

import (
	"context"
	"math"
	"slices"
	"time"
)

// Lane says which of the waiting calls the limiter admits first.
type Lane int

const (
	// Normal calls are admitted in the order of their arrival.
	Normal Lane = iota
	// Urgent calls are admitted before all normal ones. They take access away from people who
	// must not have any.
	Urgent
)

// normalAtLeast is how often a normal call is admitted between urgent ones, so that a long
// queue of those does not stop everything else.
const normalAtLeast = 10 * time.Second

// waiter is a call that waits for a token.
type waiter struct {
	lane   Lane
	latest time.Time // when it gives up
	wake   chan struct{}
}

// queues holds the waiting calls of each lane in the order of their arrival. Only the next of
// them takes a token.
type queues struct {
	calls [2][]*waiter
	// unserved is when normal calls began to arrive without any of them getting a token, those
	// that gave up included; zero if there are none.
	unserved time.Time
	// latest is the lane of the call that got the latest token.
	latest Lane
}

func (q *queues) add(w *waiter, now time.Time) {
	q.calls[w.lane] = append(q.calls[w.lane], w)
	if w.lane == Normal && q.unserved.IsZero() {
		q.unserved = now
	}
}

func (q *queues) remove(w *waiter) {
	q.calls[w.lane] = slices.DeleteFunc(q.calls[w.lane], func(other *waiter) bool { return other == w })
}

// serve removes a call that got a token and wakes the next one.
func (q *queues) serve(w *waiter, now time.Time) {
	q.remove(w)
	q.latest = w.lane
	switch {
	case w.lane == Urgent:
	case len(q.calls[Normal]) > 0:
		q.unserved = now
	default:
		q.unserved = time.Time{}
	}
	q.nudge(now)
}

// next returns the call that takes the next token, or nil if none waits.
func (q *queues) next(now time.Time) *waiter {
	urgent, normal := q.calls[Urgent], q.calls[Normal]
	due := len(normal) > 0 && q.latest == Urgent && now.Sub(q.unserved) >= normalAtLeast
	switch {
	case len(urgent) > 0 && !due:
		return urgent[0]
	case len(normal) > 0:
		return normal[0]
	default:
		return nil
	}
}

// nudge wakes the next call, which may have changed.
func (q *queues) nudge(now time.Time) {
	if w := q.next(now); w != nil {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// ahead returns how many calls take a token before this one, as far as is known.
func (q *queues) ahead(w *waiter) int {
	n := slices.Index(q.calls[w.lane], w)
	if w.lane == Normal {
		n += len(q.calls[Urgent])
	}
	return n
}

// admit takes a token. It waits at most maxAdmissionWait for it and for the end of a pause.
// Only the first of the urgent calls waits for its token as long as it takes: if it came back
// later, others would have taken it.
func (l *Limiter) admit(ctx context.Context, lane Lane) *Error {
	now := time.Now()
	w := &waiter{lane: lane, latest: now.Add(maxAdmissionWait), wake: make(chan struct{}, 1)}
	l.mu.Lock()
	l.waiting.add(w, now)
	l.mu.Unlock()
	defer l.leave(w)
	for {
		if err := ctx.Err(); err != nil {
			return &Error{Class: NotSent, Err: err}
		}
		wait, err := l.take(w)
		if err != nil || wait == 0 {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-w.wake:
		}
		timer.Stop()
	}
}

func (l *Limiter) leave(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting.remove(w)
	l.waiting.nudge(time.Now())
}

// take takes a token for a call, or returns how long the call must wait, unless it is woken,
// before it asks again. It checks the pause each time, because one may have begun meanwhile.
func (l *Limiter) take(w *waiter) (wait time.Duration, _ *Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	patience := w.latest.Sub(now)
	if pause := l.until.Sub(now); pause > 0 {
		if pause > patience {
			return 0, &Error{Class: RateLimited, RetryAfter: pause, Err: errPaused}
		}
		return pause, nil
	}
	next := l.waiting.next(now)
	if next == w && l.bucket.AllowN(now, 1) {
		l.waiting.serve(w, now)
		*l.used.at(now)++
		return 0, nil
	}
	delay := l.delay(now, l.waiting.ahead(w))
	if delay > patience && (w.lane == Normal || l.waiting.calls[Urgent][0] != w) {
		return 0, &Error{Class: RateLimited, RetryAfter: delay, Err: errNoTokens}
	}
	if next == w {
		return delay, nil
	}
	if l.bucket.TokensAt(now) >= 1 {
		l.waiting.nudge(now)
	}
	return max(patience, delay, time.Millisecond), nil
}

// delay returns the time until there is a token after that many others; it is at least 1 ns.
func (l *Limiter) delay(now time.Time, ahead int) time.Duration {
	missing := float64(ahead+1) - l.bucket.TokensAt(now)
	ns := math.Ceil(missing / float64(l.bucket.Limit()) * 1e9)
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return max(time.Duration(ns), 1)
}
