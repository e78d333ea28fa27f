package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "***"

// Credentials authenticate a client: what APIKey or ServiceAccount returns.
// They print as ***.
type Credentials interface {
	authorizer(transport http.RoundTripper, timeout time.Duration) (authorizer, error)
}

// authorizer adds credentials to requests.
type authorizer interface {
	// authorize sets the header. Its error is *Error or a context's.
	authorize(ctx context.Context, header http.Header) error
	// renew is told of a 401 to a request with this header, and reports
	// whether the same request with fresh credentials may fare better.
	renew(header http.Header) bool
	// secrets are the texts that must not be in anything that is kept.
	secrets() []string
}

// APIKey returns an administrator's API key as credentials (x-api-key). Its
// length is not checked: keys differ by age (documented).
func APIKey(key string) Credentials { return &apiKey{key} }

// apiKey is used by pointer: fmt prints the address of one within a struct,
// where it would not call String.
type apiKey struct{ key string }

func (*apiKey) String() string   { return redacted }
func (*apiKey) GoString() string { return redacted }

func (k *apiKey) authorizer(http.RoundTripper, time.Duration) (authorizer, error) {
	if k.key == "" || !isHeaderValue(k.key) {
		return nil, errors.New("API key: empty, or with a character that no header may hold, such as a line break")
	}
	return k, nil
}

func (k *apiKey) authorize(_ context.Context, header http.Header) error {
	header.Set("X-Api-Key", k.key)
	return nil
}

func (*apiKey) renew(http.Header) bool { return false }

func (k *apiKey) secrets() []string { return []string{k.key} }
