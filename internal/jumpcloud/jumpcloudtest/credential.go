package jumpcloudtest

import (
	"cmp"
	"crypto/rand"
	"errors"
	"maps"
	"time"
)

// Credential is an administrator's API key, or a service account.
type Credential struct {
	// APIKey is the value of x-api-key.
	APIKey string `json:"apiKey,omitempty"`
	// ClientID and ClientSecret are a service account's, instead of APIKey.
	ClientID     string `json:"clientID,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
	// Organizations are the ids of those that it may act on; at least one.
	Organizations []string `json:"organizations"`
	// MultiTenant credentials must send x-org-id. Several Organizations imply it.
	MultiTenant bool `json:"multiTenant,omitempty"`
	// ReadOnly credentials get 403 for writes.
	ReadOnly bool `json:"readOnly,omitempty"`
	// ExpiresAt is when the key or account stops working. Zero: never.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// TokenLifetime is how long a service account's tokens are valid. 0: 3599 s.
	TokenLifetime time.Duration `json:"-"`
	// Email is that of the administrator, who gets the job summaries. "": admin@example.org.
	Email string `json:"email,omitempty"`
}

func (c *Credential) multiTenant() bool { return c.MultiTenant || len(c.Organizations) > 1 }

func (c *Credential) validAt(now time.Time) bool {
	return c.ExpiresAt.IsZero() || now.Before(c.ExpiresAt)
}

// credentials are the ones that have been added and not revoked.
type credentials struct {
	keys     map[string]*Credential
	accounts map[string]*Credential // by client id
	tokens   map[string]token
}

type token struct {
	account *Credential
	expires time.Time
}

func newCredentials() credentials {
	return credentials{keys: map[string]*Credential{}, accounts: map[string]*Credential{}, tokens: map[string]token{}}
}

func (c *credentials) byToken(text string, now time.Time) *Credential {
	t, ok := c.tokens[text]
	if !ok || !now.Before(t.expires) || !t.account.validAt(now) {
		return nil
	}
	return t.account
}

func (c *credentials) byKey(key string, now time.Time) *Credential {
	if found := c.keys[key]; found != nil && found.validAt(now) {
		return found
	}
	return nil
}

func (c *credentials) issue(account *Credential, now time.Time) (text string, lifetime time.Duration) {
	lifetime = account.TokenLifetime
	if lifetime == 0 {
		lifetime = 3599 * time.Second
	}
	text = rand.Text()
	c.tokens[text] = token{account, now.Add(lifetime)}
	return text, lifetime
}

// AddCredential makes a credential valid. It replaces one with the same key or client id. It
// panics unless there is either a key or a client id, but not both, and at least one
// organization.
func (s *Server) AddCredential(c Credential) {
	if err := s.addCredential(c); err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
}

func (s *Server) addCredential(c Credential) error {
	if (c.APIKey == "") == (c.ClientID == "") || len(c.Organizations) == 0 {
		return errors.New("a credential needs either a key or a client id, and organizations")
	}
	c.Email = cmp.Or(c.Email, "admin@example.org")
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.APIKey != "" {
		s.credentials.keys[c.APIKey] = &c
	} else {
		s.credentials.accounts[c.ClientID] = &c
	}
	return nil
}

// RevokeCredential makes an API key, or a service account (by client id) with
// all its tokens, invalid.
func (s *Server) RevokeCredential(keyOrClientID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.credentials.keys, keyOrClientID)
	delete(s.credentials.accounts, keyOrClientID)
	maps.DeleteFunc(s.credentials.tokens, func(_ string, t token) bool {
		return t.account.ClientID == keyOrClientID
	})
}

// ExpireTokens makes all tokens issued so far invalid.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.credentials.tokens)
}
