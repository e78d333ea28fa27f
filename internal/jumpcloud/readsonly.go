package jumpcloud

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
)

// ReadsOnly is a transport that carries calls that change nothing, and refuses all others. A
// client with credentials for reads only never sends mutating calls, so a refusal here reveals
// a bug in this program. It is safe for concurrent use.
type ReadsOnly struct {
	transport http.RoundTripper
	refused   atomic.Pointer[refusedError]
}

// refusedError is a call that would have changed something.
type refusedError struct{ method, path string }

func (c *refusedError) Error() string {
	return fmt.Sprintf("%s %s may change something, and only reads are allowed here: nothing was sent. This is a mistake in the program, please report it", c.method, c.path)
}

// NewReadsOnly returns a ReadsOnly over another transport.
func NewReadsOnly(transport http.RoundTripper) *ReadsOnly { return &ReadsOnly{transport: transport} }

// RoundTrip implements http.RoundTripper.
func (t *ReadsOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if reads(r) {
		return t.transport.RoundTrip(r)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	refused := &refusedError{r.Method, r.URL.Path}
	t.refused.CompareAndSwap(nil, refused)
	return nil, refused
}

// Refused returns the first call that was refused, as an error, or nil if none was.
func (t *ReadsOnly) Refused() error {
	if refused := t.refused.Load(); refused != nil {
		return refused
	}
	return nil
}

// reads reports whether a request changes nothing: a GET, a HEAD, or a search, which is a POST
// at JumpCloud.
func reads(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPost:
		return path.Clean(r.URL.Path) == r.URL.Path && strings.Contains(r.URL.Path, "/api/search/")
	default:
		return false
	}
}
