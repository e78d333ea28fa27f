package testenv

import "time"

// Write is one request that may change something at the API server.
type Write struct {
	At time.Time
	// Verb is create, update, patch, delete or deletecollection.
	Verb        string
	Group       string
	Resource    string
	Subresource string
	Namespace   string
	// Name is empty for create and deletecollection.
	Name      string
	DryRun    bool
	UserAgent string
	// Status is the HTTP status of the answer; 0 until there is one.
	Status int
	// Body is what was sent; set only for the match and the hook of an Intercept.
	Body []byte
}

// Match reports whether a write is one that the caller wants.
type Match func(Write) bool

// Any matches every write but dry runs, leases of the leader election, events and access
// reviews. It matches refused writes too.
func Any(w Write) bool {
	switch w.Group {
	case "coordination.k8s.io", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io":
		return false
	}
	return !w.DryRun
}

// To matches the writes to a resource, such as "configmaps", but not those to its
// subresources.
func To(resource string) Match {
	return func(w Write) bool { return Any(w) && w.Resource == resource && w.Subresource == "" }
}

// ToStatus matches the writes to the status of a resource, such as "bulkuserimports".
func ToStatus(resource string) Match {
	return func(w Write) bool { return Any(w) && w.Resource == resource && w.Subresource == "status" }
}

// And matches the writes that both match.
func (m Match) And(other Match) Match {
	return func(w Write) bool { return m(w) && other(w) }
}
