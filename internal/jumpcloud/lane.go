package jumpcloud

import (
	"context"
	"math"
	"slices"
	"time"
)

// Lane says which of the calls go first that wait for the limiter.
type Lane int

const (
	// Normal calls go in the order in which they came.
	Normal Lane = iota
	// Urgent calls go before all normal ones: those that take access away from
	// people who are to have none.
	Urgent
)

// normalAtLeast is how often a normal call goes between urgent ones, so that a
// long row of those does not stop everything else.
const normalAtLeast = 10 * time.Second

// waiter is a call that waits for a token.
type waiter struct {
	lane   Lane
	latest time.Time // when it gives up
	wake   chan struct{}
}

// queues are the calls that wait, by lane, in the order in which they came.
// Only the next of them takes tokens.
type queues struct {
	calls [2][]*waiter
	// unserved is since when normal calls have come and none got a token; zero:
	// there are none.
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

// serve takes off a call that got a token, and wakes the next one.
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

// next returns the call that takes the next token; nil: none waits.
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

// nudge wakes the next call, which may be another one than before.
func (q *queues) nudge(now time.Time) {
	if w := q.next(now); w != nil {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// ahead is how many calls take a token before this one, as far as known.
func (q *queues) ahead(w *waiter) int {
	n := slices.Index(q.calls[w.lane], w)
	if w.lane == Normal {
		n += len(q.calls[Urgent])
	}
	return n
}

// admit takes a token, and waits at most maxAdmissionWait for it and for the
// end of a pause. Only the first of the urgent calls waits for its token as long
// as it takes: if it came back later, others would have taken it.
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

// take takes a token for a call, or returns how long it is to wait, unless it
// is woken, before it asks again. The pause is looked at whenever it asks: it may
// have begun meanwhile.
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

// delay is when there will be a token after so many others, at least a moment.
func (l *Limiter) delay(now time.Time, ahead int) time.Duration {
	missing := float64(ahead+1) - l.bucket.TokensAt(now)
	ns := math.Ceil(missing / float64(l.bucket.Limit()) * 1e9)
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return max(time.Duration(ns), 1)
}
