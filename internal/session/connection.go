package session

import "k8s.io/apimachinery/pkg/types"

// Connection is what a client is made from, without the secrets: if two are equal, one client
// serves both. The zero value connects to nothing.
type Connection struct {
	// BaseURL is scheme://host[/prefix], without /api.
	BaseURL string
	// Reading and Writing say which credentials are used for reads and for mutating calls.
	// They are equal if one set of credentials is used for everything, and Writing is the zero
	// value if there are none for mutating calls.
	Reading, Writing Source
	// Unwritable is the reason why the credentials for mutating calls must not be used
	// although there are some: everything is read, and nothing is changed.
	Unwritable string
}

// Source says where credentials were read.
type Source struct {
	// TokenURL is the OAuth token endpoint of a service account.
	TokenURL string
	// UID and Version are those of the Secret; Key is the key in it.
	UID     types.UID
	Version string
	Key     string
}

// same reports whether both use the same credentials, whether or not those for mutating calls
// are usable.
func (c Connection) same(other Connection) bool {
	c.Unwritable, other.Unwritable = "", ""
	return c == other
}
