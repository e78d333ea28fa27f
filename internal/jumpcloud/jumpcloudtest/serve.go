package jumpcloudtest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestBody has room for more than 800 rows of 64 KiB, in bytes.
const longestBody = 64 << 20

// ServeHTTP answers one request: it records the request, may limit, hold or spoil it, carries
// it out, may hold it again, and answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if err != nil {
		// The request did not arrive completely, so it cannot have had an effect.
		panic(http.ErrAbortHandler)
	}
	x := s.arrive(r, body)
	s.wait(r, x.behavior.Latency)
	s.holdAt(x, BeforeEffect)
	if x.fault != nil && !x.fault.commits() {
		s.spoil(w, x)
		return
	}
	s.carryOut(x)
	s.holdAt(x, AfterEffect)
	if x.fault != nil {
		s.spoil(w, x)
		return
	}
	s.finish(x, x.Code, x.Header())
	x.send(w)
}

// arrive records the request, identifies the caller, and decides which limits, faults and holds
// apply to the request.
func (s *Server) arrive(r *http.Request, body []byte) *exchange {
	now := s.lock()
	defer s.mu.Unlock()
	x := newExchange(s, r, body, now)
	x.caller = s.identify(r, now)
	x.behavior = s.behavior
	if c := x.caller.credential; c != nil {
		x.record.Administrator = c.Email
	}
	if o := x.org(); o != nil {
		x.record.Organization = o.id
		x.behavior = o.behavior
		x.limited = !o.admits(time.Now())
	}
	s.history.add(x.record)
	if x.limited {
		return x
	}
	x.fault = s.caughtBy(*x.record)
	x.holds = s.heldBy(*x.record)
	return x
}

// carryOut runs the request and records the answer it should get.
func (s *Server) carryOut(x *exchange) {
	x.now = s.lock()
	defer s.mu.Unlock()
	if o := x.org(); o != nil {
		x.behavior = o.behavior // it may have been held for a long time
	}
	switch {
	case x.limited:
		x.tooManyRequests()
	case x.behavior.Blocked:
		x.refuse(refuse(403, "this address has been blocked"))
	case x.caller.problem != nil:
		x.refuse(x.caller.problem)
	case x.caller.redirect != "":
		x.Header().Set("Location", x.caller.redirect)
		x.WriteHeader(http.StatusFound)
	default:
		s.api.ServeHTTP(x, x.request)
	}
}

func (x *exchange) tooManyRequests() {
	if wait := x.behavior.RetryAfter; wait > 0 {
		x.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	body, contentType := standardBody(x.behavior.RateLimitBody, http.StatusTooManyRequests)
	if contentType != "" {
		x.Header().Set("Content-Type", contentType)
	}
	x.WriteHeader(http.StatusTooManyRequests)
	_, _ = x.WriteString(body)
}

// finish records the answer before it is sent, so that a client that has the answer finds it
// in the history.
func (s *Server) finish(x *exchange, status int, header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.record.Status = status
	x.record.Duration = time.Since(x.record.At)
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		x.record.RetryAfter = time.Duration(seconds) * time.Second
	}
}

// wait waits for the latency, unless the client goes away or the Server is closed.
func (s *Server) wait(r *http.Request, latency time.Duration) {
	if latency <= 0 {
		return
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closed:
	}
}
