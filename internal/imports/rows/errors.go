package rows

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
)

// NotFoundError means that an object that the spec or a row names, or a key of it, does not
// exist. The error lasts until it is created.
type NotFoundError struct {
	// Kind is ConfigMap or Secret.
	Kind string
	Name string
	// Key is "" if the object itself is missing.
	Key string
}

// Version returns the version of what is missing: "" for nil, and otherwise a text that is no
// version of anything that was read.
func (e *NotFoundError) Version() string {
	if e == nil {
		return ""
	}
	return "missing"
}

// Error implements error.
func (e *NotFoundError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s %s does not exist", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %s has no key %s", e.Kind, e.Name, e.Key)
}

// CipherTextError means that a Secret has cipher text in place of a secret, or of a file with
// rows. The error lasts until the Secret changes.
type CipherTextError struct{ Name, Key string }

// Error implements error.
func (e *CipherTextError) Error() string { return ciphertext.Problem(e.Name, e.Key) }

// SourceError means that a source as a whole cannot be understood, so that none of its rows
// can be trusted. The error lasts until the source changes.
type SourceError struct {
	// Origin is the origin of the source, with the line if it is known.
	Origin string
	// Message says what is wrong and what to do. It quotes only names of columns and keys from
	// the content.
	Message string
}

// Error implements error.
func (e *SourceError) Error() string { return e.Origin + ": " + e.Message }
