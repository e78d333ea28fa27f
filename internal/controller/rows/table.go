package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// Table reads CSV: a header, and records under it.
type Table struct {
	// Header is the first record.
	Header []string

	origin string
	reader *csv.Reader
}

// NewTable reads the header of content that PlainText returned. Lines that
// begin with the comment character are left out; zero is none. Its error, as
// that of Next, is a *SourceError that quotes nothing of the content.
func NewTable(origin string, content []byte, comment rune) (*Table, error) {
	t := &Table{origin: origin, reader: csv.NewReader(bytes.NewReader(content))}
	t.reader.FieldsPerRecord = -1
	t.reader.ReuseRecord = true
	t.reader.Comment = comment
	header, err := t.reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SourceError{origin, "is empty: the first line must name the columns"}
	}
	if err != nil {
		return nil, csvError(origin, err)
	}
	if separator, ok := otherSeparator(header); ok {
		return nil, &SourceError{origin, "separates columns by " + separator + ": save it with commas"}
	}
	t.Header = slices.Clone(header)
	return t, nil
}

// Next returns the next record that holds anything, with as many cells as it
// has, and where it stands; io.EOF after the last one. The slice is valid until
// the next call. A line of empty cells, as spreadsheets leave behind, is no
// record.
func (t *Table) Next() (record []string, origin string, err error) {
	for {
		record, err := t.reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil, "", io.EOF
		case err != nil:
			return nil, "", csvError(t.origin, err)
		case !blank(record):
			line, _ := t.reader.FieldPos(0)
			return record, AtLine(t.origin, line), nil
		}
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
		AtLine(origin, syntax.StartLine),
		"is not CSV: a cell that holds quotes or line breaks must be in quotes, and each quote in it doubled",
	}
}
