package export

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/validation"
)

func TestNamesAreAllowedAndDiffer(t *testing.T) {
	g := NewWithT(t)
	texts := []string{
		"ada.byron", "Ada.Byron", "ADA.BYRON", "R & D", "r-d", "R/D", "émile", "-x-", "a..b", "a.-b", "日本", "!", "",
		strings.Repeat("long", 100), strings.Repeat("long", 99) + "er", "x.", ".x",
	}
	n := newNames("group", texts)
	seen := map[string]string{}
	for _, text := range texts {
		name := n.of(text)
		g.Expect(validation.IsDNS1123Subdomain(name)).To(BeEmpty(), "%q: %q", text, name)
		g.Expect(len(name)).To(BeNumerically("<=", maxName))
		g.Expect(seen).NotTo(HaveKey(name), "%q", text)
		seen[name] = text
	}
	g.Expect(n.of("ada.byron")).To(Equal("ada.byron"), "what is allowed stays")
	g.Expect(n.of("Ada.Byron")).To(HavePrefix("ada.byron-"))
	g.Expect(newNames("group", []string{"R & D"}).of("R & D")).To(Equal("r---d"))
}

func TestNamesDoNotDependOnTheOrder(t *testing.T) {
	g := NewWithT(t)
	one, other := newNames("x", []string{"A b", "a_b", "c"}), newNames("x", []string{"c", "a_b", "A b"})
	for _, text := range []string{"A b", "a_b", "c"} {
		g.Expect(one.of(text)).To(Equal(other.of(text)))
	}
}
