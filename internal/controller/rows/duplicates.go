package rows

import (
	"fmt"
	"strings"
)

// unique says how a value that no two users may share is compared.
type unique struct {
	path string
	fold func(string) string
	rule string
}

// JumpCloud keeps emails in lower case, and whether it tells usernames apart
// by case alone is unknown (4.2): two rows that differ only so are never sent.
var uniques = []unique{
	{usernamePath, strings.ToLower, "usernames must be unique within a run, also without regard to case"},
	{emailPath, strings.ToLower, "emails must be unique within a run"},
	{employeeIdentifierPath, func(value string) string { return value }, "employeeIdentifiers must be unique within a run"},
}

// findDuplicates makes every row of a set of duplicates invalid: which of them
// is meant is not ours to guess.
func findDuplicates(rows []Row) {
	for _, u := range uniques {
		sets := make(map[string][]int, len(rows))
		for i := range rows {
			if value, ok := rows[i].Get(u.path); ok && value != "" {
				key := u.fold(value)
				sets[key] = append(sets[key], i)
			}
		}
		// In the order of the rows, so that messages do not change between passes.
		for i := range rows {
			value, _ := rows[i].Get(u.path)
			if set := sets[u.fold(value)]; len(set) > 1 {
				rows[i].problem(u.path, "is also in "+others(rows, set, i)+": "+u.rule)
			}
		}
	}
}

// others names the rows of a set besides one, the first few by their origin.
func others(rows []Row, set []int, besides int) string {
	origins := make([]string, 0, maxListed)
	for _, i := range set {
		if i != besides && len(origins) < maxListed {
			origins = append(origins, rows[i].Origin)
		}
	}
	text := strings.Join(origins, "; ")
	if more := len(set) - 1 - len(origins); more > 0 {
		text += fmt.Sprintf("; and %d more rows", more)
	}
	return text
}
