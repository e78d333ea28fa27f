package rows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// unique is a field whose values no two users may share, and how they are compared.
type unique struct {
	path string
	fold func(string) string
	rule string
}

// JumpCloud stores emails in lower case. Whether it distinguishes usernames by case is unknown
// (4.2), so two rows that differ only by case are never sent.
var uniques = []unique{
	{usernamePath, strings.ToLower, "usernames must be unique within a run, also without regard to case"},
	{emailPath, strings.ToLower, "emails must be unique within a run"},
	{employeeIdentifierPath, func(value string) string { return value }, "employeeIdentifiers must be unique within a run"},
}

// of returns the row's value in the form in which it is compared; "" if it states none.
func (u *unique) of(row *Row) string { return u.fold(row.value(u.path)) }

// advice says how to take one of several rows that share the value.
func (u *unique) advice(options Options) string {
	if options.Duplicates != v1alpha1.DuplicatesFail || u.path != keyPath(options.MatchBy) {
		return ""
	}
	return "; if all of them are one person, set spec.duplicates to First or Last to take one"
}

// holders are the rows that state one value: the first few, and their number.
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

// supersede keeps one row of each user, and marks all other rows of the user as superseded, if
// the options say which one to keep. Rows with the same key are of one user.
func supersede(rows []Row, options Options) {
	if options.Duplicates != v1alpha1.DuplicatesFirst && options.Duplicates != v1alpha1.DuplicatesLast {
		return
	}
	place := slices.IndexFunc(uniques, func(u unique) bool { return u.path == keyPath(options.MatchBy) })
	taken := make(map[string]int, len(rows))
	for i := range rows {
		key := uniques[place].of(&rows[i])
		other, listed := taken[key]
		switch {
		case key == "":
		case !listed:
			taken[key] = i
		case options.Duplicates == v1alpha1.DuplicatesFirst:
			rows[i].Superseded = rows[other].Origin
		default:
			rows[other].Superseded, taken[key] = rows[i].Origin, i
		}
	}
}

// checkDuplicates finds rows of one user, and marks those that have no other problem. The
// error is the context's.
func checkDuplicates(ctx context.Context, rows []Row, options Options) error {
	sound := make([]bool, len(rows))
	for i := range rows {
		sound[i] = len(rows[i].Problems) == 0
	}
	supersede(rows, options)
	if err := findDuplicates(ctx, rows, options); err != nil {
		return err
	}
	for i := range rows {
		rows[i].Duplicate = sound[i] && len(rows[i].Problems) > 0 && options.Duplicates != ""
	}
	return nil
}

// findDuplicates makes every row of a set of duplicates invalid, because it cannot know which
// of them is meant. It visits each row twice, however many share a value. The error is the
// context's.
func findDuplicates(ctx context.Context, rows []Row, options Options) error {
	for _, u := range uniques {
		sets := make(map[string]*holders, len(rows))
		set := make([]*holders, len(rows))
		for i := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			key := u.of(&rows[i])
			if key == "" || rows[i].Superseded != "" {
				continue
			}
			if sets[key] == nil {
				sets[key] = &holders{}
			}
			set[i] = sets[key]
			set[i].add(i)
		}
		// In the order of the rows, so that messages do not change between passes.
		for i := range rows {
			if set[i] != nil && set[i].count > 1 {
				rows[i].problem(u.path, "is also in "+set[i].others(rows, i)+": "+u.rule+u.advice(options))
			}
		}
	}
	return nil
}

// others names the other rows of a set: the first few by their origin, and the number of the
// rest.
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
