package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// Table reads CSV: a header and the records under it.
type Table struct {
	// Header is the first record, without unnamed columns at its end.
	Header []string

	origin string
	// width is the width of the header including the unnamed columns.
	width      int
	reader     *csv.Reader
	separators string
}

type separator struct {
	character rune
	name      string
}

// separators are the possible separators of columns, and their names: spreadsheets write
// semicolons in some locales, and Excel's text files have tabs.
var separators = []separator{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}}

// NewTable reads the header of content that PlainText returned, and determines the separator
// of columns. Lines that begin with the comment character are skipped; zero means that there
// is none. Its error, like that of Next, is a *SourceError that quotes nothing of the content.
func NewTable(origin string, content []byte, comment rune) (*Table, error) {
	separator, content, problem := separatorOf(endLines(content, comment), comment)
	if problem != "" {
		return nil, &SourceError{origin, problem}
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	reader.Comment = comment
	reader.Comma = separator.character
	t := &Table{origin: origin, reader: reader, separators: separator.name}
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SourceError{origin, "is empty: the first line must name the columns"}
	}
	if err != nil {
		return nil, csvError(origin, err)
	}
	t.width = len(header)
	t.Header = slices.Clone(named(header))
	return t, nil
}

// Separators returns the name of the separators of columns, in the plural.
func (t *Table) Separators() string { return t.separators }

// endLines ends each line with a line feed: programs of old Macs, and some that export for
// them, write only carriage returns. Text in quotes stays as it is.
func endLines(content []byte, comment rune) []byte {
	if !bytes.ContainsRune(content, '\r') {
		return content
	}
	ended := bytes.Clone(content)
	quoted, commented, starts := false, false, true
	for i, c := range ended {
		commented = commented || starts && !quoted && comment != 0 && rune(c) == comment
		starts = c == '\n' || c == '\r'
		switch {
		case c == '"' && !commented:
			quoted = !quoted
		case quoted || !starts:
		case c == '\r' && (i+1 == len(ended) || ended[i+1] != '\n'):
			ended[i], commented = '\n', false
		default:
			commented = false
		}
	}
	return ended
}

// separatorOf determines the separator of columns: the one in a first line such as "sep=;",
// which Excel reads and writes, or else the one in the header. It empties that first line in
// the content that it returns, so that lines keep their numbers.
func separatorOf(content []byte, comment rune) (_ separator, rest []byte, problem string) {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	line := strings.Trim(string(bytes.TrimRight(first, "\r")), `"`)
	if name, character, found := strings.Cut(line, "="); found && strings.EqualFold(name, "sep") {
		for _, s := range separators {
			if character == string(s.character) {
				return s, content[len(first):], ""
			}
		}
		return separator{}, nil, "names another separator than commas, semicolons or tabs in its first line: use one of these"
	}
	found := separators[0:1:1]
	for _, s := range separators {
		if separates(headerLine(content, comment), s.character) {
			found = append(found, s)
		}
	}
	if len(found) > 2 {
		return separator{}, nil, "separates columns of the first line in two ways: use commas, semicolons or tabs throughout"
	}
	return found[len(found)-1], content, ""
}

// named returns the header without empty cells at its end.
func named(header []string) []string {
	for len(header) > 0 && strings.TrimSpace(header[len(header)-1]) == "" {
		header = header[:len(header)-1]
	}
	return header
}

// headerLine returns the content from the header on: the first line that is neither empty nor
// a comment, and everything that follows.
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

// separates reports whether the first record contains the character outside of quotes.
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

// Next returns the next record that is not empty, with all its cells, and its origin; io.EOF
// after the last one. The slice is valid until the next call. It skips lines of empty cells,
// which spreadsheets leave behind, and drops empty cells under unnamed columns at the end.
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
			return t.underNames(record), AtLine(t.origin, line), nil
		}
	}
}

// underNames drops the empty cells under unnamed columns.
func (t *Table) underNames(record []string) []string {
	names := len(t.Header)
	if len(record) > names && len(record) <= t.width && blank(record[names:]) {
		return record[:names]
	}
	return record
}

func blank(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// csvError returns an error with the line of the broken quoting; what follows it cannot be
// parsed.
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
