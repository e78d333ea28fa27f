package jumpcloudtest

import (
	"path"
	"slices"
	"strings"
)

// Match says which requests a Fault or a Hold applies to. An empty field matches everything.
type Match struct {
	// Method is an HTTP method.
	Method string `json:"method,omitempty"`
	// Path is a pattern in which * stands for one segment, or part of one:
	// "/api/v2/bulk/users/*/results".
	Path string `json:"path,omitempty"`
	// Organization is the id of the organization that the request acts on.
	Organization string `json:"organization,omitempty"`
	// Query and Body are strings that the raw query and the body must contain.
	Query string `json:"query,omitempty"`
	Body  string `json:"body,omitempty"`
	// Where is an additional condition. It must not call the Server.
	Where func(Request) bool `json:"-"`

	// Skip is how many matching requests pass before the first is caught.
	Skip int `json:"skip,omitempty"`
	// Times is how many are then caught. 0: one. Negative: all.
	Times int `json:"times,omitempty"`
}

func (m Match) matches(r Request) bool {
	if m.Path != "" {
		if ok, _ := path.Match(m.Path, r.Path); !ok {
			return false
		}
	}
	return (m.Method == "" || m.Method == r.Method) &&
		(m.Organization == "" || m.Organization == r.Organization) &&
		strings.Contains(r.Query, m.Query) &&
		strings.Contains(r.Body, m.Body) &&
		(m.Where == nil || m.Where(r))
}

// counter counts the requests that match, for Skip and Times.
type counter struct{ seen, caught int }

func (c *counter) catches(m Match, r Request) bool {
	if m.Times >= 0 && c.caught >= max(1, m.Times) || !m.matches(r) {
		return false
	}
	c.seen++
	if c.seen <= m.Skip {
		return false
	}
	c.caught++
	return true
}

func without[E comparable](list []E, element E) []E {
	return slices.DeleteFunc(list, func(e E) bool { return e == element })
}
