package oneshot

import (
	"encoding/json"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// identifying are the members of a record that describe its own user, if any does: other
// members may name another user of the run, such as the manager.
var identifying = map[string]bool{"id": true, "_id": true, "userid": true, "user_id": true, "username": true, "email": true}

// attribute returns the row that a record is about, if the record says so: some member of meta
// or persistedFields, at any depth, is a username, email or id of the run. Their content is
// not documented, so nothing depends on it. 0 means that the record does not say, or that it
// names several rows.
func attribute(record *jumpcloud.JobResult, byValue map[string]int) int {
	own, all := map[int]bool{}, map[int]bool{}
	for _, raw := range []json.RawMessage{record.Meta, record.PersistedFields} {
		var content any
		if len(raw) > 0 && json.Unmarshal(raw, &content) == nil {
			collect("", content, byValue, own, all)
		}
	}
	if len(own) == 0 {
		own = all
	}
	if len(own) != 1 {
		return 0
	}
	for row := range own {
		return row
	}
	return 0
}

// collect adds to all the rows that any string in a JSON value names, and to own those that
// identifying members name.
func collect(member string, content any, byValue map[string]int, own, all map[int]bool) {
	switch c := content.(type) {
	case string:
		if row := byValue[strings.ToLower(c)]; row != 0 {
			all[row] = true
			if identifying[strings.ToLower(member)] {
				own[row] = true
			}
		}
	case []any:
		for _, item := range c {
			collect("", item, byValue, own, all)
		}
	case map[string]any:
		for name, item := range c {
			collect(name, item, byValue, own, all)
		}
	}
}
