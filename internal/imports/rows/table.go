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

	origin     string
	reader     *csv.Reader
	separators string
}

// separators are what columns may be separated by, and their names: spreadsheets
// of some countries write semicolons, and text files of Excel have tabs.
var separators = []struct {
	character rune
	name      string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}}

// NewTable reads the header of content that PlainText returned, and finds out
// by what it separates columns. Lines that begin with the comment character are
// left out; zero is none. Its error, as that of Next, is a *SourceError that
// quotes nothing of the content.
func NewTable(origin string, content []byte, comment rune) (*Table, error) {
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	reader.Comment = comment
	t := &Table{origin: origin, reader: reader, separators: separators[0].name}
	found := 0
	for _, separator := range separators {
		if separates(headerLine(content, comment), separator.character) {
			reader.Comma, t.separators = separator.character, separator.name
			found++
		}
	}
	if found > 1 {
		return nil, &SourceError{origin, "separates columns of the first line in two ways: use commas, semicolons or tabs throughout"}
	}
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SourceError{origin, "is empty: the first line must name the columns"}
	}
	if err != nil {
		return nil, csvError(origin, err)
	}
	t.Header = slices.Clone(header)
	return t, nil
}

// Separators names what the columns are separated by, in the plural.
func (t *Table) Separators() string { return t.separators }

// headerLine is where the header begins: the first line that is neither empty
// nor a comment, and all that follows.
func headerLine(content []byte, comment rune) []byte {
	for len(content) > 0 {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		if len(bytes.TrimRight(line, "\r")) > 0 && (comment == 0 || !bytes.HasPrefix(line, []byte(string(comment)))) {
			return content
		}
		content = rest
	}
	return nil
}

// separates reports whether the first record has the character outside of quotes.
func separates(content []byte, character rune) bool {
	quoted := false
	for _, c := range content {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false
		case rune(c) == character:
			return true
		}
	}
	return false
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
