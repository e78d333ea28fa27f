package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// maxWidth is the maximum width of a line, in characters.
const maxWidth = 120

const (
	gap = "  "
	// maxCell is the maximum width of every column but the last.
	maxCell = 32
)

// table is a table of text. It wraps cells and never truncates them, because what is approved
// must have been shown. The last column takes the rest of the line.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String returns the table; "" if it has no rows. No cell can control a terminal.
func (t *table) String() string {
	if len(t.rows) == 0 {
		return ""
	}
	all := append([][]string{t.header}, t.rows...)
	last := len(t.header) - 1
	widths, indent := make([]int, last+1), 0
	for i := range last {
		for _, row := range all {
			widths[i] = max(widths[i], min(maxCell, utf8.RuneCountInString(printable(row[i]))))
		}
		indent += widths[i] + len(gap)
	}
	widths[last] = maxWidth - indent
	var b strings.Builder
	for _, row := range all {
		b.WriteString(lay(row, widths))
	}
	return b.String()
}

// lay lays out the cells of one row side by side, in as many lines as necessary.
func lay(row []string, widths []int) string {
	cells, height := make([][]string, len(row)), 0
	for i := range row {
		cells[i] = wrap(row[i], widths[i])
		height = max(height, len(cells[i]))
	}
	var b strings.Builder
	for line := range height {
		var text strings.Builder
		for i := range cells {
			part := ""
			if line < len(cells[i]) {
				part = cells[i][line]
			}
			text.WriteString(part + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(part)) + gap)
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
	return b.String()
}

// paragraph breaks a text into lines of at most maxWidth, each indented.
func paragraph(indent int, text string) string {
	var b strings.Builder
	for _, line := range wrap(text, maxWidth-indent) {
		b.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
	return b.String()
}

// wrap breaks a text into lines of at most width characters, between words if possible. It
// returns at least one line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(printable(text)) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		characters := []rune(word)
		for len(characters) > width {
			lines = append(lines, string(characters[:width]))
			characters = characters[width:]
		}
		line = string(characters)
	}
	return append(lines, line)
}

// printable turns a text into one line that cannot control a terminal.
func printable(text string) string { return ledger.Text(text, len(text)+utf8.UTFMax*len(text)) }
