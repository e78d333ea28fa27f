package rows

import "fmt"

// NotFoundError says that an object that the spec or a row names, or a key of
// it, does not exist. It passes when somebody creates it.
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
