package jumpcloudtest

import (
	"sync"
	"time"
)

// Point is a moment in the life of a request.
type Point string

const (
	// BeforeEffect is when the request has arrived but has had no effect.
	BeforeEffect Point = ""
	// AfterEffect is when the request has been carried out but not answered.
	AfterEffect Point = "afterEffect"
)

// Hold stops requests at a Point until it is released. A held request continues even if its
// client has gone away, so that its effect can come after a time-out.
type Hold struct {
	server *Server
	number int // in the control API
	match  Match
	point  Point
	counter
	arrived  chan Request
	released chan struct{}
	release  func()
	lapse    time.Duration
}

// Hold stops the requests that match, each at point, until Release or Server.Close. Requests
// refused by the rate limit are not held.
func (s *Server) Hold(m Match, point Point) *Hold {
	released := make(chan struct{})
	h := &Hold{
		server: s, match: m, point: point,
		arrived:  make(chan Request),
		released: released,
		release:  sync.OnceFunc(func() { close(released) }),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbered++
	h.number = s.numbered
	s.holds = append(s.holds, h)
	return h
}

// LostAfter makes a request lost that is held for longer than d before its effect: it is never
// carried out, and its connection is reset. Call it before requests arrive.
func (h *Hold) LostAfter(d time.Duration) *Hold {
	h.lapse = d
	return h
}

// Arrived delivers each held request once it has reached the point.
func (h *Hold) Arrived() <-chan Request { return h.arrived }

// Caught returns how many requests the hold has caught. Some may not have reached the point
// yet.
func (h *Hold) Caught() int {
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	return h.caught
}

// Release lets the held requests continue and ends the hold. It may be called more than once.
func (h *Hold) Release() {
	h.server.mu.Lock()
	h.server.holds = without(h.server.holds, h)
	h.server.mu.Unlock()
	h.release()
}

func (s *Server) heldBy(r Request) []*Hold {
	var holds []*Hold
	for _, hold := range s.holds {
		if hold.catches(hold.match, r) {
			holds = append(holds, hold)
		}
	}
	return holds
}

// holdAt blocks while a hold stops the request at this point, even after the client has gone
// away.
func (s *Server) holdAt(x *exchange, point Point) {
	for _, hold := range x.holds {
		if hold.point != point {
			continue
		}
		s.mu.Lock()
		snapshot := *x.record
		s.mu.Unlock()
		began, arrived := time.Now(), hold.arrived
		for waiting := true; waiting; {
			select {
			case arrived <- snapshot:
				arrived = nil
			case <-hold.released:
				waiting = false
			case <-s.closed:
				waiting = false
			}
		}
		if point == BeforeEffect && hold.lapse > 0 && time.Since(began) > hold.lapse {
			x.fault = &Script{server: s, fault: Fault{Kind: FaultReset}}
		}
	}
}
