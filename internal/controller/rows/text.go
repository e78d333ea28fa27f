package rows

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	utf8Mark   = []byte("\xef\xbb\xbf")
	utf16Marks = [][]byte{[]byte("\xff\xfe"), []byte("\xfe\xff")}
)

const saveAsUTF8 = "save it as UTF-8"

// PlainText returns the content without a byte order mark. Content that is
// not UTF-8 is a SourceError that says where: names would be stored garbled.
func PlainText(origin string, content []byte) ([]byte, error) {
	for _, mark := range utf16Marks {
		if bytes.HasPrefix(content, mark) {
			return nil, &SourceError{origin, "is UTF-16: " + saveAsUTF8}
		}
	}
	if at := bytes.IndexByte(content, 0); at >= 0 {
		return nil, &SourceError{origin, fmt.Sprintf("is not text, byte %d is zero: %s", at, saveAsUTF8)}
	}
	if at := invalidUTF8(content); at >= 0 {
		return nil, &SourceError{origin, fmt.Sprintf("is not UTF-8 at byte %d, line %d: %s", at, lineAt(content, at), saveAsUTF8)}
	}
	return bytes.TrimPrefix(content, utf8Mark), nil
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(content []byte) int {
	for at := 0; at < len(content); {
		r, size := utf8.DecodeRune(content[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// lineAt is the line, from 1, of a byte offset.
func lineAt(content []byte, at int) int {
	return 1 + bytes.Count(content[:min(at, len(content))], []byte("\n"))
}

// AtLine names a line of an origin, from 1.
func AtLine(origin string, line int) string { return fmt.Sprintf("%s, line %d", origin, line) }

// quote bounds and quotes the name of a column or key.
func quote(name string) string {
	const limit = 40
	if utf8.RuneCountInString(name) > limit {
		name = string([]rune(name)[:limit]) + "…"
	}
	return `"` + strings.Map(printable, name) + `"`
}

// printable keeps a message on one line.
func printable(r rune) rune {
	if r == '"' || !unicode.IsPrint(r) {
		return '?'
	}
	return r
}
