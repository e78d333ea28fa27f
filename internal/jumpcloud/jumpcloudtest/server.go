package jumpcloudtest

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Server is a simulated JumpCloud. Its methods may be called from several goroutines, at any
// time, but not from the Where functions given to it.
type Server struct {
	clock   *Clock
	api     http.Handler
	control http.Handler
	closed  chan struct{}
	close   func()

	mu            sync.Mutex // guards everything below, and all organizations
	behavior      Behavior
	organizations []*Organization
	credentials   credentials
	ids           idSource
	random        *rand.Rand
	history       history
	scripts       []*Script
	holds         []*Hold
	numbered      int    // number of faults and holds so far
	rowSerial     uint64 // order of the rows of all jobs
}

// Option changes a new Server.
type Option func(*Server)

// WithClock sets the Server's clock; the default is real time.
func WithClock(c *Clock) Option { return func(s *Server) { s.clock = c } }

// WithBehavior sets the behaviour of organizations added later, and of requests to no
// organization.
func WithBehavior(b Behavior) Option { return func(s *Server) { s.behavior = b } }

// WithHistoryLimit keeps only the last n requests. By default all are kept.
func WithHistoryLimit(n int) Option { return func(s *Server) { s.history.limit = n } }

// New returns a Server without organizations. Its random choices are the same in every run.
func New(options ...Option) *Server {
	closed := make(chan struct{})
	s := &Server{
		clock:       NewClock(),
		closed:      closed,
		close:       sync.OnceFunc(func() { close(closed) }),
		credentials: newCredentials(),
		random:      rand.New(rand.NewPCG(1, 2)),
	}
	for _, option := range options {
		option(s)
	}
	s.api = s.routes()
	s.control = s.controlRoutes()
	return s
}

// Start serves on a loopback address until the end of the test, and returns the base URL:
// scheme, host and port.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		web.Close()
	})
	return web.URL
}

// Close releases held and hanging requests, for ever. Call it before closing an http server,
// which waits for them.
func (s *Server) Close() { s.close() }

// Clock returns the time inside the simulator.
func (s *Server) Clock() *Clock { return s.clock }

// Configure changes the behaviour of all present and future organizations.
func (s *Server) Configure(change func(*Behavior)) {
	s.lock()
	defer s.mu.Unlock()
	change(&s.behavior)
	for _, o := range s.organizations {
		o.configure(change)
	}
}

// Organization returns the organization with this id, or nil.
func (s *Server) Organization(id string) *Organization {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.organization(id)
}

// Organizations returns all organizations in the order in which they were added.
func (s *Server) Organizations() []*Organization {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.organizations)
}

func (s *Server) organization(id string) *Organization {
	for _, o := range s.organizations {
		if o.id == id {
			return o
		}
	}
	return nil
}

// lock locks the Server for reading or changing what organizations contain. It returns the
// time, after everything that is due by then has happened.
func (s *Server) lock() time.Time {
	s.mu.Lock()
	now := s.clock.Now()
	for _, o := range s.organizations {
		o.runDue(now)
	}
	return now
}
