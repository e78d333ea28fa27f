package continuous

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
)

type anyChange = Change[*v1alpha1.UserGroup, struct{}]

func TestWhateverDiffersIsAnotherChange(t *testing.T) {
	base := anyChange{
		Action: v1alpha1.ChangeUpdate, Subject: "engineers", UserID: "1", Class: v1alpha1.HarmAccessLost, Harm: 2,
		Fields: []fielddiff.Field{{Name: "email", Old: "a", New: "b"}},
	}
	seen := map[string]string{base.digest(): "the change itself"}
	for name, edit := range map[string]func(*anyChange){
		"another action":    func(c *anyChange) { c.Action = v1alpha1.ChangeDelete },
		"another subject":   func(c *anyChange) { c.Subject = "builders" },
		"another target":    func(c *anyChange) { c.UserID = "2" },
		"another old value": func(c *anyChange) { c.Fields = []fielddiff.Field{{Name: "email", Old: "z", New: "b"}} },
		"another new value": func(c *anyChange) { c.Fields = []fielddiff.Field{{Name: "email", Old: "a", New: "z"}} },
		"another field":     func(c *anyChange) { c.Fields = []fielddiff.Field{{Name: "name", Old: "a", New: "b"}} },
		"two fields in one": func(c *anyChange) { c.Fields = []fielddiff.Field{{Name: `email" "a" "b" "name`, Old: "a", New: "b"}} },
		"more harm":         func(c *anyChange) { c.Harm = 3 },
	} {
		c := base
		edit(&c)
		NewWithT(t).Expect(seen).NotTo(HaveKey(c.digest()), name)
		seen[c.digest()] = name
	}
}

func TestAChangeHasAClass(t *testing.T) {
	for _, c := range []struct {
		class v1alpha1.HarmClass
		harm  int
		fine  bool
	}{
		{v1alpha1.HarmNone, 0, true}, {v1alpha1.HarmNone, 1, false}, {"", 0, false}, {"", 1, false}, {"Harmless", 0, false},
		{v1alpha1.HarmAccessLost, 0, true}, {v1alpha1.HarmAccessGained, 1, true}, {v1alpha1.HarmDefenceLowered, 2, true}, {v1alpha1.HarmIdentityChanged, 1, true},
	} {
		err := (&anyChange{Class: c.class, Harm: c.harm}).check()
		NewWithT(t).Expect(err == nil).To(Equal(c.fine), "%+v", c)
	}
}

// Every kind states for each change that it plans how the change may harm.
func TestNoKindPlansAChangeWithoutAClass(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob("../../*/*/*.go")
	g.Expect(err).NotTo(HaveOccurred())
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		g.Expect(err).NotTo(HaveOccurred())
		ast.Inspect(parsed, func(node ast.Node) bool {
			keys := keysOf(node)
			if keys["Action"] && keys["Do"] || keys["Action"] && keys["Fields"] && keys["UserID"] {
				found++
				g.Expect(keys).To(HaveKey("Class"), "a change in %s", file)
			}
			return true
		})
	}
	g.Expect(found).To(BeNumerically(">", 8))
}

// keysOf returns the fields that a composite literal sets.
func keysOf(node ast.Node) map[string]bool {
	literal, ok := node.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	keys := map[string]bool{}
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if name, ok := pair.Key.(*ast.Ident); ok {
				keys[name.Name] = true
			}
		}
	}
	return keys
}
