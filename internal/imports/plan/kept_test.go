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
		sent, differs []Change
		shows         bool
		learned       bool
	}{
		"the value has become another":       {sent: []Change{phone("", "020")}, differs: []Change{phone("+4420", "020")}, learned: true},
		"another change was made":            {sent: []Change{phone("+4420", "020"), department}, differs: []Change{phone("+4420", "020")}, learned: true},
		"the same letters, once it shows":    {sent: []Change{phone("+4420", "44 20")}, differs: []Change{phone("+4420", "44 20")}, shows: true, learned: true},
		"the same letters, by a new process": {differs: []Change{phone("+4420", "44 20")}, shows: true, learned: true},
		"the same letters, too early":        {sent: []Change{phone("+4420", "44 20")}, differs: []Change{phone("+4420", "44 20")}},
		"other letters as before":            {sent: []Change{phone("+1", "020")}, differs: []Change{phone("+1", "020")}, shows: true},
		"nothing is kept":                    {sent: []Change{phone("+1", "020")}, differs: []Change{phone("", "020")}, shows: true},
		"what was cleared is there":          {sent: []Change{phone("+1", "")}, differs: []Change{phone("+2", "")}, shows: true},
		"another field differs, too":         {sent: []Change{phone("", "020"), department}, differs: []Change{phone("+4420", "020"), department}, shows: true},
		"another value was sent":             {sent: []Change{phone("", "021")}, differs: []Change{phone("+4420", "020")}, shows: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			learned := LearnKept("salt", c.sent, c.differs, c.shows)
			if !c.learned {
				g.Expect(learned).To(BeEmpty())
				return
			}
			g.Expect(learned).To(Equal([]v1alpha1.KeptValue{keptValue("salt", phonePath, c.differs[0].New, c.differs[0].Old)}))
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
