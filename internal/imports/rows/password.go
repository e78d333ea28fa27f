package rows

import (
	"fmt"
	"io"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// redacted is what a password prints as.
const redacted = "***"

// Password is a secret that prints as *** with every verb and in JSON. It has no digest:
// nothing derived from it is ever stored.
type Password struct {
	value string
	// reference is the passwordSecretRef that refers to it, if any; it is not secret and is
	// part of the run key.
	reference *v1alpha1.KeyReference
}

// NewPassword wraps a password.
func NewPassword(value string) *Password { return &Password{value: value} }

// Reveal returns the password. Use it in a request body and nowhere else.
func (p Password) Reveal() string { return p.value }

// String implements fmt.Stringer.
func (Password) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Password) GoString() string { return redacted }

// Format implements fmt.Formatter: verbs such as %d bypass String and would print the fields.
func (Password) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// MarshalJSON implements json.Marshaler.
func (Password) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
