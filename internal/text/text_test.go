package text_test

import (
	"math"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

func TestText(t *testing.T) {
	g := NewWithT(t)
	g.Expect(text.Clip("größe", 3)).To(Equal("gr"), "no half of a character")
	g.Expect(text.Clip("ab", 3)).To(Equal("ab"))
	g.Expect(text.Shorten("größe", 3)).To(Equal("gr…"))
	g.Expect(text.Shorten("abc", 3)).To(Equal("abc"))
	g.Expect(text.Plural(1, "user")).To(Equal("1 user"))
	g.Expect(text.Plural(0, "user")).To(Equal("0 users"))
	g.Expect(text.Count(2, "user is", "users are")).To(Equal("2 users are"))
	g.Expect(text.First([]string{"a", "b", "c"}, 2, 3)).To(Equal("a, b and 1 more"))
	g.Expect(text.First([]string{"a"}, 2, 1)).To(Equal("a"))
	g.Expect(text.Int32(math.MaxInt64)).To(Equal(int32(math.MaxInt32)))
}
