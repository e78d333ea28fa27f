package jumpcloudtest

import (
	"net/http"
	"testing"
	"time"
)

// Server is a simulated JumpCloud. Its methods may be called from several
// goroutines, at any time.
type Server struct{}

// Option changes a new Server.
type Option func(*Server)

// WithClock gives the Server its clock; by default real time.
func WithClock(c *Clock) Option { return func(*Server) {} }

// WithBehavior is the behaviour of organizations added later, and of requests
// that reach none.
func WithBehavior(b Behavior) Option { return func(*Server) {} }

// WithHistoryLimit keeps only the last n requests. By default all are kept.
func WithHistoryLimit(n int) Option { return func(*Server) {} }

// New returns a Server without organizations.
func New(options ...Option) *Server { return &Server{} }

// Start serves on a loopback address until the end of the test, and returns the
// base URL: scheme, host and port.
func (s *Server) Start(t testing.TB) string { return "" }

// Close lets go of held and hanging requests, for ever. Call it before closing
// an http server, which waits for them.
func (s *Server) Close() {}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Clock returns the time inside the simulator.
func (s *Server) Clock() *Clock { return nil }

// Configure changes the behaviour of all organizations, and of those to come.
func (s *Server) Configure(change func(*Behavior)) {}

// Credential is an administrator's API key, or a service account.
type Credential struct {
	// APIKey is the value of x-api-key.
	APIKey string `json:"apiKey,omitempty"`
	// ClientID and ClientSecret are a service account's, instead of APIKey.
	ClientID     string `json:"clientID,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
	// Organizations are the ids of those it may act on.
	Organizations []string `json:"organizations"`
	// MultiTenant credentials must send x-org-id. Implied by several
	// Organizations.
	MultiTenant bool `json:"multiTenant,omitempty"`
	// ReadOnly credentials get 403 for writes.
	ReadOnly bool `json:"readOnly,omitempty"`
	// ExpiresAt is when the key or account stops working. Zero: never.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// TokenLifetime of a service account. 0: 3599 s.
	TokenLifetime time.Duration `json:"-"`
	// Email of the administrator, who gets the job summaries. "": admin@example.org.
	Email string `json:"email,omitempty"`
}

// AddCredential makes a credential valid. One with the same key or client id is
// replaced.
func (s *Server) AddCredential(c Credential) {}

// RevokeCredential makes an API key, or a service account (by client id) with
// all its tokens, invalid.
func (s *Server) RevokeCredential(keyOrClientID string) {}

// ExpireTokens makes all tokens given out so far invalid.
func (s *Server) ExpireTokens() {}
