package jumpcloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Request is one complete request to the simulator, except to its control API.
type Request struct {
	// Number counts from 1 in the order of arrival.
	Number int `json:"number"`
	// At is when it arrived, and Duration is how long the answer took, in real time.
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"-"`
	// Organization is the id of the organization that it acts on; empty if there is none.
	Organization string `json:"organization,omitempty"`
	// Administrator is the email of the owner of its credentials; empty if they belong to no
	// one.
	Administrator string `json:"administrator,omitempty"`

	Method string `json:"method"`
	Path   string `json:"path"`
	// Query is the raw query.
	Query string `json:"query,omitempty"`
	// Header has *** for credentials. It is shared and must not be changed.
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`

	// Status is the status of the answer; 0 while there is none, and for ever if the
	// connection was reset or the request hung.
	Status int `json:"status"`
	// RetryAfter is the Retry-After of the answer. 0: none.
	RetryAfter time.Duration `json:"-"`
	// Committed reports whether the request changed something, or was accepted as a job. It is
	// set before the answer is sent.
	Committed bool `json:"committed"`
	// JobID is the job, or the scheduled job, that was created for it.
	JobID string `json:"jobID,omitempty"`
}

// Mutating reports whether the request is meant to change something, whatever its outcome:
// searches and token requests are not.
func (r Request) Mutating() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return false
	}
	return r.Path != searchPath && r.Path != tokenPath
}

// history is the list of requests. Equal headers are shared, because one client sends the same
// ones a thousand times.
type history struct {
	requests []*Request
	count    int
	limit    int // 0: none
	header   http.Header
}

func (h *history) add(r *Request) {
	h.count++
	r.Number = h.count
	if maps.EqualFunc(r.Header, h.header, slices.Equal) {
		r.Header = h.header
	}
	h.header = r.Header
	h.requests = append(h.requests, r)
	// Trim only now and then, so that adding stays cheap.
	if h.limit > 0 && len(h.requests) >= 2*h.limit {
		h.requests = slices.Clone(h.last())
	}
}

func (h *history) last() []*Request {
	if h.limit > 0 && len(h.requests) > h.limit {
		return h.requests[len(h.requests)-h.limit:]
	}
	return h.requests
}

func withoutCredentials(header http.Header) http.Header {
	out := header.Clone()
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie"} {
		if _, sent := out[name]; sent {
			out[name] = []string{"***"}
		}
	}
	// It differs from request to request, and can be derived from Body.
	out.Del("Content-Length")
	return out
}

// History returns the requests so far in the order of arrival.
func (s *Server) History() []Request { return s.requests(func(*Request) bool { return true }) }

// MutatingRequests returns the requests for which Mutating is true.
func (s *Server) MutatingRequests() []Request {
	return s.requests(func(r *Request) bool { return r.Mutating() })
}

func (s *Server) requests(wanted func(*Request) bool) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range s.history.last() {
		if wanted(r) {
			out = append(out, *r)
		}
	}
	return out
}

// ForgetHistory drops the requests so far; the numbering continues.
func (s *Server) ForgetHistory() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history.requests = nil
}
