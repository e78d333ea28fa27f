package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Purpose is what a call needs credentials for.
type Purpose int

const (
	// Reading is the purpose of every call that changes nothing, searches included.
	Reading Purpose = iota
	// Writing is the purpose of mutating calls.
	Writing
)

var (
	errReadOnly = errors.New("there are no credentials for calls that change something")
	errUnusable = errors.New("the credentials for calls that change something are not to be used")
)

// Separate returns credentials that use reading for calls that only read, and writing for
// mutating calls. If writing is nil, mutating calls fail with NotSent.
func Separate(reading, writing Credentials) Credentials { return &separate{reading, writing} }

// Unusable returns credentials that are known to be rejected: calls with them fail with Auth,
// and nothing is sent.
func Unusable() Credentials { return unusable{} }

type separate struct{ reading, writing Credentials }

func (*separate) String() string   { return redacted }
func (*separate) GoString() string { return redacted }

func (s *separate) authorizers(transport http.RoundTripper, timeout time.Duration) (both authorizers, err error) {
	if s.reading == nil {
		return both, errNoCredentials
	}
	read, err := s.reading.authorizers(transport, timeout)
	if err != nil {
		return both, err
	}
	both = authorizers{reading: read.reading, writing: unavailable{NotSent, errReadOnly}}
	if s.writing != nil {
		write, err := s.writing.authorizers(transport, timeout)
		if err != nil {
			return both, err
		}
		both.writing = write.writing
	}
	return both, nil
}

type unusable struct{}

func (unusable) authorizers(http.RoundTripper, time.Duration) (authorizers, error) {
	none := unavailable{Auth, errUnusable}
	return authorizers{none, none}, nil
}

// unavailable stands for credentials with which nothing is sent.
type unavailable struct {
	class Class
	cause error
}

func (u unavailable) authorize(context.Context, http.Header) error { return u.error() }
func (unavailable) renew(http.Header) bool                         { return false }
func (unavailable) secrets() []string                              { return nil }

// error returns a new error each time, because the request completes it with its own data.
func (u unavailable) error() *Error { return &Error{Class: u.class, Err: u.cause, purpose: Writing} }

// ReadOnly reports whether the client has no credentials at all for mutating calls.
func (c *Client) ReadOnly() bool {
	none, ok := c.credentials.writing.(unavailable)
	return ok && none.class == NotSent
}

// MayWrite returns the error with which every mutating call of this client fails before
// anything is sent: NotSent if there are no credentials for it, Auth if they are Unusable.
// Otherwise it returns nil.
func (c *Client) MayWrite() error {
	if err := c.unwritable(); err != nil {
		return err
	}
	return nil
}

func (c *Client) unwritable() *Error {
	none, ok := c.credentials.writing.(unavailable)
	if !ok {
		return nil
	}
	err := none.error()
	err.Op = "MayWrite"
	return err
}

// WithoutWriting returns a client that reads with the same credentials, and whose credentials
// for mutating calls are Unusable.
func (c *Client) WithoutWriting() *Client {
	without := *c
	without.credentials.writing = unavailable{Auth, errUnusable}
	return &without
}

// PurposeOf returns the purpose of the call that failed with err: if PossiblyAuth(err), the
// credentials for that purpose may be rejected.
func PurposeOf(err error) Purpose {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.purpose
	}
	return Reading
}
