package ledger_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func TestMessage(t *testing.T) {
	g := NewWithT(t)
	for text, want := range map[string]string{
		"":                                    "",
		"user already exists":                 "user already exists",
		" two\r\nlines\tand \n":               "two lines and",
		"a\u2028b\u2029c\u0085d\x00e\x1b[31m": "a b c d e [31m",
		"not \xff UTF-8":                      "not \uFFFD UTF-8",
		strings.Repeat("x", 256):              strings.Repeat("x", 256),
		strings.Repeat("x", 257):              strings.Repeat("x", 253) + "…",
		strings.Repeat("é", 200):              strings.Repeat("é", 126) + "…",
	} {
		got := ledger.Message(text)
		g.Expect(got).To(Equal(want))
		g.Expect(len(got)).To(BeNumerically("<=", ledger.MaxMessage))
		g.Expect(utf8.ValidString(got)).To(BeTrue())
	}
}

func TestDigest(t *testing.T) {
	g := NewWithT(t)
	digest := ledger.Digest("uid", "department", "Engineering")
	g.Expect(digest).To(MatchRegexp("^[0-9a-f]{16}$"))
	g.Expect(digest).To(Equal("7e3d06991e122650"), "digests are compared over versions of the operator")
	g.Expect(ledger.Digest("uid", "department", "Engineering")).To(Equal(digest))
	for _, other := range []string{
		ledger.Digest("other", "department", "Engineering"),
		ledger.Digest("uid", "company", "Engineering"),
		ledger.Digest("uid", "department", "engineering"),
		ledger.Digest("uid", "departmentE", "ngineering"),
		ledger.Digest("uiddepartment", "", "Engineering"),
	} {
		g.Expect(other).NotTo(Equal(digest))
	}
}
