package references

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

func username(name string) v1alpha1.UserReference { return v1alpha1.UserReference{Username: name} }

func email(address string) v1alpha1.UserReference { return v1alpha1.UserReference{Email: address} }

func TestSourcesNameMembers(t *testing.T) {
	ada, chas := username("ada.byron"), email("Chas@Example.org")
	for name, content := range map[string]string{
		"lines":                          "ada.byron\nChas@Example.org\n",
		"no line break at the end":       "ada.byron\nChas@Example.org",
		"CRLF":                           "ada.byron\r\nChas@Example.org\r\n",
		"byte order mark":                "\xef\xbb\xbfada.byron\nChas@Example.org\n",
		"comments and blank lines":       "# the team\n\n  ada.byron  \n\t\n  # and Chas\nChas@Example.org\n\n",
		"CSV":                            "username,email\nada.byron,ada@example.org\n,Chas@Example.org\n",
		"CSV in another case and order":  "Department, EMAIL ,UserName\nEngines,ada@example.org,ada.byron\nEngines,Chas@Example.org,\n",
		"CSV with quotes":                "\"username\",\"note\",\"email\"\n\"ada.byron\",\"a, b\nc\",\n\"\",\"\",\"Chas@Example.org\"\n",
		"CSV after a comment, with CRLF": "\xef\xbb\xbf# exported\r\nusername,email\r\n# engineers\r\nada.byron,\r\n,Chas@Example.org\r\n,\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(Parse(rows.Text{Origin: "x", Content: []byte(content)})).To(Equal([]v1alpha1.UserReference{ada, chas}))
		})
	}
}

func TestASourceWithOneColumnIsATable(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Parse(rows.Text{Content: []byte("Username\nada@example\n")})).
		To(Equal([]v1alpha1.UserReference{username("ada@example")}), "a column says what its cells are")
	for _, content := range []string{"team;username\nx,y;ada\n", "team\tusername\nx\tada\n", "\xff\xfea\x00d\x00a\x00"} {
		g.Expect(Parse(rows.Text{Content: []byte(content)})).To(Equal([]v1alpha1.UserReference{username("ada")}))
	}
	g.Expect(Parse(rows.Text{Content: []byte("email\nada@example.org\n")})).To(Equal([]v1alpha1.UserReference{email("ada@example.org")}))
}

func TestSourcesThatNameNobody(t *testing.T) {
	for _, content := range []string{"", "\n\n", "# nobody\n", "\xef\xbb\xbf", "username,email\n", "email\n\n,\n"} {
		g := NewWithT(t)
		references, err := Parse(rows.Text{Content: []byte(content)})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(references).To(BeEmpty())
	}
}

func TestSourcesThatCannotBeReadNameTheLine(t *testing.T) {
	const origin = "ConfigMap team, key members"
	for content, message := range map[string]string{
		"ada\nchas,eva\n":              "line 2: holds a comma",
		"ada;chas\n":                   "line 1: holds a semicolon",
		"# x\n\nada\tchas\n":           "line 3: holds a tab",
		"name,mail\nada,a@b\n":         "line 1: holds a comma",
		"username,USERNAME\nada,a\n":   "has two columns username",
		"username,email\nada\n":        "line 2: has 1 cells where the header has 2 columns",
		"username,email\nada,a,b\n":    "line 2: has 3 cells where the header has 2 columns",
		"username,team\nada,x\n,x\n":   "line 3: names no user",
		"username\n\"ada\nchas\n":      "is not CSV",
		"username;team,x\nada;x,y\n":   "in two ways",
		"\xff\xfea":                    "is not UTF-16",
		"ada\nb\xffc\n":                "is not UTF-8 at byte 5, line 2",
		strings.Repeat("a", 1025):      "line 1: names a user by more than 1024 characters",
		"email\n" + longEmail() + "\n": "line 2: names a user by more than 1024 characters",
	} {
		t.Run(message, func(t *testing.T) {
			g := NewWithT(t)
			references, err := Parse(rows.Text{Origin: origin, Content: []byte(content)})
			g.Expect(references).To(BeNil())
			g.Expect(err).To(BeAssignableToTypeOf(&rows.SourceError{}))
			g.Expect(err.Error()).To(HavePrefix(origin))
			g.Expect(err.Error()).To(ContainSubstring(message))
			g.Expect(err.Error()).NotTo(Or(ContainSubstring("ada"), ContainSubstring("chas")), "lines are about people")
		})
	}
}

func longEmail() string { return strings.Repeat("a", 1020) + "@a.io" }
