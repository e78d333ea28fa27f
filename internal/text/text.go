// Package text formats what messages and statuses show to people.
package text

import (
	"fmt"
	"math"
	"strings"
)

// Clip cuts a text to at most limit bytes, between characters.
func Clip(s string, limit int) string {
	return strings.ToValidUTF8(s[:min(len(s), limit)], "")
}

// Shorten is Clip, but marks a cut with an ellipsis.
func Shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return Clip(s, limit) + "…"
}

// Plural returns a count of things whose plural ends in s, such as "2 users".
func Plural(n int, what string) string { return Count(n, what, what+"s") }

// Count returns a count and the words that agree with it, such as "1 user is" or "2 users
// are".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// First lists the first names, and how many more there are of the total.
func First(names []string, shown, total int) string {
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if more := total - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Int32 returns a number in the type of statuses, limited to its range.
func Int32(n int) int32 { return int32(min(n, math.MaxInt32)) }
