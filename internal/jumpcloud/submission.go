package jumpcloud

import (
	"context"
	"time"
)

// Admission is a token of the organization's limiter, for one call. The zero
// value is none: the call takes its own.
type Admission struct {
	taken bool
}

// Submission is what a mutating call needs, because none may be repeated
// without looking at what became of it.
type Submission struct {
	// Admission was taken before the intent was written down. The call takes
	// no second token, but if a pause has begun meanwhile it fails with
	// RateLimited, and nothing is sent.
	Admission Admission
	// Deadline is the last instant at which a byte of the request may be
	// written. It is checked by the wall clock and by the monotonic clock, in
	// each write to the network connection: a process that was frozen past it
	// sends nothing (NotSent), or not the rest (Unknown). The answer may take
	// until Options.Timeout after the call began. The zero value has passed.
	Deadline time.Time
}

// Admit takes a token for a mutating call, and waits for the end of a pause, at
// most 2 seconds. Where that is not enough, the error is RateLimited with
// RetryAfter, and no token is taken. Urgent calls that wait go before normal
// ones, even if these came first, and the first of them waits for its token however
// long that takes. A context that ends meanwhile is NotSent, and so is a client
// that is ReadOnly, and an organization that does not answer.
func (c *Client) Admit(ctx context.Context, lane Lane) (Admission, error) {
	if err := c.unwritable(); err != nil {
		err.Op = "Admit"
		return Admission{}, err
	}
	if err := c.awaken(ctx); err != nil {
		err.Op = "Admit"
		return Admission{}, err
	}
	if err := c.limiter.admit(ctx, lane); err != nil {
		err.Op = "Admit"
		return Admission{}, err
	}
	return Admission{taken: true}, nil
}
