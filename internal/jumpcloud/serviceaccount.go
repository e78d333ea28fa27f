package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokenSkew is how long before its expiry a token is no longer used (observed: JumpCloud's own
// clients do so).
const tokenSkew = 30 * time.Second

var (
	errTokenRejected    = errors.New("the token endpoint rejects the client")
	errTokenUnavailable = errors.New("no token from the token endpoint")
)

// ServiceAccountOptions identify a service account.
type ServiceAccountOptions struct {
	// TokenURL is the OAuth 2 token endpoint. See the function BaseURL.
	TokenURL string
	// ClientID and ClientSecret are sent with HTTP Basic (documented).
	ClientID, ClientSecret string
}

// ServiceAccount returns the credentials of a service account: bearer tokens by the client
// credentials grant with scope api, renewed 30 seconds before they expire, and once after a
// 401.
func ServiceAccount(o ServiceAccountOptions) Credentials { return &serviceAccount{o} }

type serviceAccount struct {
	options ServiceAccountOptions
}

func (*serviceAccount) String() string   { return redacted }
func (*serviceAccount) GoString() string { return redacted }

func (s *serviceAccount) authorizers(transport http.RoundTripper, timeout time.Duration) (authorizers, error) {
	u, err := url.Parse(s.options.TokenURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return authorizers{}, errors.New("token URL: want scheme://host/path")
	}
	if s.options.ClientID == "" || s.options.ClientSecret == "" {
		return authorizers{}, errors.New("service account: client id or client secret is empty")
	}
	t := &tokens{
		config: clientcredentials.Config{
			ClientID:     s.options.ClientID,
			ClientSecret: s.options.ClientSecret,
			TokenURL:     s.options.TokenURL,
			Scopes:       []string{"api"},
			AuthStyle:    oauth2.AuthStyleInHeader,
		},
		client: &http.Client{
			Transport:     transport,
			Timeout:       timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		fetching: make(chan struct{}, 1),
	}
	return authorizers{t, t}, nil
}

// tokens keeps the current token. x/oauth2's own sources cannot be told about a 401, and do
// not end with the caller's context.
type tokens struct {
	config   clientcredentials.Config
	client   *http.Client
	current  atomic.Pointer[oauth2.Token]
	fetching chan struct{} // A semaphore: one request for a token at a time.
}

func (t *tokens) authorize(ctx context.Context, header http.Header) error {
	token := t.current.Load()
	if !usable(token) {
		select {
		case t.fetching <- struct{}{}:
			defer func() { <-t.fetching }()
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		if token, err = t.fetch(ctx); err != nil {
			return err
		}
	}
	header.Set("Authorization", bearer(token))
	return nil
}

// fetch asks for a token unless another call did so while this one waited.
func (t *tokens) fetch(ctx context.Context) (*oauth2.Token, error) {
	if token := t.current.Load(); usable(token) {
		return token, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, tokenError(ctx, err)
	}
	t.current.Store(token)
	return token, nil
}

func (t *tokens) renew(header http.Header) bool {
	token := t.current.Load()
	if token != nil && bearer(token) == header.Get("Authorization") {
		t.current.CompareAndSwap(token, nil)
	}
	return true
}

func (t *tokens) secrets() []string {
	secrets := []string{t.config.ClientSecret}
	if token := t.current.Load(); token != nil {
		secrets = append(secrets, token.AccessToken)
	}
	return secrets
}

func usable(token *oauth2.Token) bool {
	return token != nil && (token.Expiry.IsZero() || time.Until(token.Expiry) > tokenSkew)
}

func bearer(token *oauth2.Token) string { return "Bearer " + token.AccessToken }

// tokenError classifies a failed request for a token. It keeps nothing of err: the text of an
// oauth2.RetrieveError contains the answer's body. It drops the status too, because that is
// not the API's.
func tokenError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		switch answer.ErrorCode {
		case "invalid_client", "unauthorized_client", "invalid_grant", "invalid_scope", "access_denied":
			return &Error{Class: Auth, Err: errTokenRejected}
		}
		if answer.Response != nil && answer.Response.StatusCode == http.StatusUnauthorized {
			return &Error{Class: Auth, Err: errTokenRejected}
		}
	}
	return &Error{Class: Unavailable, Err: errTokenUnavailable}
}
