package jumpcloud

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxAdmissionWait is how long a caller waits for a token or the end of a pause. Longer
	// waits are errors: a worker that sleeps does no work.
	maxAdmissionWait = 2 * time.Second

	// The first and the longest pause if a 429 states none (observed: JumpCloud states none).
	firstPause = 2 * time.Second
	maxPause   = 2 * time.Minute
	// A 429 means that the limits are higher than JumpCloud's, which are published nowhere. It
	// multiplies the share of them that is used by slowDown, and each success adds speedUp to
	// it, so the rate stays just below the one that is refused. The share never falls below
	// leastShare.
	slowDown   = 0.7
	speedUp    = 0.005
	leastShare = 0.05
	// longestRetryAfter bounds what one answer can ask for. If the limit still holds then, the
	// next calls are answered with 429 again.
	longestRetryAfter = time.Hour
)

var (
	errPaused   = errors.New("paused after too many requests")
	errNoTokens = errors.New("request rate used up")
)

// Limiter is the request limiter of one organization. It also keeps the organization's pause
// after a 429, and holds calls back while the organization does not answer. All clients of the
// organization share it. It is safe for concurrent use.
type Limiter struct {
	bucket *rate.Limiter

	mu      sync.Mutex
	limit   rate.Limit // as set
	burst   int        // as set
	share   float64    // the part of limit and burst that is used, at most 1
	until   time.Time  // end of the pause
	guesses int        // pauses of unstated length since the last success

	waiting queues
	breaker breaker
	used    usage
}

// NewLimiter returns a limiter that admits burst requests at once, at least 1, and
// requestsPerSecond, which must be above 0, in the long run.
func NewLimiter(requestsPerSecond float64, burst int) *Limiter {
	limit := rate.Limit(requestsPerSecond)
	return &Limiter{bucket: rate.NewLimiter(limit, max(burst, 1)), limit: limit, burst: burst, share: 1}
}

// SetLimits changes what NewLimiter set, from the next request on.
func (l *Limiter) SetLimits(requestsPerSecond float64, burst int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit, l.burst = rate.Limit(requestsPerSecond), burst
	l.use(l.share)
	l.waiting.nudge(time.Now())
}

// use applies a share of the limits.
func (l *Limiter) use(share float64) {
	l.share = min(max(share, leastShare), 1)
	l.bucket.SetLimit(l.limit * rate.Limit(l.share))
	l.bucket.SetBurst(max(int(float64(l.burst)*l.share), 1))
}

// PausedFor returns how long the organization stays paused; 0 if it is not.
func (l *Limiter) PausedFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(time.Until(l.until), 0)
}

// paused returns an error if the organization is paused.
func (l *Limiter) paused() *Error {
	if pause := l.PausedFor(); pause > 0 {
		return &Error{Class: RateLimited, RetryAfter: pause, Err: errPaused}
	}
	return nil
}

// pause stops the organization's requests after a 429, for retryAfter. If that is 0, the pause
// is jittered, and doubles until a request succeeds. A pause is never shortened.
func (l *Limiter) pause(retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	// A 429 that arrives during a pause answers a request from before it, and does not count
	// again.
	news := !now.Before(l.until)
	if news {
		l.use(l.share * slowDown)
	}
	if retryAfter <= 0 {
		if !news {
			return
		}
		limit := min(firstPause<<min(l.guesses, 16), maxPause)
		retryAfter = limit/2 + rand.N(limit/2)
		l.guesses++
	}
	if until := now.Add(retryAfter); until.After(l.until) {
		l.until = until
	}
}

// succeeded makes the next pause short again, and raises the rate a little. A success that
// arrives during a pause was sent before it, and proves nothing.
func (l *Limiter) succeeded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !time.Now().Before(l.until) {
		l.guesses = 0
		if l.share < 1 {
			l.use(l.share + speedUp)
		}
	}
}

// sleep waits for d or the end of the context, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
