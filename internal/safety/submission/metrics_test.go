package submission

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// People write alerts from docs/operating.md: its table of outcomes has every value of the
// label, and no other.
func TestOutcomesAreDocumented(t *testing.T) {
	g := NewWithT(t)
	page, err := os.ReadFile("../../../docs/operating.md")
	g.Expect(err).NotTo(HaveOccurred())
	_, table, found := strings.Cut(string(page), "| Outcome | The attempt |\n|---|---|\n")
	g.Expect(found).To(BeTrue(), "the table of outcomes")
	table, _, _ = strings.Cut(table, "\n\n")

	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, row[1])
	}

	g.Expect(documented).To(ConsistOf(slices.Collect(maps.Values(outcomes))))
	g.Expect(documented).To(HaveLen(strings.Count(table, "\n") + 1))
}
