// Package text forms what messages and statuses show to people.
package text

import (
	"fmt"
	"math"
	"strings"
)

// Clip cuts a text to so many bytes, between characters.
func Clip(s string, limit int) string {
	return strings.ToValidUTF8(s[:min(len(s), limit)], "")
}

// Shorten is Clip that shows where something was cut off.
func Shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return Clip(s, limit) + "…"
}

// Plural counts things whose plural ends in s, such as "2 users".
func Plural(n int, what string) string { return Count(n, what, what+"s") }

// Count counts what a sentence is about, such as "1 user is" or "2 users are".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// First names the first of so many things.
func First(names []string, shown, total int) string {
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if more := total - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Int32 is a number as a status holds it.
func Int32(n int) int32 { return int32(min(n, math.MaxInt32)) }
