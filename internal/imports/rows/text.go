package rows

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	utf8Mark         = []byte("\xef\xbb\xbf")
	littleEndianMark = []byte("\xff\xfe")
	bigEndianMark    = []byte("\xfe\xff")
)

const saveAsUTF8 = `save it as UTF-8, which spreadsheets call "CSV UTF-8"`

// PlainText returns the content as UTF-8 without a byte order mark. Content with one may be
// UTF-16, as Excel writes it. Other content is a SourceError with the position: names would be
// stored garbled.
func PlainText(origin string, content []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(content, littleEndianMark):
		return fromUTF16(origin, content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, bigEndianMark):
		return fromUTF16(origin, content[2:], binary.BigEndian)
	}
	if at := bytes.IndexByte(content, 0); at >= 0 {
		return nil, &SourceError{origin, fmt.Sprintf("is not text, byte %d is zero: %s", at, saveAsUTF8)}
	}
	if at := invalidUTF8(content); at >= 0 {
		return nil, &SourceError{origin, fmt.Sprintf("is not UTF-8 at byte %d, line %d: %s", at, lineAt(content, at), saveAsUTF8)}
	}
	return bytes.TrimPrefix(content, utf8Mark), nil
}

// fromUTF16 decodes what follows the byte order mark.
func fromUTF16(origin string, content []byte, order binary.ByteOrder) ([]byte, error) {
	broken := &SourceError{origin, "is not UTF-16, as its first bytes say: " + saveAsUTF8}
	if len(content)%2 != 0 {
		return nil, broken
	}
	text := make([]byte, 0, len(content))
	for i := 0; i < len(content); i += 2 {
		r := rune(order.Uint16(content[i:]))
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(content) {
				return nil, broken
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(content[i:]))); r == utf8.RuneError {
				return nil, broken
			}
		}
		if r == 0 {
			return nil, broken
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
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

// lineAt returns the line, from 1, of a byte offset, for any line endings.
func lineAt(content []byte, at int) int {
	before := content[:min(at, len(content))]
	return 1 + bytes.Count(before, []byte("\n")) + bytes.Count(before, []byte("\r")) - bytes.Count(before, []byte("\r\n"))
}

// AtLine returns the origin of a line, counted from 1.
func AtLine(origin string, line int) string { return fmt.Sprintf("%s, line %d", origin, line) }

// quote limits and quotes the name of a column or key.
func quote(name string) string {
	const limit = 40
	if utf8.RuneCountInString(name) > limit {
		name = string([]rune(name)[:limit]) + "…"
	}
	return `"` + strings.Map(printable, name) + `"`
}

// printable replaces what would break a message's line or quotes.
func printable(r rune) rune {
	if r == '"' || !unicode.IsPrint(r) {
		return '?'
	}
	return r
}
