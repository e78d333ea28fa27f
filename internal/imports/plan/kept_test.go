package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

const phonePath = "phoneNumbers.work"

func TestWhatJumpCloudKeepsIsLearned(t *testing.T) {
	phone := func(old, declared string) Change { return Change{Path: phonePath, Old: old, New: declared} }
	department := Change{Path: "department", Old: "Looms", New: "Engines"}
	for name, c := range map[string]struct {
		sent, differs  []Change
		known, certain bool
	}{
		"the value has become another":  {[]Change{phone("", "020")}, []Change{phone("+4420", "020")}, true, true},
		"another change was made":       {[]Change{phone("+4420", "020"), department}, []Change{phone("+4420", "020")}, true, true},
		"the same letters":              {[]Change{phone("+4420", "44 20")}, []Change{phone("+4420", "44 20")}, true, false},
		"the same, after a restart":     {nil, []Change{phone("+4420", "44 20")}, true, false},
		"other letters as before":       {[]Change{phone("+1", "020")}, []Change{phone("+1", "020")}, false, false},
		"other letters after a restart": {nil, []Change{phone("+4420", "020")}, false, false},
		"nothing is kept":               {[]Change{phone("+1", "020")}, []Change{phone("", "020")}, false, false},
		"what was cleared is there":     {[]Change{phone("+1", "")}, []Change{phone("+2", "")}, false, false},
		"another field differs, too":    {[]Change{phone("", "020"), department}, []Change{phone("+4420", "020"), department}, false, false},
		"another value was sent":        {[]Change{phone("", "021")}, []Change{phone("+4420", "020")}, false, false},
		"nothing differs":               {[]Change{phone("", "021")}, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			learned, known := LearnKept("salt", c.sent, c.differs)
			g.Expect(known).To(Equal(c.known))
			if known {
				g.Expect(learned.Certain).To(Equal(c.certain))
				g.Expect(learned.Kept).To(Equal([]v1alpha1.KeptValue{keptValue("salt", phonePath, c.differs[0].New, c.differs[0].Old)}))
			}
		})
	}
}

func TestKeptValuesHoldUntilEitherChanges(t *testing.T) {
	g := NewWithT(t)
	known := []v1alpha1.KeptValue{keptValue("salt", phonePath, "020", "+4420")}
	m := NewMatcher(Options{Salt: "salt", Kept: func(string) []v1alpha1.KeptValue { return known }}, nil)
	g.Expect(m.keeps(adaID, phonePath, "020", "+4420")).To(BeTrue())
	g.Expect(m.keeps(adaID, phonePath, "021", "+4420")).To(BeFalse())
	g.Expect(m.keeps(adaID, phonePath, "020", "+4421")).To(BeFalse())
	g.Expect(m.keeps(adaID, "phoneNumbers.home", "020", "+4420")).To(BeFalse())

	d := &Decision{Row: &rows.Row{Fields: []rows.Field{{Path: phonePath, Value: "020"}}}}
	g.Expect(d.StillKept("salt", known)).To(Equal(known))
	d.Changes = []Change{{Path: phonePath, Old: "+1", New: "020"}}
	g.Expect(d.StillKept("salt", known)).To(BeEmpty(), "the live value changed")
	d = &Decision{Row: &rows.Row{Fields: []rows.Field{{Path: phonePath, Value: "021"}}}}
	g.Expect(d.StillKept("salt", known)).To(BeEmpty(), "the row changed")
	d.Row.Fields = nil
	g.Expect(d.StillKept("salt", known)).To(BeEmpty(), "the row states it no more")

	other := keptValue("salt", phonePath, "020", "0044")
	g.Expect(MergeKept(known, []v1alpha1.KeptValue{other})).To(Equal([]v1alpha1.KeptValue{other}))
}
