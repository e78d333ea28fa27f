package jumpcloud

import (
	"context"
	"time"
)

// Admission is a token of the organization's limiter, for one call. With the zero value, the
// call takes a token itself.
type Admission struct {
	taken bool
}

// Submission is what a mutating call needs, because none may be repeated before its outcome is
// known.
type Submission struct {
	// Admission was taken before the intent was recorded. The call takes no second token, but
	// if a pause has begun meanwhile it fails with RateLimited, and nothing is sent.
	Admission Admission
	// Deadline is the last instant at which a byte of the request may be written. Each write
	// to the network connection checks it on the wall clock and on the monotonic clock: a
	// process that was frozen past it sends nothing (NotSent), or not the rest (Unknown). The
	// answer may take up to Options.Timeout after the call began. The zero value has passed
	// already.
	Deadline time.Time
}

// Admit takes a token for a mutating call, and waits at most 2 seconds for it and for the end
// of a pause. If that is not enough, the error is RateLimited with RetryAfter, and no token is
// taken. Waiting urgent calls are admitted before normal ones, even if those came first, and
// the first urgent call waits for its token as long as it takes. The error is NotSent if the
// context ends meanwhile, if the client is ReadOnly, or if the organization does not answer.
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
