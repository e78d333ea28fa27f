package rows

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
)

// A live user who is declared and read again as a row of a spec has the same values: declaring
// what exists changes nothing.
func TestALiveUserIsDeclaredAsItIs(t *testing.T) {
	g := NewWithT(t)
	live := user(t, "{"+comparableJSON+","+createOnlyJSON+`,"_id":"65f1c0ffee65f1c0ffee0aaa","password":"hunter2"}`)
	row := FromUser(live)
	want := everything()
	want.Fields = slices.DeleteFunc(want.Fields, func(f Field) bool { return !Comparable(f.Path) })
	g.Expect(row.Fields).To(Equal(want.Fields))
	g.Expect(row.Password).To(BeNil())

	declared := row.Declared()
	again, err := newBuilder().inlineRow("spec", &declared)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again.Problems).To(BeEmpty())
	g.Expect(again.Fields).To(Equal(row.Fields))
}

func TestWhatCannotBeReadIsNotDeclared(t *testing.T) {
	row := FromUser(user(t, `{"_id":"x","username":"ada","department":["what"],"company":"","sudo":true}`))
	g := NewWithT(t)
	for _, path := range []string{"department", "company"} {
		_, stated := row.Get(path)
		g.Expect(stated).To(BeFalse(), path)
	}
	g.Expect(row.Username()).To(Equal("ada"))
}
