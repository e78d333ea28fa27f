package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "***"

var errNoCredentials = errors.New("no credentials")

// Credentials authenticate a client. APIKey, ServiceAccount, Separate and Unusable return
// them. They print as ***.
type Credentials interface {
	authorizers(transport http.RoundTripper, timeout time.Duration) (authorizers, error)
}

// authorizers holds an authorizer for each purpose of a call; both may be the same.
type authorizers struct{ reading, writing authorizer }

func (a *authorizers) of(purpose Purpose) authorizer {
	if purpose == Writing {
		return a.writing
	}
	return a.reading
}

// secrets returns the secrets of both: an answer may quote either.
func (a *authorizers) secrets() []string { return append(a.reading.secrets(), a.writing.secrets()...) }

// authorizer adds credentials to requests.
type authorizer interface {
	// authorize sets the header. Its error is *Error or a context's.
	authorize(ctx context.Context, header http.Header) error
	// renew is told about a 401 to a request with this header, and reports whether the same
	// request may succeed with fresh credentials.
	renew(header http.Header) bool
	// secrets returns the texts that must not be in anything that is stored.
	secrets() []string
}

// APIKey returns an administrator's API key as credentials (x-api-key). Its length is not
// checked: keys of different age differ in length (documented).
func APIKey(key string) Credentials { return &apiKey{key} }

// apiKey is used by pointer: for one within a struct, fmt prints the address, and for a value
// it would not call String.
type apiKey struct{ key string }

func (*apiKey) String() string   { return redacted }
func (*apiKey) GoString() string { return redacted }

func (k *apiKey) authorizers(http.RoundTripper, time.Duration) (authorizers, error) {
	if k.key == "" || !isHeaderValue(k.key) {
		return authorizers{}, errors.New("API key: empty, or with a character that no header may hold, such as a line break")
	}
	return authorizers{k, k}, nil
}

func (k *apiKey) authorize(_ context.Context, header http.Header) error {
	header.Set("X-Api-Key", k.key)
	return nil
}

func (*apiKey) renew(http.Header) bool { return false }

func (k *apiKey) secrets() []string { return []string{k.key} }
