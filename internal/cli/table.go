package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// maxWidth is how wide a line is at most, in characters.
const maxWidth = 120

const (
	gap = "  "
	// maxCell is how much of a column that is not the last one is shown.
	maxCell = 32
)

// table is columns of text. The last column takes what is left of the line, and is
// wrapped; the others are cut.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String is the table; nothing if it has no rows. No cell can control a terminal.
func (t *table) String() string {
	if len(t.rows) == 0 {
		return ""
	}
	all := append([][]string{t.header}, t.rows...)
	last := len(t.header) - 1
	widths := make([]int, last)
	for _, row := range all {
		for i := range widths {
			row[i] = shorten(printable(row[i]), maxCell)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	indent := 0
	for _, width := range widths {
		indent += width + len(gap)
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for i, width := range widths {
			line.WriteString(row[i] + strings.Repeat(" ", width-utf8.RuneCountInString(row[i])) + gap)
		}
		for i, text := range wrap(row[last], maxWidth-indent) {
			if i > 0 {
				line.WriteString("\n" + strings.Repeat(" ", indent))
			}
			line.WriteString(text)
		}
		b.WriteString(trimLines(line.String()) + "\n")
	}
	return b.String()
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// paragraph is a text in lines of the greatest width, each indented.
func paragraph(indent int, text string) string {
	var b strings.Builder
	for _, line := range wrap(text, maxWidth-indent) {
		b.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
	return b.String()
}

// wrap breaks a text into lines of at most width characters, between words where it
// can. There is at least one line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(printable(text)) {
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

// printable makes a text one line that does nothing to a terminal.
func printable(text string) string { return ledger.Text(text, len(text)+utf8.UTFMax*len(text)) }

// shorten cuts a text to so many characters, and shows that it did.
func shorten(text string, limit int) string {
	characters := []rune(text)
	if len(characters) <= limit {
		return text
	}
	return string(characters[:limit-1]) + "…"
}
