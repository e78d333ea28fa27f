package jumpcloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"syscall"
	"time"
)

var (
	errUnreadable   = errors.New("the answer cannot be read")
	errNotJSON      = errors.New("the answer is not JSON")
	errRedirect     = errors.New("redirects are not followed")
	errTimeout      = errors.New("timed out")
	errNoHost       = errors.New("no such host")
	errCertificate  = errors.New("the server's certificate is not trusted")
	errDisconnected = errors.New("the connection was closed")
	errConnection   = errors.New("connection failed")
)

// unauthorized returns the error of a call whose credentials could not be prepared. Nothing
// was sent.
func (r *request) unauthorized(err error) *Error {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		failure = &Error{Class: Unavailable, Err: cause(err)}
	}
	if failure.Class == Unavailable && r.mutating {
		failure.Class = NotSent
	}
	return r.name(failure)
}

// unanswered returns the error of an attempt that got no HTTP answer.
func (r *request) unanswered(ctx context.Context, send *sendDeadline, err error) *Error {
	switch {
	case send == nil:
		failure := r.fail(Unavailable, 0, cause(err))
		failure.transient = ctx.Err() == nil
		return failure
	case send.seal():
		return r.fail(Unknown, 0, cause(err))
	default:
		return r.fail(NotSent, 0, cause(err))
	}
}

// accept decodes the answer into r.out, or returns what is wrong with it.
func (r *request) accept(ctx context.Context, answer *http.Response, body []byte, bodyErr error) *Error {
	code := answer.StatusCode
	if code < 200 || code > 299 {
		return r.rejected(answer)
	}
	if bodyErr != nil {
		failure := r.fail(r.unsettled(), code, cause(bodyErr))
		failure.transient = ctx.Err() == nil && !errors.Is(bodyErr, errTooLarge)
		return failure
	}
	body = bytes.TrimSpace(body)
	if r.out == nil {
		// Some answers are documented as text or as empty; an HTML page does not come from
		// JumpCloud's API.
		if bytes.HasPrefix(body, []byte("<")) {
			return r.fail(r.unsettled(), code, errNotJSON)
		}
		return nil
	}
	if len(body) > 0 && body[0] != '{' && body[0] != '[' && string(body) != "null" {
		failure := r.fail(r.unsettled(), code, errNotJSON)
		failure.possiblyAuth = !r.mutating
		return failure
	}
	if err := json.Unmarshal(body, r.out); err != nil {
		return r.fail(r.unsettled(), code, errUnreadable)
	}
	if out, ok := r.out.(validator); ok && !out.valid() {
		return r.fail(r.unsettled(), code, errUnreadable)
	}
	if r.total != nil {
		*r.total = totalCount(answer.Header)
	}
	return nil
}

// validator is an answer that knows what it must contain. Other JSON must not pass for a user
// or for an empty list.
type validator interface {
	valid() bool
}

// anyShown reports whether a list is empty or has at least one record of its kind. Other JSON
// must not pass for a list whose records cannot be read.
func anyShown[T any](records []T) bool {
	for i := range records {
		if record, ok := any(&records[i]).(interface{ shows() bool }); !ok || record.shows() {
			return true
		}
	}
	return len(records) == 0
}

// unsettled returns the class of a call whose outcome JumpCloud did not report.
func (r *request) unsettled() Class {
	if r.mutating {
		return Unknown
	}
	return Unavailable
}

// rejected returns the error for an answer other than a 2xx.
func (r *request) rejected(answer *http.Response) *Error {
	code := answer.StatusCode
	switch {
	case code == http.StatusUnauthorized:
		return r.fail(Auth, code, nil)
	case code == http.StatusTooManyRequests:
		return r.fail(RateLimited, code, nil)
	case code >= 300 && code <= 399:
		failure := r.fail(NotSent, code, errRedirect)
		failure.possiblyAuth = true
		failure.toLogin = leadsToLogin(answer.Header.Get("Location"))
		return failure
	case code >= 400 && code <= 499 && code != http.StatusRequestTimeout:
		return r.fail(Refused, code, nil)
	default:
		failure := r.fail(r.unsettled(), code, nil)
		failure.RetryAfter = retryAfter(answer.Header, time.Now())
		failure.transient = code == http.StatusBadGateway ||
			code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout
		return failure
	}
}

func leadsToLogin(location string) bool {
	u, err := url.Parse(location)
	return err == nil && path.Base(u.Path) == "login"
}

// cause reduces an error of net/http to one of a few with fixed wording. The originals quote
// URLs with their queries, local ports, and what the peer sent.
func cause(err error) error {
	var (
		number    syscall.Errno
		dns       *net.DNSError
		network   net.Error
		untrusted *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, errPastDeadline), errors.Is(err, errGivenUp):
		return errPastDeadline
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &dns):
		return errNoHost
	case errors.As(err, &untrusted):
		return errCertificate
	case errors.As(err, &number):
		return number
	case errors.As(err, &network) && network.Timeout():
		return errTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return errDisconnected
	default:
		return errConnection
	}
}
