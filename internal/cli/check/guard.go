package check

import (
	"encoding/json"
	"fmt"
	"strings"
)

// permit refuses a call that could change something else than what the check created: one that
// names an id that is not known to be the check's own, or that creates something without the
// mark. Such a call is a bug in a probe.
func (l *lab) permit(c *call) error {
	if !c.changes() {
		return nil
	}
	content, err := json.Marshal(c.body)
	if err != nil {
		return err
	}
	for _, id := range hexID.FindAllString(c.path+" "+string(content), -1) {
		if !l.known[id] {
			return fmt.Errorf("%s would change something that the check did not create", describe(c, 0))
		}
	}
	for _, made := range l.makes(c) {
		if !made {
			return fmt.Errorf("%s would create something without the mark", describe(c, 0))
		}
	}
	return nil
}

// makes returns, for each object that a call would create, whether it is marked.
func (l *lab) makes(c *call) (marked []bool) {
	body, _ := c.body.(object)
	switch {
	case c.method == "POST" && c.path == "/systemusers":
		return []bool{markedUser(body)}
	case c.method == "POST" && c.path == "/v2/bulk/users":
		rows, _ := c.body.([]object)
		for _, row := range rows {
			marked = append(marked, markedUser(row))
		}
	case c.method == "POST" && c.path == "/v2/usergroups", c.method == "PUT" && strings.HasPrefix(c.path, "/v2/usergroups/"):
		return []bool{markedGroup(body)}
	}
	return marked
}
