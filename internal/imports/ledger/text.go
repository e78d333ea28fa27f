package ledger

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage is the greatest length of a message in bytes.
const MaxMessage = 256

// Message makes a text fit for a ledger: a Text of at most MaxMessage bytes.
func Message(text string) string { return Text(text, MaxMessage) }

// Text makes a text fit for a status: one line of valid UTF-8, without runs of
// white space, of at most limit bytes.
func Text(text string, limit int) string {
	return truncate(strings.Join(strings.Fields(line(text)), " "), limit)
}

// line makes a text one line of valid UTF-8: each row of a ledger is one line
// of its file, for people who read it with grep and awk.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// Cell makes a text one line that no spreadsheet runs as a formula: one that
// begins like a formula is quoted with an apostrophe. Uncell takes it off.
func Cell(text string) string {
	text = line(text)
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// Uncell returns the text that Cell made a cell of.
func Uncell(text string) string {
	if unquoted, quoted := strings.CutPrefix(text, "'"); quoted && isFormula(text) {
		return unquoted
	}
	return text
}

// isFormula reports whether a spreadsheet runs the text, perhaps after
// apostrophes: each of them could be a quote that was taken off.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.ContainsRune("=+-@", rune(text[0]))
}

// truncate cuts a text to at most limit bytes, and shows that it did.
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
