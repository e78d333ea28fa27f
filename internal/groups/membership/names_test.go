package membership

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// People can read about a member who comes back after somebody else got the name, as about any
// other whose name is another user's.
func TestAMemberWhoComesBackToANameOfAnotherIsHeldForAWhile(t *testing.T) {
	g := NewWithT(t)
	declared := team("ada", "chas")
	renamed := people("chas")
	renamed.add("ada", "lovelace")
	reused := people("chas")
	reused.add("ada", "lovelace")
	reused.add("other", "ada")
	first, before := &Names{}, view{declared: declared, live: []string{"ada", "chas"}, people: people("ada", "chas")}
	observe(first, false, "", before)
	away := view{declared: declared, live: []string{"chas"}, people: renamed}
	back := view{declared: declared, live: []string{"ada", "chas"}, people: reused, at: time.Minute}
	next := &Names{}
	d := resume(next, noted(first, before), away, back)
	g.Expect(ids(d.Replaced)).To(Equal([]string{"ada"}))
	g.Expect(d.Remove).To(BeEmpty())

	back.at += grace
	g.Expect(ids(observe(next, false, "", back).Remove)).To(Equal([]string{"ada"}))
}
