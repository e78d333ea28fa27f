package oneshot

import (
	"encoding/json"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// attribute tells which row a record is about, if it says so: some member of
// meta or persistedFields is a username, email or id of the run. What they
// hold is not documented, so nothing depends on it. 0 means that it does not
// say, or that it names several rows.
func attribute(record *jumpcloud.JobResult, byValue map[string]int) int {
	found := map[int]bool{}
	for _, raw := range []json.RawMessage{record.Meta, record.PersistedFields} {
		var content any
		if len(raw) > 0 && json.Unmarshal(raw, &content) == nil {
			collect(content, byValue, found)
		}
	}
	if len(found) != 1 {
		return 0
	}
	for row := range found {
		return row
	}
	return 0
}

// collect adds the rows that any string in a JSON value names.
func collect(content any, byValue map[string]int, found map[int]bool) {
	switch c := content.(type) {
	case string:
		if row := byValue[strings.ToLower(c)]; row != 0 {
			found[row] = true
		}
	case []any:
		for _, item := range c {
			collect(item, byValue, found)
		}
	case map[string]any:
		for _, item := range c {
			collect(item, byValue, found)
		}
	}
}
