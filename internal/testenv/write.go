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
	// Status is the HTTP status of the answer; 0 before it.
	Status int
	// Body is what was sent; set only for matches and hooks of an Intercept.
	Body []byte
}

// Match chooses writes.
type Match func(Write) bool

// Any matches every write that is stored: dry runs, leases of the leader
// election, events and access reviews are left out.
func Any(w Write) bool {
	switch w.Group {
	case "coordination.k8s.io", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io":
		return false
	}
	return !w.DryRun
}

// To matches stored writes to a resource, such as "configmaps".
func To(resource string) Match {
	return func(w Write) bool { return Any(w) && w.Resource == resource && w.Subresource == "" }
}

// ToStatus matches stored writes to the status of a resource, such as "bulkuserimports".
func ToStatus(resource string) Match {
	return func(w Write) bool { return Any(w) && w.Resource == resource && w.Subresource == "status" }
}

// And matches what both match.
func (m Match) And(other Match) Match {
	return func(w Write) bool { return m(w) && other(w) }
}
