package membership

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// attempts is how often a test repeats what must not depend on the order of a map.
const attempts = 30

// A member stays as long as the spec has any of the names by which it was declared, whichever of
// them is dropped and whenever that is.
func TestARenamedMemberIsHeldByEachOfItsNames(t *testing.T) {
	byName, byEmail, byID := username("ada"), email("ada@example.org"), v1alpha1.UserReference{ID: "ada"}
	all := []v1alpha1.UserReference{byName, byEmail, byID}
	renamed := people()
	renamed.add("ada", "lovelace")
	married := people() // who keeps the email
	married.add("ada", "ada")
	delete(married, byName)
	reused := people()
	reused.add("ada", "lovelace")
	reused.add("other", "ada")
	before := view{declared: all, live: []string{"ada"}, people: people("ada")}
	for name, c := range map[string]struct {
		after          []view
		held, replaced []string
	}{
		"only the username is left":              {after: []view{{declared: []v1alpha1.UserReference{byName}, people: renamed}}, held: []string{"ada"}},
		"only the email is left":                 {after: []view{{declared: []v1alpha1.UserReference{byEmail}, people: renamed}}, held: []string{"ada"}},
		"another name named the member longer":   {after: []view{{declared: all, people: married}, {declared: []v1alpha1.UserReference{byName}, people: married}}, held: []string{"ada"}},
		"both names are another user's":          {after: []view{{declared: []v1alpha1.UserReference{byName, byEmail}, people: reused}}, held: []string{"ada"}, replaced: []string{"ada"}},
		"the username that is left is another's": {after: []view{{declared: []v1alpha1.UserReference{byName}, people: reused}}, held: []string{"ada"}, replaced: []string{"ada"}},
		"none of the names is left":              {after: []view{{declared: team("lovelace"), people: people()}}},
	} {
		t.Run(name, func(t *testing.T) {
			for range attempts {
				g := NewWithT(t)
				names := &Names{}
				observe(names, false, "", before)
				d, restarted := Difference{}, noted(names, before)
				for _, v := range c.after {
					v.live = before.live
					d = observe(names, false, "", v)
					next := &Names{}
					again := resume(next, restarted, v)
					g.Expect(again).To(Equal(d), "after a restart")
					restarted = noted(next, v)
					g.Expect(restarted).To(Equal(noted(names, v)))
				}
				g.Expect(ids(d.Held)).To(ConsistOf(c.held))
				g.Expect(ids(d.Replaced)).To(ConsistOf(c.replaced))
			}
		})
	}
}

// The grace period of a name that another user has does not end what another name holds.
func TestANameOfNobodyHoldsLongerThanOneOfAnother(t *testing.T) {
	g := NewWithT(t)
	declared := []v1alpha1.UserReference{username("ada"), email("ada@example.org")}
	reused := people()
	reused.add("ada", "lovelace")
	reused.add("other", "ada")
	delete(reused, email("ada@example.org"))
	after := view{declared: declared, live: []string{"ada"}, people: reused}
	late := after
	late.at = 2 * grace
	d := observe(&Names{}, false, "", view{declared: declared, live: []string{"ada"}, people: people("ada")}, after, late)
	g.Expect(ids(d.Held)).To(Equal([]string{"ada"}))
	g.Expect(d.Replaced).To(BeEmpty())
}

// A name that passed to another user while the member was declared by a further name holds no
// one: the spec has been right since.
func TestANameThatPassedOnWhileAnotherNamedTheMember(t *testing.T) {
	g := NewWithT(t)
	reused := people()
	reused.add("ada", "lovelace")
	reused.add("other", "ada")
	live := []string{"ada", "other"}
	before := view{declared: team("ada", "lovelace"), live: live, people: people("ada")}
	corrected := view{declared: team("ada", "lovelace"), live: live, people: reused}
	left := view{declared: team("ada"), live: live, people: reused}
	d := observe(&Names{}, false, "", before, corrected, left)
	g.Expect(ids(d.Remove)).To(Equal([]string{"ada"}))
	g.Expect(d.Held).To(BeEmpty())
}

// The encoding stays: if a new version could not read what is in the status, it would remove
// members who were renamed during the update, or hold strangers.
func TestTheEncodingOfKnownNamesStays(t *testing.T) {
	g := NewWithT(t)
	declared := []v1alpha1.UserReference{username("ada"), email("ada@example.org")}
	status := &v1alpha1.MembersStatus{Known: "LsNBp3gM0EZkJJTDxIvq5vnj0EZkJJTD"}
	v, names := view{declared: declared, live: []string{"ada"}, people: people("ada")}, &Names{}
	observe(names, false, "", v)
	g.Expect(noted(names, v)).To(Equal(status))

	renamed := people()
	renamed.add("ada", "lovelace")
	for _, left := range declared {
		d := resume(&Names{}, status, view{declared: []v1alpha1.UserReference{left}, live: v.live, people: renamed})
		g.Expect(ids(d.Held)).To(Equal([]string{"ada"}))
	}
}

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
