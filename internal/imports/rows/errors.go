package rows

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
)

// NotFoundError says that an object that the spec or a row names, or a key of
// it, does not exist. It passes once that is created.
type NotFoundError struct {
	// Kind is ConfigMap or Secret.
	Kind string
	Name string
	// Key is "" where the object itself is missing.
	Key string
}

// Error implements error.
func (e *NotFoundError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s %s does not exist", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %s has no key %s", e.Kind, e.Name, e.Key)
}

// CipherTextError says that a Secret holds cipher text where a secret, or a file
// with rows, belongs. It stays until the Secret changes.
type CipherTextError struct{ Name, Key string }

// Error implements error.
func (e *CipherTextError) Error() string { return ciphertext.Problem(e.Name, e.Key) }

// SourceError says that a source as a whole cannot be understood, so that no
// row of it can be trusted. It stays until the source changes.
type SourceError struct {
	// Origin of the source, with the line where it is known.
	Origin string
	// Message says what is wrong and what to do. Of the content it quotes only
	// names of columns and keys.
	Message string
}

// Error implements error.
func (e *SourceError) Error() string { return e.Origin + ": " + e.Message }
