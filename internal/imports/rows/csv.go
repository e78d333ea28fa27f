package rows

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// parseCSV reads the rows under a header. White space around a cell is ignored, except in
// passwords; an empty cell states nothing, and a line of empty cells, as spreadsheets leave
// behind, is no row. A row may end early if it does not have to state what is missing:
// spreadsheets drop empty cells.
func parseCSV(into *collection, origin string, content []byte, secret bool, renamed Columns) error {
	content, err := PlainText(origin, content)
	if err != nil {
		return err
	}
	table, err := NewTable(origin, content, 0)
	if err != nil {
		return err
	}
	layout, problem := newLayout(table.Header, true, renamed)
	if problem == "" && into.conversion != nil {
		problem = layout.distinct()
	}
	if problem != "" {
		return &SourceError{origin, problem}
	}
	for {
		record, place, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := into.admit(place); err != nil {
			return err
		}
		row, problem := layout.csvRow(place, record, table.Separators())
		if row.Password != nil && !secret {
			return &SourceError{place, passwordInCSV}
		}
		if problem != "" {
			row.problem("", problem)
			into.add(row)
			continue
		}
		if err := into.take(row, func(*Row) map[string]string { return layout.cells(record) }); err != nil {
			return err
		}
	}
}

// distinct returns a problem if two columns have the same name, so that expressions cannot
// distinguish them.
func (l *Layout) distinct() (problem string) {
	first := map[string]int{}
	for i, c := range l.columns {
		if earlier, ok := first[c.name]; ok {
			return fmt.Sprintf("columns %d and %d have the same name, and spec.filter and spec.mapping cannot tell them apart: rename one", earlier+1, i+1)
		}
		first[c.name] = i
	}
	return ""
}

// cells returns a record by the names of its columns, as expressions see it, without
// passwords.
func (l *Layout) cells(record []string) map[string]string {
	cells := make(map[string]string, len(l.columns))
	for i, c := range l.columns {
		if c.secret {
			continue
		}
		cell := ""
		if i < len(record) {
			cell = strings.TrimSpace(record[i])
		}
		cells[c.name] = cell
	}
	return cells
}

const passwordInCSV = "has a password: passwords are read from Secrets only, put the rows into a Secret and name it by secretKeyRef"

// csvRow returns the row that a record of any length states. The problem is "", or says why
// the cells cannot be assigned to columns.
func (l *Layout) csvRow(place string, record []string, separators string) (_ Row, problem string) {
	cells := len(record)
	short := fmt.Sprintf("has %d cells where the header has %d columns: ", cells, len(l.columns))
	if cells > len(l.columns) {
		return Row{Origin: place}, short + "quote cells that hold " + separators
	}
	for _, c := range l.columns[cells:] {
		if c.identifies() {
			return Row{Origin: place}, short + "fill in column " + c.label + ", and quote cells that hold line breaks"
		}
		record = append(record, "")
	}
	return l.Row(place, record), ""
}

// identifies reports whether the column may identify the user of a row.
func (c *column) identifies() bool {
	return c.meaning == fieldColumn && (c.path == usernamePath || c.path == emailPath || c.path == employeeIdentifierPath)
}

// record states what the cells of one record contain.
func (b *builder) record(row *Row, columns []column, record []string) {
	for i, c := range columns {
		cell := record[i]
		if c.meaning != passwordColumn {
			cell = strings.TrimSpace(cell)
		}
		switch c.meaning {
		case passwordColumn:
			if cell != "" {
				row.Password = NewPassword(strings.Clone(cell))
			}
		case fieldColumn:
			b.cell(row, c.rank, c.path, cell)
		case attributeNameColumn:
			value := strings.TrimSpace(record[c.pair])
			if cell != "" && value != "" {
				row.namedByCells = true
				b.cell(row, attributeRank, b.paths.path(attributeRank, cell), value)
			}
		case attributeValueColumn:
			if cell != "" && strings.TrimSpace(record[c.pair]) == "" {
				row.problem(c.field(), "has a value and no name beside it")
			}
		case refusedColumn:
			if cell != "" {
				row.problem(c.field(), "must be empty: "+c.advice)
			}
		case leftOutColumn:
		}
	}
	b.finish(row)
}

// cell states a field, unless the cell is empty.
func (b *builder) cell(row *Row, rank int, path, cell string) {
	if cell == "" {
		return
	}
	field := v1alpha1.UserFields[rank]
	value, problem := fromText(field, cell)
	switch {
	case problem != "":
		row.problem(path, problem)
	case value != "":
		b.state(rank, path, value)
	}
}
