package jumpcloudtest

import (
	"slices"
	"time"
)

// RequestsInsideRetryAfter returns the requests to an organization that arrived within the
// Retry-After of an earlier answer to it. Requests that arrived up to grace after that answer
// do not count: they may have been under way.
func (s *Server) RequestsInsideRetryAfter(grace time.Duration) []Request {
	var early, limits []Request
	for _, r := range s.History() {
		if slices.ContainsFunc(limits, func(limit Request) bool {
			answered := limit.At.Add(limit.Duration)
			return limit.Organization == r.Organization &&
				r.At.After(answered.Add(grace)) && r.At.Before(answered.Add(limit.RetryAfter))
		}) {
			early = append(early, r)
		}
		if r.RetryAfter > 0 {
			limits = append(limits, r)
		}
	}
	return early
}

// PeakRate returns the highest number of requests per second that one organization received
// within any window of that length, which must be positive.
func (s *Server) PeakRate(organization string, window time.Duration) float64 {
	if window <= 0 {
		return 0
	}
	var arrivals []time.Time
	most, first := 0, 0
	for _, r := range s.History() {
		if r.Organization != organization {
			continue
		}
		arrivals = append(arrivals, r.At)
		for r.At.Sub(arrivals[first]) >= window {
			first++
		}
		most = max(most, len(arrivals)-first)
	}
	return float64(most) / window.Seconds()
}
