package jumpcloud

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// readAttempts is the number of attempts of a read.
	readAttempts = 4
	// firstBackoff is the longest wait before the second attempt; it doubles.
	firstBackoff = 500 * time.Millisecond
	// longestBackoff is the longest Retry-After that a read waits out itself.
	longestBackoff = 4 * time.Second

	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

var errTooLarge = errors.New("the answer is too large")

// read makes a call without effect, and repeats it after transient failures: connection
// errors, 502, 503 and 504. Each attempt takes a token. An attempt that timed out is not
// repeated: the caller has waited long enough.
func (c *Client) read(ctx context.Context, r *request) error {
	if err := r.prepare(); err != nil {
		return err
	}
	for backoff, attempt := firstBackoff, 1; ; backoff, attempt = 2*backoff, attempt+1 {
		if err := c.limiter.admit(ctx, Normal); err != nil {
			return r.name(err)
		}
		err := c.exchange(ctx, r, nil)
		if err == nil {
			return nil
		}
		if !err.transient || attempt == readAttempts || err.RetryAfter > longestBackoff {
			return err
		}
		if sleep(ctx, max(err.RetryAfter, rand.N(backoff))) != nil {
			return err
		}
	}
}

// mutate makes a call that must not be repeated: one HTTP attempt, no retry.
func (c *Client) mutate(ctx context.Context, s Submission, r *request) error {
	r.mutating, r.purpose = true, Writing
	if err := r.prepare(); err != nil {
		return err
	}
	if err := c.unwritable(); err != nil {
		return r.name(err)
	}
	if !s.Admission.taken {
		if err := c.limiter.admit(ctx, Normal); err != nil {
			return r.name(err)
		}
	}
	until := newDeadline(s.Deadline)
	if err := c.exchange(ctx, r, &until); err != nil {
		return err
	}
	return nil
}

// exchange makes one HTTP attempt. It makes a second one only after a 401 to a credential that
// can be renewed: a request that was answered with 401 was not processed.
func (c *Client) exchange(ctx context.Context, r *request, until *deadline) *Error {
	header, err := c.attempt(ctx, r, until)
	if err != nil && err.StatusCode == http.StatusUnauthorized && c.credentials.of(r.purpose).renew(header) {
		_, err = c.attempt(ctx, r, until)
	}
	return err
}

// attempt makes one HTTP attempt, unless the organization does not answer. It also returns the
// request's header, for renew.
func (c *Client) attempt(ctx context.Context, r *request, until *deadline) (http.Header, *Error) {
	trial, err := c.limiter.breaker.begin(r.mutating, c.timeout)
	if err != nil {
		return nil, r.name(err)
	}
	ctx, cancel := context.WithTimeout(ctx, trial.limit)
	defer cancel()
	header, answered, err := c.try(ctx, r, until)
	trial.end(answered)
	return header, err
}

// try sends the request once and reads the answer. answered reports whether a whole answer
// arrived, whatever it says.
func (c *Client) try(ctx context.Context, r *request, until *deadline) (header http.Header, answered bool, _ *Error) {
	if err := c.limiter.paused(); err != nil { // A pause may have begun after the token was taken.
		return nil, false, r.name(err)
	}
	hr, err := c.build(ctx, r)
	if err != nil {
		return nil, false, r.fail(Refused, 0, err)
	}
	if err := c.credentials.of(r.purpose).authorize(ctx, hr.Header); err != nil {
		return nil, false, r.unauthorized(err)
	}
	var send *sendDeadline
	if until != nil {
		if until.passed(time.Now()) {
			return nil, false, r.fail(NotSent, 0, errPastDeadline)
		}
		send = &sendDeadline{deadline: *until}
		hr = hr.WithContext(withSendDeadline(ctx, send))
	}

	began := time.Now()
	answer, err := c.transport.RoundTrip(hr)
	if err != nil {
		c.observe(Call{Method: r.method, Endpoint: r.endpoint, Duration: time.Since(began)})
		return hr.Header, false, r.unanswered(ctx, send, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, bodyErr := readBody(answer)
	code := answer.StatusCode
	c.observe(Call{
		Method: r.method, Endpoint: r.endpoint, Code: code, Duration: time.Since(began),
		RateLimited: code == http.StatusTooManyRequests,
	})
	switch {
	case code >= 200 && code <= 299:
		c.limiter.succeeded()
	case code == http.StatusTooManyRequests:
		c.limiter.pause(retryAfter(answer.Header, time.Now()))
	}
	failure := r.accept(ctx, answer, body, bodyErr)
	if failure != nil {
		failure.message = message(answer.Header, body, code, append(c.credentials.secrets(), r.secrets...))
		if failure.Class == RateLimited {
			failure.RetryAfter = c.limiter.PausedFor()
		}
	}
	return hr.Header, bodyErr == nil, failure
}

// readBody reads the answer up to a limit. Reading to the end lets the connection be reused.
// For errors, whatever lies beyond the limit does not matter.
func readBody(answer *http.Response) ([]byte, error) {
	if answer.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody))
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, err
}
