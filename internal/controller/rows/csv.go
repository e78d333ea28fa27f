package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// parseCSV reads rows under a header. White space around a cell does not
// count, except in passwords; an empty cell states nothing, and a line of
// empty cells, as spreadsheets leave behind, is no row.
func parseCSV(origin string, content []byte, secret bool) ([]Row, error) {
	content, err := plainText(origin, content)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true

	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SourceError{origin, "is empty: the first line must name the columns"}
	}
	if err != nil {
		return nil, csvError(origin, err)
	}
	if separator, ok := otherSeparator(header); ok {
		return nil, &SourceError{origin, "separates columns by " + separator + ": save it with commas"}
	}
	columns, problem := resolveHeader(header, secret)
	if problem != "" {
		return nil, &SourceError{origin, problem}
	}

	// A row of a few bytes is no reason to set aside much more than it needs.
	rows := make([]Row, 0, min(bytes.Count(content, []byte("\n")), len(content)/16))
	builder := newBuilder()
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvError(origin, err)
		}
		if blank(record) {
			continue
		}
		line, _ := reader.FieldPos(0)
		row := Row{Origin: atLine(origin, line)}
		if len(record) != len(columns) {
			row.problem("", fmt.Sprintf("has %d cells where the header has %d columns: quote cells that hold commas", len(record), len(columns)))
		} else {
			builder.record(&row, columns, record)
		}
		rows = append(rows, row)
	}
}

// record states what the cells of one record say.
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
				b.cell(row, attributeRank, b.paths.path(attributeRank, cell), value)
			}
		case attributeValueColumn:
			if cell != "" && strings.TrimSpace(record[c.pair]) == "" {
				row.problem(c.name, "has a value and no name beside it")
			}
		case refusedColumn:
			if cell != "" {
				row.problem(c.name, "must be empty: "+c.advice)
			}
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

func blank(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// otherSeparator recognises what spreadsheets of some countries write for comma-separated values.
func otherSeparator(header []string) (name string, ok bool) {
	if len(header) != 1 {
		return "", false
	}
	switch {
	case strings.Contains(header[0], ";"):
		return "semicolons", true
	case strings.Contains(header[0], "\t"):
		return "tabs", true
	default:
		return "", false
	}
}

// csvError tells where the quoting is broken; what follows cannot be told apart.
func csvError(origin string, err error) error {
	var syntax *csv.ParseError
	if !errors.As(err, &syntax) {
		return &SourceError{origin, "is not CSV"}
	}
	return &SourceError{
		atLine(origin, syntax.StartLine),
		"is not CSV: a cell that holds quotes or line breaks must be in quotes, and each quote in it doubled",
	}
}
