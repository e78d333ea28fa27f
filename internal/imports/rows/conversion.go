package rows

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/expression"
)

// Conversion is what a spec does with rows between reading and validation: its filter drops
// rows, and then its mapping states fields. It must be used by one call of Load at a time. A
// nil Conversion does nothing.
type Conversion struct {
	program *expression.Program
	layout  *Layout
	// paths are the paths that the attributes of the mapping state; "" for one that is no
	// single field.
	paths []string
	key   []string
}

// NewConversion compiles the filter, the mapping and the columns of a spec; it returns nil if
// there are none. The problem is "", or says what is wrong, with the position in an
// expression.
func NewConversion(filter string, mapping []v1alpha1.AttributeMapping, from []v1alpha1.RowsSource) (c *Conversion, problem string) {
	columns, problem := checkColumns(from)
	if problem != "" {
		return nil, problem
	}
	c = &Conversion{key: slices.Concat(columns, keyOf(filter, mapping))}
	if len(c.key) == 0 {
		return nil, ""
	}
	if c.program, problem = expression.Rows.Program(filter, mapping); problem != "" {
		return nil, problem
	}
	attributes := c.program.Attributes()
	if len(attributes) == 0 {
		return c, ""
	}
	if c.layout, problem = NewMapping(attributes); problem != "" {
		return nil, problem
	}
	for _, attribute := range attributes {
		path, ok := ColumnPath(attribute)
		if !ok {
			path = ""
		}
		c.paths = append(c.paths, path)
	}
	return c, ""
}

// Key returns the conversion's part of the run key.
func (c *Conversion) Key() []string {
	if c == nil {
		return nil
	}
	return c.key
}

func keyOf(filter string, mapping []v1alpha1.AttributeMapping) []string {
	if filter == "" && len(mapping) == 0 {
		return nil
	}
	key := []string{"filter", filter}
	for i := range mapping {
		key = append(key, "mapping", mapping[i].Attribute, mapping[i].From)
	}
	return key
}

// checkColumns returns the columns of sources as part of the run key, or what is wrong with
// them.
func checkColumns(from []v1alpha1.RowsSource) (key []string, problem string) {
	for i := range from {
		where := fmt.Sprintf("spec.usersFrom[%d].columns", i)
		if len(from[i].Columns) > 0 && !isCSV(&from[i]) {
			return nil, where + ": only CSV has columns: take them out, or write format: CSV"
		}
		for _, header := range slices.Sorted(maps.Keys(from[i].Columns)) {
			attribute := string(from[i].Columns[header])
			known, ok := resolveColumn(attribute)
			switch {
			case strings.TrimSpace(header) != header || header == "":
				return nil, where + ": " + quote(header) + ` is no name of a column: write it without spaces at its ends`
			case attribute == "":
			case !ok:
				return nil, fmt.Sprintf(`%s: %s is no attribute%s; "" leaves the column out`, where, quote(attribute), didYouMean(attribute, columnNames))
			case known.meaning == refusedColumn:
				return nil, where + ": " + quote(attribute) + " is no attribute: " + known.advice
			}
			key = append(key, "columns", strconv.Itoa(i), header, attribute)
		}
	}
	return key, ""
}

// isCSV reports whether a source is read as CSV.
func isCSV(from *v1alpha1.RowsSource) bool {
	for _, reference := range []*v1alpha1.KeyReference{from.ConfigMapKeyRef, from.SecretKeyRef} {
		if reference != nil && formatOf(from.Format, reference.Key) == v1alpha1.SourceFormatCSV {
			return true
		}
	}
	return false
}

// start returns the conversion for the rows of one run, whose total cost is limited.
func (c *Conversion) start() *Conversion {
	if c == nil || c.program.Empty() {
		return nil
	}
	started := *c
	started.program = c.program.Limited()
	return &started
}

// apply converts a row, which expressions see as its cells. It returns false if the filter
// drops the row. A failure for a row makes the row invalid. The error is the context's, or
// expression.ErrTooExpensive.
func (c *Conversion) apply(ctx context.Context, row *Row, cells map[string]string) (keeps bool, _ error) {
	if problem := tooMuch(cells); problem != "" {
		row.problem("", problem)
		return true, nil
	}
	keeps, problem, err := c.program.Keeps(ctx, cells)
	switch {
	case err != nil:
		return false, err
	case problem != "":
		row.problem("", problem)
		return true, nil
	case !keeps || len(c.paths) == 0:
		return keeps, nil
	}
	return true, c.mapInto(ctx, row, cells)
}

// mapInto makes the row state what the mapping says, in place of what it stated for the same
// fields.
func (c *Conversion) mapInto(ctx context.Context, row *Row, cells map[string]string) error {
	values := make([]string, len(c.paths))
	var failures []Problem
	for i, attribute := range c.program.Attributes() {
		value, problem, err := c.program.Cell(ctx, i, cells)
		if err != nil {
			return err
		}
		if values[i] = value; problem != "" {
			failures = append(failures, Problem{attribute, problem})
		}
	}
	mapped := c.layout.Row(row.Origin, values)
	row.forget(c.paths)
	row.Fields = append(row.Fields, mapped.Fields...)
	sortFields(row.Fields)
	row.Problems = slices.Concat(row.Problems, mapped.Problems, failures)
	return nil
}

// forget removes what the row states at the paths.
func (r *Row) forget(paths []string) {
	r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return slices.Contains(paths, f.Path) })
	r.Problems = slices.DeleteFunc(r.Problems, func(p Problem) bool { return p.Field != "" && slices.Contains(paths, p.Field) })
}

// sortFields sorts fields in the order of Row.Fields.
func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int {
		x, _ := rankOf(a.Path)
		y, _ := rankOf(b.Path)
		if x != y {
			return x - y
		}
		return strings.Compare(a.Path, b.Path)
	})
}

// tooMuch returns a problem if a row is larger than expressions support.
func tooMuch(cells map[string]string) string {
	size := 0
	for _, cell := range cells {
		size += len(cell)
	}
	if len(cells) > expression.MaxMembers || size > expression.MaxBytes {
		return fmt.Sprintf("has more than %d cells or %d bytes, too much for spec.filter and spec.mapping: take out columns that are not needed",
			expression.MaxMembers, expression.MaxBytes)
	}
	return ""
}

// fieldCells returns the cells of a row without columns: its fields by their paths.
func fieldCells(row *Row) map[string]string {
	cells := make(map[string]string, len(row.Fields))
	for i := range row.Fields {
		cells[row.Fields[i].Path] = row.Fields[i].Value
	}
	return cells
}
