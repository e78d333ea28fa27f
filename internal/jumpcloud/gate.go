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
	// maxAdmissionWait is how long a caller is kept waiting for a token or the
	// end of a pause. Longer waits are errors: a worker that sleeps serves nobody.
	maxAdmissionWait = 2 * time.Second

	// Pauses where a 429 names none (observed: JumpCloud names none).
	firstPause = 2 * time.Second
	maxPause   = 2 * time.Minute
	// A 429 says that the limits are higher than JumpCloud's, which are published
	// nowhere. They are cut by slowDown, and each success gives speedUp of them
	// back: so the rate stays close below the one that is refused.
	slowDown   = 0.7
	speedUp    = 0.005
	leastShare = 0.05
	// longestRetryAfter bounds what one answer can ask for. The calls after it
	// are answered 429 again if the limit still holds.
	longestRetryAfter = time.Hour
)

var (
	errPaused   = errors.New("paused after too many requests")
	errNoTokens = errors.New("request rate used up")
)

// Gate is the request limiter of one organization, its pause after a 429, and
// what keeps calls from it while it does not answer.
// All clients of the organization share it. It is safe for concurrent use.
type Gate struct {
	limiter *rate.Limiter

	mu      sync.Mutex
	limit   rate.Limit // as set
	burst   int        // as set
	share   float64    // of limit and burst that is used, at most 1
	until   time.Time  // end of the pause
	guesses int        // pauses of our own choice since the last success

	waiting queues
	breaker breaker
}

// NewGate returns a gate that admits burst requests at once, at least 1, and
// requestsPerSecond, above 0, in the long run.
func NewGate(requestsPerSecond float64, burst int) *Gate {
	limit := rate.Limit(requestsPerSecond)
	return &Gate{limiter: rate.NewLimiter(limit, max(burst, 1)), limit: limit, burst: burst, share: 1}
}

// SetLimits changes what NewGate set, from the next request on.
func (g *Gate) SetLimits(requestsPerSecond float64, burst int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit, g.burst = rate.Limit(requestsPerSecond), burst
	g.use(g.share)
	g.waiting.nudge(time.Now())
}

// use makes a share of the limits the ones that hold.
func (g *Gate) use(share float64) {
	g.share = min(max(share, leastShare), 1)
	g.limiter.SetLimit(g.limit * rate.Limit(g.share))
	g.limiter.SetBurst(max(int(float64(g.burst)*g.share), 1))
}

// PausedFor returns how long the organization stays paused; 0 is no pause.
func (g *Gate) PausedFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.until), 0)
}

// paused returns an error if the organization is paused.
func (g *Gate) paused() *Error {
	if pause := g.PausedFor(); pause > 0 {
		return &Error{Class: RateLimited, RetryAfter: pause, Err: errPaused}
	}
	return nil
}

// pause stops the organization's requests after a 429, for retryAfter, or if
// that is 0 for a jittered time that doubles until a request succeeds. A pause
// is never shortened.
func (g *Gate) pause(retryAfter time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	// The answer to a request that was sent before the pause is no news.
	news := !now.Before(g.until)
	if news {
		g.use(g.share * slowDown)
	}
	if retryAfter <= 0 {
		if !news {
			return
		}
		limit := min(firstPause<<min(g.guesses, 16), maxPause)
		retryAfter = limit/2 + rand.N(limit/2)
		g.guesses++
	}
	if until := now.Add(retryAfter); until.After(g.until) {
		g.until = until
	}
}

// succeeded makes the next pause short again, and the rate a little higher. A
// success that comes in during a pause was sent before it, and says nothing.
func (g *Gate) succeeded() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !time.Now().Before(g.until) {
		g.guesses = 0
		if g.share < 1 {
			g.use(g.share + speedUp)
		}
	}
}

// sleep waits for d or the end of the context, and returns its error.
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
