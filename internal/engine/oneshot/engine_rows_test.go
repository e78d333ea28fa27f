package oneshot_test

import (
	"fmt"
	"strings"
)

// hires are lines of a CSV with so many users who are new to the directory:
// new00001 and so on.
func hires(n int) []string {
	lines := []string{"username,email,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("%s,%s@example.org,Engines", hire(i), hire(i)))
	}
	return lines
}

func hire(i int) string { return fmt.Sprintf("new%05d", i) }

// moves are lines of a CSV with so many users who are in the directory, as the
// simulator generates them, and who change their department.
func moves(n int) []string {
	lines := []string{"username,email,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, strings.Join([]string{member(i), member(i) + "@example.org", "Engines"}, ","))
	}
	return lines
}

func member(i int) string { return fmt.Sprintf("user%06d", i) }
