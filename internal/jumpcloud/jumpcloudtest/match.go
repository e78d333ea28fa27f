package jumpcloudtest

// Match says which requests a Fault or a Hold is about. An empty field matches
// everything.
type Match struct {
	// Method is an HTTP method.
	Method string `json:"method,omitempty"`
	// Path is a pattern in which * stands for one segment, or a part of one:
	// "/api/v2/bulk/users/*/results".
	Path string `json:"path,omitempty"`
	// Organization is an id; the request acts on that organization.
	Organization string `json:"organization,omitempty"`
	// Query and Body are strings that the raw query and the body contain.
	Query string `json:"query,omitempty"`
	Body  string `json:"body,omitempty"`
	// Where is any further condition. It must not call the Server.
	Where func(Request) bool `json:"-"`

	// Skip is how many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Times is how many are then caught. 0: one. Negative: all.
	Times int `json:"times,omitempty"`
}
