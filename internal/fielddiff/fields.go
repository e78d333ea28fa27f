// Package fielddiff compares fields of a live thing with what an object states about them.
package fielddiff

import (
	"slices"
	"strconv"
)

// Field is a field that differs, with its values before and after a change, as text.
type Field struct {
	Name, Old, New string
}

// Fields are the fields that differ from what is declared, as a comparison finds them one by
// one.
type Fields []Field

// Note records a field that differs.
func (f *Fields) Note(name, before, after string) {
	*f = append(*f, Field{Name: name, Old: before, New: after})
}

// Text compares a live text with what is stated, records a difference, and sets live to what
// is stated. If stated is nil, it does nothing.
func Text[S ~string](f *Fields, name string, live, stated *S) {
	if stated != nil && *live != *stated {
		f.Note(name, string(*live), string(*stated))
		*live = *stated
	}
}

// Bool is Text for a boolean.
func (f *Fields) Bool(name string, live, stated *bool) {
	if stated != nil && *live != *stated {
		f.Note(name, strconv.FormatBool(*live), strconv.FormatBool(*stated))
		*live = *stated
	}
}

// Names returns the names of the fields.
func (f Fields) Names() []string {
	names := make([]string, len(f))
	for i := range f {
		names[i] = f[i].Name
	}
	return names
}

// Has reports whether a field has one of the names.
func (f Fields) Has(names ...string) bool {
	return slices.ContainsFunc(f, func(field Field) bool { return slices.Contains(names, field.Name) })
}
