package manifest

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const two = `# A comment is no document.
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
  data:
    users.csv: |
      username
      ada
--- # the second
apiVersion: v1
kind: Secret
metadata:
  name: b
  annotations:
    example.org/team: blue
`

func TestLines(t *testing.T) {
	for title, content := range map[string]string{
		"as on Linux":   two,
		"as on Windows": "\xef\xbb\xbf" + strings.ReplaceAll(two, "\n", "\r\n"),
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			objects, problems := Parse("f", []byte(content))
			g.Expect(problems).To(BeEmpty())
			g.Expect(objects).To(HaveLen(2))
			a, b := objects[0], objects[1]
			g.Expect(a.String()).To(Equal("ConfigMap a"))
			position := func(o *Object, path string) [2]int {
				line, column := o.Position(path)
				return [2]int{line, column}
			}
			g.Expect(position(a, "")).To(Equal([2]int{6, 3}))
			g.Expect(position(a, "metadata.name")).To(Equal([2]int{8, 14}), "in a mapping on one line")
			g.Expect(position(a, "data[users.csv]")).To(Equal([2]int{10, 5}))
			g.Expect(a.TextLine("data[users.csv]", 2)).To(Equal(12))
			g.Expect(a.TextLine("metadata.name", 1)).To(BeZero(), "it is not written line by line")
			g.Expect(position(b, "metadata.annotations[example.org/team]")).To(Equal([2]int{19, 5}))
			g.Expect(position(b, "metadata.labels[none]")).To(Equal([2]int{16, 1}), "the nearest field that is stated")
			g.Expect(position(&Object{}, "metadata")).To(Equal([2]int{0, 0}), "it was built")
		})
	}
}

func TestWhatIsNoManifest(t *testing.T) {
	for title, c := range map[string]struct{ content, problem string }{
		"a tab":       {"# a\n---\nkind: A\n\tb: c\n", "f:4: is not YAML: found a tab character that violates indentation"},
		"a key twice": {"kind: A\nkind: B\n", "f:2: is not YAML: key \"kind\" already set in map"},
		"no kind":     {"---\napiVersion: v1\n", "f:2:1: has no apiVersion or no kind: every manifest states both"},
		"a list":      {"- a\n", "f:1: is not YAML: json: cannot unmarshal array into Go value of type map[string]interface {}"},
		"UTF-16":      {"\xff\xfek\x00i\x00", "f: is not UTF-8: save it as UTF-8"},
		"blank":       {" \n---\n# nothing\n", ""},
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			objects, problems := Parse("f", []byte(c.content))
			g.Expect(objects).To(BeEmpty())
			if c.problem == "" {
				g.Expect(problems).To(BeEmpty())
				return
			}
			g.Expect(problems).To(HaveLen(1))
			g.Expect(problems[0].String()).To(Equal(c.problem))
		})
	}
}
