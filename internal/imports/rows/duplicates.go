package rows

import (
	"context"
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

// holders are the rows that state one value: the first few, and how many.
type holders struct {
	first [maxListed + 1]int
	count int
}

func (h *holders) add(row int) {
	if h.count < len(h.first) {
		h.first[h.count] = row
	}
	h.count++
}

// findDuplicates makes every row of a set of duplicates invalid: which of them
// is meant is not ours to guess. It looks at each row twice, however many
// share a value. The error is the context's.
func findDuplicates(ctx context.Context, rows []Row) error {
	for _, u := range uniques {
		sets := make(map[string]*holders, len(rows))
		set := make([]*holders, len(rows))
		for i := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			value, _ := rows[i].Get(u.path)
			if value == "" {
				continue
			}
			key := u.fold(value)
			if sets[key] == nil {
				sets[key] = &holders{}
			}
			set[i] = sets[key]
			set[i].add(i)
		}
		// In the order of the rows, so that messages do not change between passes.
		for i := range rows {
			if set[i] != nil && set[i].count > 1 {
				rows[i].problem(u.path, "is also in "+set[i].others(rows, i)+": "+u.rule)
			}
		}
	}
	return nil
}

// others names the rows of a set besides one, the first few by their origin.
func (h *holders) others(rows []Row, besides int) string {
	origins := make([]string, 0, maxListed)
	for _, i := range h.first[:min(h.count, len(h.first))] {
		if i != besides && len(origins) < maxListed {
			origins = append(origins, rows[i].Origin)
		}
	}
	text := strings.Join(origins, "; ")
	if more := h.count - 1 - len(origins); more > 0 {
		text += fmt.Sprintf("; and %d more rows", more)
	}
	return text
}
