package rows

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// FromUser returns the row that states what a live user has: each comparable field with a
// readable value, in the order of rows. The row is not validated: JumpCloud may have values
// that an import must not send.
func FromUser(u *jumpcloud.User) Row {
	var row Row
	for path, value := range Flatten(u) {
		if value != unknown && Comparable(path) {
			row.Fields = append(row.Fields, Field{path, value})
		}
	}
	slices.SortFunc(row.Fields, func(a, b Field) int {
		first, _ := rankOf(a.Path)
		second, _ := rankOf(b.Path)
		return cmp.Or(cmp.Compare(first, second), cmp.Compare(a.Path, b.Path))
	})
	return row
}

// Declared returns the row as the API type that states the same fields, without a password.
// Its values must be valid.
func (r *Row) Declared() v1alpha1.UserRow {
	record := map[string]any{}
	for _, field := range r.Fields {
		entry, ok := FieldOf(field.Path)
		if !ok {
			continue
		}
		var value any = field.Value
		if entry.Type != v1alpha1.FieldState { // here the state has our words
			value = toRecord(entry, field.Value)
		}
		if name, item := itemOf(entry.Path, field.Path); item {
			head, _, _ := strings.Cut(entry.Path, ".")
			record[head] = putItem(record[head], head, name, entry, value)
			continue
		}
		putAt(record, entry.Path, value)
	}
	var declared v1alpha1.UserRow
	fill(&declared, record)
	return declared
}
