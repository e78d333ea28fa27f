package jumpcloud

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options configure a Client.
type Options struct {
	// BaseURL is scheme://host[/prefix], without /api. See the function BaseURL.
	BaseURL string
	// Credentials is the result of APIKey, ServiceAccount, Separate or Unusable.
	Credentials Credentials
	// OrganizationID is sent as x-org-id wherever that is accepted. If it is empty, it is not
	// sent, and JumpCloud may refuse the credentials of a multi-tenant administrator.
	OrganizationID string
	// Limiter is shared by all clients of the organization. If it is nil, the client has its
	// own, with 10 requests a second and a burst of 20.
	Limiter *Limiter
	// Timeout bounds one HTTP attempt, from the connection to the end of the answer, and one
	// request for a token. 0 means 40 seconds.
	Timeout time.Duration
	// UserAgent is sent unless it is empty.
	UserAgent string
	// Transport carries the requests. Only a *Transport, or a transport that passes requests
	// on to one, can enforce Submission.Deadline in the write itself and know what was not
	// sent. With any other, the deadline is checked before the request is handed over, and
	// every later failure is Unknown. nil means NewTransport().
	Transport http.RoundTripper
	// Observe, if not nil, is called after each HTTP attempt, by the goroutine of the call. It
	// must not block.
	Observe func(Call)
}

// Call describes one HTTP attempt for metrics.
type Call struct {
	Method string
	// Endpoint is the path's template, such as /bulk/users/{job_id}/results.
	Endpoint string
	// Code is the HTTP status, or 0 if there was no answer.
	Code int
	// Duration is the time until the answer was read.
	Duration time.Duration
	// RateLimited is set if the answer was 429.
	RateLimited bool
}

// Client calls JumpCloud for one organization. It is immutable and safe for concurrent use.
// Each call takes a token of the Limiter and fails with *Error.
type Client struct {
	base           *url.URL
	credentials    authorizers
	organizationID string
	limiter        *Limiter
	timeout        time.Duration
	userAgent      string
	transport      http.RoundTripper
	observe        func(Call)
}

// New returns a client. It does no I/O and does not read the environment.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" ||
		base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("base URL: want scheme://host[/prefix]")
	}
	base = base.JoinPath("api")
	if o.Credentials == nil {
		return nil, errNoCredentials
	}
	if !isHeaderValue(o.OrganizationID) {
		return nil, errors.New("organization id: characters that no header may hold")
	}
	if o.Limiter == nil {
		o.Limiter = NewLimiter(10, 20)
	}
	if o.Timeout <= 0 {
		o.Timeout = 40 * time.Second
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	if o.Observe == nil {
		o.Observe = func(Call) {}
	}
	credentials, err := o.Credentials.authorizers(o.Transport, o.Timeout)
	if err != nil {
		return nil, err
	}
	return &Client{
		base:           base,
		credentials:    credentials,
		organizationID: o.OrganizationID,
		limiter:        o.Limiter,
		timeout:        o.Timeout,
		userAgent:      o.UserAgent,
		transport:      o.Transport,
		observe:        o.Observe,
	}, nil
}

// CloseIdleConnections closes the transport's idle connections, for when the client is
// replaced. The client stays usable.
func (c *Client) CloseIdleConnections() {
	if closer, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// String returns where the client's requests go. Without it, fmt would print the credentials.
func (c Client) String() string { return "client of " + c.base.String() }

// GoString returns what String returns.
func (c Client) GoString() string { return c.String() }

// isHeaderValue reports whether net/http accepts s in a header. net/http would refuse it only
// when a call is made, long after the mistake.
func isHeaderValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
