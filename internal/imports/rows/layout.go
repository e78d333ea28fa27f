package rows

import "strings"

// Layout assigns the cells of a record to the fields of a row, by names as in the header of a
// CSV. It must be used by one goroutine at a time.
type Layout struct {
	columns []column
	builder *builder
}

// NewLayout resolves the names. The problem is "", or says what is wrong with them. Columns
// for passwords are refused.
func NewLayout(names []string) (layout *Layout, problem string) { return newLayout(names, false, nil) }

// NewMapping is NewLayout for the attributes of spec.mapping.
func NewMapping(attributes []string) (layout *Layout, problem string) {
	const prefix = "spec.mapping: attributes are named as the columns of a CSV: "
	for _, attribute := range attributes {
		if _, ok := resolveColumn(strings.TrimSpace(attribute)); !ok {
			return nil, prefix + "unknown column " + quote(attribute) + didYouMean(attribute, columnNames)
		}
	}
	if layout, problem = NewLayout(attributes); problem != "" {
		return nil, prefix + problem
	}
	return layout, ""
}

func newLayout(names []string, secret bool, renamed Columns) (layout *Layout, problem string) {
	columns, problem := resolveHeader(names, secret, renamed)
	if problem != "" {
		return nil, problem
	}
	return &Layout{columns, newBuilder()}, ""
}

// Row returns the row that a record states, which must have as many cells as there are names.
// White space around a cell is ignored, and an empty cell states nothing.
func (l *Layout) Row(origin string, record []string) Row {
	row := Row{Origin: origin}
	l.builder.record(&row, l.columns, record)
	return row
}

// ColumnPath returns the path that a column of this name states, and whether it stands for a
// single field.
func ColumnPath(name string) (string, bool) {
	c, ok := resolveColumn(strings.TrimSpace(name))
	return c.path, ok && c.meaning == fieldColumn
}

// Invalid adds a problem, so that the row must not be sent.
func (r *Row) Invalid(field, message string) { r.problem(field, message) }
