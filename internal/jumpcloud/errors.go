package jumpcloud

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Class says what an error means for the caller. Only this package decides it.
//
// A mutating call was certainly not processed unless its error is Unknown. It
// is never Unavailable. A read is never Unknown.
type Class int

const (
	// Unknown is a mutating call that was written, at least in part, and got no definite
	// answer: a timeout, a reset, a 5xx, a 408, an answer that cannot be read. It may or may
	// not have taken effect. It is the zero value and the class of errors that are not from
	// this package, because mistaking an unknown outcome for a known one would send a job
	// twice.
	Unknown Class = iota
	// NotSent is a call of which nothing was sent, or that was answered with a redirect
	// (observed: requests without credentials are redirected to /login). Nothing was
	// processed.
	NotSent
	// Refused is a definite no, which the same call would get again: a 4xx other than 401, 408
	// and 429, or input that this client refuses.
	Refused
	// RateLimited is a paused organization, a lack of tokens, or a 429, which counts as "not
	// processed" (assumed; other clients do the same). See Error.RetryAfter.
	RateLimited
	// Unavailable is a read with a transient failure: connection errors, 5xx, unreadable
	// answers, an OAuth token endpoint that does not answer.
	Unavailable
	// Auth is a 401, or an OAuth token endpoint that rejects the client. Only
	// ListOrganizations is proof that the credentials are rejected.
	Auth
)

// String returns the name of the class.
func (c Class) String() string {
	names := [...]string{"Unknown", "NotSent", "Refused", "RateLimited", "Unavailable", "Auth"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("Class(%d)", int(c))
	}
	return names[c]
}

// Error is the error of every call. Its text is stable for a given failure. Of JumpCloud's
// answer and of the request it holds only the status code, so it may be logged and put into
// conditions.
type Error struct {
	Class Class
	// Op is the method of Client.
	Op string
	// Method and Endpoint are the HTTP method and the path's template.
	Method, Endpoint string
	// StatusCode is the HTTP status; 0 if there was no answer.
	StatusCode int
	// RetryAfter is the minimum time to wait before calling again; 0 if that is not known.
	RetryAfter time.Duration
	// Err is the cause, with fixed wording, or nil. It is never an error of net/http, whose
	// texts quote queries and what the peer sent.
	Err error

	message      string
	purpose      Purpose
	possiblyAuth bool
	toLogin      bool
	transient    bool // the read may be repeated at once
}

// Error returns the operation, the endpoint's template, the class and the status code.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Endpoint != "" {
		fmt.Fprintf(&b, ": %s %s", e.Method, e.Endpoint)
	}
	fmt.Fprintf(&b, ": %s", e.Class)
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": %s", strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %s", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause, so that errors.Is finds context errors.
func (e *Error) Unwrap() error { return e.Err }

// Message returns what JumpCloud's answer says is wrong: one line of at most 256 bytes, with
// the credentials and the passwords of the request masked; "" if it says nothing. It may still
// quote what was sent, so it belongs in ledgers only: never in a log, an event or a condition.
func (e *Error) Message() string { return e.message }

// ClassOf returns the class of an error of this package, and Unknown for any
// other.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Unknown
}

// IsNotFound reports whether JumpCloud answered 404.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusNotFound
}

// IgnoreNotFound returns nil for a 404, and err otherwise: what is to be deleted and does not
// exist is as wanted.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// StatusOf returns the HTTP status of JumpCloud's answer, or 0 if err has none.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode
	}
	return 0
}

// IsAlreadyExists reports whether JumpCloud refused to create something that exists already: a
// 409, or a 400 that says so. Which of them a user group gets is unknown.
func IsAlreadyExists(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.StatusCode == http.StatusConflict ||
		e.StatusCode == http.StatusBadRequest && strings.EqualFold(e.message, "Already Exists"))
}

// IsGroupNotFound reports whether JumpCloud does not know the group whose member was to be
// added or removed. That is a 400 with a text of its own: a 404 there is about the user
// (observed).
func IsGroupNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusBadRequest && strings.EqualFold(e.message, "user_group not found")
}

// IsForbidden reports whether JumpCloud answered 403: the credentials may not
// do this, or JumpCloud blocks the caller's address.
func IsForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusForbidden
}

// PossiblyAuth reports whether the answer is one that rejected credentials get (documented,
// observed): a 401, a redirect, or on a read a 2xx that is not JSON. Others may get it too,
// for instance from proxies: ask ListOrganizations.
func PossiblyAuth(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Class == Auth || e.possiblyAuth)
}

// except returns nil for an answer with this status code, and err otherwise.
func except(statusCode int, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.StatusCode == statusCode {
		return nil
	}
	return err
}

// rejectedAtLogin turns a redirect to the login page into Auth.
func rejectedAtLogin(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.toLogin {
		rejected := *e
		rejected.Class = Auth
		return &rejected
	}
	return err
}
