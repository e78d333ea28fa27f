package jumpcloudtest

import (
	"net/http"
	"time"
)

// Request is one request that reached the simulator, control API excepted.
type Request struct {
	// Number counts from 1 in the order of arrival.
	Number int `json:"number"`
	// At is when it arrived and Duration how long its answer took, in real time.
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"duration"`
	// Organization is the id of the one it acts on; empty if there is none.
	Organization string `json:"organization,omitempty"`

	Method string `json:"method"`
	Path   string `json:"path"`
	// Query is the raw query.
	Query string `json:"query,omitempty"`
	// Header lacks the values of credentials.
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`

	// Status of the answer; 0 while there is none, and for ever if the connection
	// was reset or the request hung.
	Status int `json:"status"`
	// RetryAfter is what a 429 or 503 asked for. 0: nothing.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	// Committed says that the request changed something, or was accepted as a job.
	// It is set before the answer goes out.
	Committed bool `json:"committed"`
	// JobID is the job it was accepted as.
	JobID string `json:"jobID,omitempty"`
}

// Mutating reports whether the request is meant to change users or
// organizations, whatever became of it: searches and token requests are not.
func (r Request) Mutating() bool { return false }

// History returns all requests in the order of arrival.
func (s *Server) History() []Request { return nil }

// MutatingRequests returns the requests for which Mutating holds.
func (s *Server) MutatingRequests() []Request { return nil }

// ForgetHistory drops the requests so far; numbers go on counting.
func (s *Server) ForgetHistory() {}

// RequestsInsideRetryAfter returns the requests to an organization that came
// within the Retry-After of an earlier 429 or 503 of it. Those up to grace after
// that answer do not count: they may have been under way.
func (s *Server) RequestsInsideRetryAfter(grace time.Duration) []Request { return nil }

// PeakRate returns the most requests per second that came to one organization
// within any window of that length.
func (s *Server) PeakRate(organization string, window time.Duration) float64 { return 0 }
