package ledger

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage is the maximum length of a message in bytes.
const MaxMessage = 256

// Message returns a text as a ledger stores it: a Text of at most MaxMessage bytes.
func Message(text string) string { return Text(text, MaxMessage) }

// Text returns a text as a status stores it: one line of valid UTF-8, without runs of white
// space, of at most limit bytes.
func Text(text string, limit int) string {
	return truncate(strings.Join(strings.Fields(line(text)), " "), limit)
}

// line turns a text into one line of valid UTF-8: each row of a ledger is one line of its
// file, for people who read it with grep and awk.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// Cell turns a text into one line that no spreadsheet evaluates: it quotes a text that begins
// like a formula with an apostrophe. Uncell removes it.
func Cell(text string) string {
	text = line(text)
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// Uncell returns the text from which Cell made the cell.
func Uncell(text string) string {
	if unquoted, quoted := strings.CutPrefix(text, "'"); quoted && isFormula(text) {
		return unquoted
	}
	return text
}

// isFormula reports whether a spreadsheet evaluates the text, perhaps after apostrophes: each
// of them could be a quote that is removed.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.ContainsRune("=+-@", rune(text[0]))
}

// truncate cuts a text to at most limit bytes, and marks the cut with an ellipsis.
func truncate(text string, limit int) string {
	const ellipsis = "…"
	if len(text) <= limit {
		return text
	}
	end := limit - len(ellipsis)
	if end <= 0 {
		return ""
	}
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
