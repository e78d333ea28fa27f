package jumpcloud

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// patience is how long a read waits for its answer while nothing is known about how slow
	// the organization is. The workers are few and serve all organizations.
	patience = 10 * time.Second
	// missesAllowed is how many attempts in a row may get no answer in time before calls fail
	// at once.
	missesAllowed = 3
	// The wait between two probes of an organization that does not answer doubles from
	// firstRest to longestRest.
	firstRest   = 5 * time.Second
	longestRest = time.Minute
)

var errHanging = errors.New("the latest calls got no answer in time")

// breaker fails calls at once while their organization does not answer. Then it admits one
// read at a time as a probe, which may take the whole timeout. Mutating calls are never
// probes: their outcome would be unknown. It is safe for concurrent use; the zero value is
// ready.
type breaker struct {
	mu      sync.Mutex
	misses  int           // attempts in a row that got no answer in time
	missed  time.Time     // when the latest of them ended
	rest    time.Duration // the wait after the latest probe
	next    time.Time     // when the next probe may be sent
	probing bool
	slowest time.Duration // how long the latest probe took
}

// trial is one attempt.
type trial struct {
	breaker *breaker
	probe   bool
	began   time.Time
	limit   time.Duration
}

// begin admits an attempt that may take up to timeout, or fails it.
func (b *breaker) begin(mutating bool, timeout time.Duration) (*trial, *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &trial{breaker: b, began: time.Now(), limit: timeout}
	switch {
	case b.misses < missesAllowed && mutating:
	case b.misses < missesAllowed:
		t.limit = min(timeout, max(patience, 2*b.slowest))
	case mutating || !b.due(t.began):
		return nil, b.hanging(mutating, t.began)
	default:
		t.probe, b.probing = true, true
	}
	return t, nil
}

// due reports whether a probe may be sent.
func (b *breaker) due(now time.Time) bool { return !b.probing && !now.Before(b.next) }

func (b *breaker) hanging(mutating bool, now time.Time) *Error {
	class := Unavailable
	if mutating {
		class = NotSent
	}
	return &Error{Class: class, RetryAfter: max(b.next.Sub(now), time.Second), Err: errHanging}
}

// end records the result of an attempt. An attempt that failed early, or that the caller gave
// up early, proves nothing; but a probe that failed early held no worker, so others may try.
// Attempts that waited side by side count once: when a frozen process wakes up, all of its
// attempts time out at once.
func (t *trial) end(answered bool) {
	b, now := t.breaker, time.Now()
	took := now.Sub(t.began)
	missed := !answered && took >= min(t.limit, patience)
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.probe {
		b.probing = false
		b.slowest = took
	}
	switch {
	case answered:
		b.misses, b.rest = 0, 0
	case missed && t.began.Before(b.missed):
		return
	case missed:
		b.misses++
		b.missed = now
	case t.probe:
		b.misses = missesAllowed - 1
	}
	if missed && b.misses >= missesAllowed && (t.probe || b.misses == missesAllowed) {
		b.rest = min(max(2*b.rest, firstRest), longestRest)
		b.next = now.Add(b.rest)
	}
}

// awaken makes sure that the organization answers before a mutating call is announced. If the
// latest calls got no answer and a probe is due, it probes with a read.
func (c *Client) awaken(ctx context.Context) *Error {
	b := &c.limiter.breaker
	b.mu.Lock()
	now := time.Now()
	hanging, due := b.misses >= missesAllowed, b.due(now)
	refusal := b.hanging(true, now)
	b.mu.Unlock()
	if !hanging {
		return nil
	}
	if !due {
		return refusal
	}
	_, err := c.ListOrganizations(ctx)
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return nil
	}
	if failure.Class == Unavailable {
		failure.Class = NotSent
	}
	return failure
}
