package v1alpha1

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// docs/reasons.md explains every reason once, and nothing else.
func TestReasonsAreExplained(t *testing.T) {
	g := NewWithT(t)
	page, err := os.ReadFile("../../docs/reasons.md")
	g.Expect(err).NotTo(HaveOccurred())
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|").FindAllSubmatch(page, -1) {
		explained = append(explained, string(row[1]))
	}

	g.Expect(explained).To(ConsistOf(append(reasons(t, "conditions.go"), reasons(t, "rowreasons.go")...)))
}

// reasons returns the values of the constants in a file whose names end in Reason.
func reasons(t *testing.T, file string) []any {
	t.Helper()
	g := NewWithT(t)
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	g.Expect(err).NotTo(HaveOccurred())
	var values []any
	ast.Inspect(syntax, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasSuffix(spec.Names[0].Name, "Reason") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		g.Expect(err).NotTo(HaveOccurred())
		values = append(values, value)
		return true
	})
	g.Expect(values).NotTo(BeEmpty())
	return values
}
