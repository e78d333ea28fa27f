package membership

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

func username(name string) v1alpha1.UserReference { return v1alpha1.UserReference{Username: name} }

func email(address string) v1alpha1.UserReference { return v1alpha1.UserReference{Email: address} }

// knownUsers has users by their names, which are also their ids unless stated otherwise.
type knownUsers map[v1alpha1.UserReference]directory.User

func people(names ...string) knownUsers {
	d := knownUsers{}
	for _, name := range names {
		d.add(name, name)
	}
	return d
}

func (d knownUsers) add(id, name string) {
	person := directory.User{ID: id, Username: name, Email: name + "@example.org"}
	for _, reference := range []v1alpha1.UserReference{{Username: name}, {Email: person.Email}, {ID: id}} {
		d[reference] = person
	}
}

func (d knownUsers) find(reference v1alpha1.UserReference) (directory.User, bool) {
	person, found := d[reference]
	return person, found
}

// team declares users by their usernames.
func team(names ...string) []v1alpha1.UserReference {
	references := make([]v1alpha1.UserReference, len(names))
	for i, name := range names {
		references[i] = username(name)
	}
	return references
}

// view is one observation of the members of a group.
type view struct {
	declared []v1alpha1.UserReference
	live     []string
	people   knownUsers
	at       time.Duration
}

func (v *view) roster() *Roster { return NewRoster(v.declared, v.people.find) }

const grace = time.Hour

func ids(people []directory.User) []string { return (&Roster{Members: people}).IDs() }

// observe makes one observation after another, as one process does, and returns the last
// difference.
func observe(a *Names, managed bool, strangers string, views ...view) Difference {
	var before *v1alpha1.MembersStatus
	if managed {
		before = &v1alpha1.MembersStatus{NeverFound: strangers}
	}
	return resume(a, before, views...)
}

// resume is observe for a process that finds a status.
func resume(a *Names, before *v1alpha1.MembersStatus, views ...view) Difference {
	var d Difference
	began := time.Unix(0, 0)
	for _, v := range views {
		d, _ = a.Compare(&Look{
			Roster: v.roster(), Live: v.live, Find: v.people.find, Protected: func(p directory.User) bool { return p.Username == "root" },
			Before: before, Now: began.Add(v.at), Grace: grace,
		})
	}
	return d
}

func TestDifferencesOfMembers(t *testing.T) {
	all := people("ada", "chas", "eva", "root")
	for name, c := range map[string]struct {
		view        view
		add, remove []string
		protected   int
	}{
		"nobody is declared and nobody is there": {view: view{}},
		"who is missing is added, in order":      {view: view{declared: team("eva", "ada", "chas"), live: []string{"ada"}}, add: []string{"eva", "chas"}},
		"who is not declared is removed":         {view: view{declared: team("ada"), live: []string{"chas", "ada", "eva"}}, remove: []string{"chas", "eva"}},
		"different names of one user are one member": {
			view: view{declared: []v1alpha1.UserReference{username("ada"), email("ada@example.org"), {ID: "ada"}}, live: []string{}}, add: []string{"ada"},
		},
		"who is protected stays":                                    {view: view{declared: team("ada"), live: []string{"ada", "root"}}, protected: 1},
		"who is protected may be declared":                          {view: view{declared: team("root")}, add: []string{"root"}},
		"who is not in the knownUsers is neither added nor removed": {view: view{declared: team("new"), live: []string{"gone"}}},
		"nobody is declared any more":                               {view: view{live: []string{"ada", "root"}}, remove: []string{"ada"}, protected: 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.view.people = all
			d := observe(&Names{}, true, "", c.view)
			g.Expect(ids(d.Add)).To(HaveExactElements(c.add))
			g.Expect(ids(d.Remove)).To(HaveExactElements(c.remove))
			g.Expect(d.Protected).To(Equal(c.protected))
			g.Expect(d.Held).To(BeEmpty())
		})
	}
}

// A renamed member is declared by a name that nobody has: removal would take away the declared
// membership.
func TestAMemberWhoWasRenamedIsNotRemoved(t *testing.T) {
	before := people("ada", "chas", "eva")
	after := people("chas", "eva")
	after.add("ada", "ada.lovelace")
	declared := view{declared: team("ada", "chas"), live: []string{"ada", "chas"}, people: before}
	renamed := view{declared: team("ada", "chas"), live: []string{"ada", "chas", "eva"}, people: after}

	t.Run("as long as the old name is declared", func(t *testing.T) {
		g := NewWithT(t)
		late := renamed
		late.at = 100 * grace
		d := observe(&Names{}, false, "", declared, renamed, late)
		g.Expect(ids(d.Held)).To(Equal([]string{"ada"}))
		g.Expect(d.Replaced).To(BeEmpty())
		g.Expect(ids(d.Remove)).To(Equal([]string{"eva"}), "she was never declared")
	})
	t.Run("and is, once nobody declares the old name", func(t *testing.T) {
		g := NewWithT(t)
		left := renamed
		left.declared = team("chas")
		d := observe(&Names{}, false, "", declared, renamed, left)
		g.Expect(d.Held).To(BeEmpty())
		g.Expect(ids(d.Remove)).To(Equal([]string{"ada", "eva"}))
	})
	t.Run("and is declared by the new name", func(t *testing.T) {
		g := NewWithT(t)
		corrected := renamed
		corrected.declared = team("ada.lovelace", "chas")
		d := observe(&Names{}, false, "", declared, renamed, corrected)
		g.Expect(d.Held).To(BeEmpty())
		g.Expect(ids(d.Remove)).To(Equal([]string{"eva"}))
		g.Expect(d.Add).To(BeEmpty())
	})
	t.Run("nor where somebody else has the name now, for a while", func(t *testing.T) {
		g := NewWithT(t)
		reused := renamed
		reused.people = people("chas", "eva")
		reused.people.add("ada", "ada.lovelace")
		reused.people[username("ada")] = directory.User{ID: "other", Username: "ada"}
		a := &Names{}
		d := observe(a, false, "", declared, reused)
		g.Expect(ids(d.Replaced)).To(Equal([]string{"ada"}))
		g.Expect(ids(d.Add)).To(Equal([]string{"other"}))
		reused.at = grace - 1
		g.Expect(ids(observe(a, false, "", reused).Held)).To(Equal([]string{"ada"}))
		reused.at = grace
		d = observe(a, false, "", reused)
		g.Expect(d.Held).To(BeEmpty())
		g.Expect(ids(d.Remove)).To(Equal([]string{"ada", "eva"}))
	})
}

// A new process does not know by which names the members were declared.
func TestAfterARestartNobodyIsRemovedWhoMayHaveBeenRenamed(t *testing.T) {
	after := people("chas", "eva")
	after.add("ada", "ada.lovelace")
	first := view{declared: team("ada", "chas"), live: []string{"ada", "chas", "eva"}, people: after}

	t.Run("while a declared name is nobody's", func(t *testing.T) {
		g := NewWithT(t)
		late := first
		late.at = 100 * grace
		late.live = append(late.live, "mallory")
		late.people = people("chas", "eva", "mallory")
		late.people.add("ada", "ada.lovelace")
		d := observe(&Names{}, true, "", first, late)
		g.Expect(ids(d.Held)).To(Equal([]string{"ada", "eva"}))
		g.Expect(ids(d.Remove)).To(Equal([]string{"mallory"}), "she came while the process watched")
	})
	t.Run("but is, once the name is not declared or somebody has it", func(t *testing.T) {
		g := NewWithT(t)
		left := first
		left.declared = team("chas")
		g.Expect(ids(observe(&Names{}, true, "", first, left).Remove)).To(Equal([]string{"ada", "eva"}))
		corrected := first
		corrected.declared = team("ada.lovelace", "chas")
		g.Expect(ids(observe(&Names{}, true, "", first, corrected).Remove)).To(Equal([]string{"eva"}))
	})
	t.Run("but is, where nobody is missing", func(t *testing.T) {
		g := NewWithT(t)
		whole := first
		whole.declared = team("chas")
		g.Expect(ids(observe(&Names{}, true, "", whole).Remove)).To(Equal([]string{"ada", "eva"}))
	})
	t.Run("but is, where only an id is missing", func(t *testing.T) {
		g := NewWithT(t)
		byID := first
		byID.declared = []v1alpha1.UserReference{username("chas"), {ID: "deleted"}}
		g.Expect(ids(observe(&Names{}, true, "", byID).Remove)).To(Equal([]string{"ada", "eva"}))
	})
	t.Run("but is, from a group that nobody managed before", func(t *testing.T) {
		g := NewWithT(t)
		g.Expect(ids(observe(&Names{}, false, "", first).Remove)).To(Equal([]string{"ada", "eva"}))
	})
}

// A user who will be hired next month must not keep everybody else in the group after each
// restart.
func TestARestartRemembersWhoWasNeverThere(t *testing.T) {
	g := NewWithT(t)
	view := view{declared: team("chas", "hire"), live: []string{"chas"}, people: people("chas", "eva")}
	a := &Names{}
	observe(a, false, "", view)
	strangers := a.strangers()
	g.Expect(strangers).NotTo(BeEmpty())

	view.live = []string{"chas", "eva"}
	g.Expect(ids(observe(&Names{}, true, strangers, view).Remove)).To(Equal([]string{"eva"}))

	view.people = people("eva")
	view.people.add("chas", "charles")
	d := observe(&Names{}, true, strangers, view)
	g.Expect(d.Remove).To(BeEmpty(), "chas is missing now, too")
	g.Expect(ids(d.Held)).To(Equal([]string{"chas", "eva"}))

	second := &Names{}
	observe(second, true, strangers, view)
	g.Expect(second.strangers()).To(BeEmpty(), "who is in doubt stays in doubt over the next restart")
	g.Expect(observe(&Names{}, true, second.strangers(), view).Remove).To(BeEmpty())
}

// noted is what a process records in the status.
func noted(a *Names, l view) *v1alpha1.MembersStatus {
	return &v1alpha1.MembersStatus{NeverFound: a.strangers(), Known: a.known(l.roster(), l.live)}
}

// The next process knows what this one knows, whatever happened in between. Another restart
// changes nothing in the status.
func TestARestartRemembersNames(t *testing.T) {
	before := view{declared: team("ada", "chas", "hire"), live: []string{"ada", "chas"}, people: people("ada", "chas", "eva")}
	renamed := people("chas", "eva")
	renamed.add("ada", "lovelace")
	replaced := people("chas", "eva")
	replaced.add("ada", "lovelace")
	replaced.add("ada2", "ada")
	for name, c := range map[string]struct {
		after          view
		remove, held   []string
		replaced, late []string
	}{
		"nothing":                          {after: before},
		"a stranger came":                  {after: view{before.declared, []string{"ada", "chas", "eva"}, before.people, 0}, remove: []string{"eva"}, late: []string{"eva"}},
		"a member was renamed":             {after: view{before.declared, []string{"ada", "chas", "eva"}, renamed, 0}, remove: []string{"eva"}, held: []string{"ada"}, late: []string{"eva"}},
		"the name belongs to another user": {after: view{before.declared, []string{"ada", "chas"}, replaced, 0}, held: []string{"ada"}, replaced: []string{"ada"}, late: []string{"ada"}},
		"the name is not declared":         {after: view{team("chas", "hire"), []string{"ada", "chas"}, replaced, 0}, remove: []string{"ada"}, late: []string{"ada"}},
		"renamed, and no member now":       {after: view{before.declared, []string{"chas"}, renamed, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			first := &Names{}
			observe(first, false, "", before)
			status := noted(first, before)
			for range 3 {
				next := &Names{}
				d := resume(next, status, c.after)
				g.Expect(ids(d.Remove)).To(ConsistOf(c.remove))
				g.Expect(ids(d.Held)).To(ConsistOf(c.held))
				g.Expect(ids(d.Replaced)).To(ConsistOf(c.replaced))
				present := noted(next, c.after)
				c.after.at = 0
				again := &Names{}
				resume(again, present, c.after)
				g.Expect(noted(again, c.after)).To(Equal(present), "at rest")
				status = present
				later := c.after
				later.at = 2 * grace
				g.Expect(ids(resume(&Names{}, status, c.after, later).Remove)).To(ConsistOf(c.late))
			}
		})
	}
	t.Run("a member who was renamed and comes back", func(t *testing.T) {
		g := NewWithT(t)
		first := &Names{}
		observe(first, false, "", before)
		away, back := view{before.declared, []string{"chas"}, renamed, 0}, view{before.declared, []string{"chas", "ada"}, renamed, time.Minute}
		d := resume(&Names{}, noted(first, before), away, back)
		g.Expect(d.Remove).To(BeEmpty())
		g.Expect(ids(d.Held)).To(Equal([]string{"ada"}))
	})
}

func TestKnownNamesAreBounded(t *testing.T) {
	g := NewWithT(t)
	var entries []entry
	for i := range maxKnown - 1 {
		entries = append(entries, entryOf(username(fmt.Sprint("user", i)), strconv.Itoa(i)))
	}
	text := packKnown(entries)
	unpacked, whole := unpackKnown(text)
	g.Expect(unpacked).To(HaveLen(len(entries)))
	g.Expect(packKnown(unpacked)).To(Equal(text))
	g.Expect(whole).To(BeTrue())
	slices.Reverse(entries)
	g.Expect(packKnown(entries)).To(Equal(text))
	for range 1000 {
		entries = append(entries, entryOf(username(fmt.Sprint("more", len(entries))), "x"))
	}
	g.Expect(len(packKnown(entries))).To(BeNumerically("<=", 131072))
	_, whole = unpackKnown(packKnown(entries))
	g.Expect(whole).To(BeFalse())
	_, whole = unpackKnown("")
	g.Expect(whole).To(BeFalse(), "an older operator wrote it")
	entries, _ = unpackKnown("????????????????")
	g.Expect(entries).To(BeEmpty())
}

func TestWhoWasMetIsNoStranger(t *testing.T) {
	g := NewWithT(t)
	a := &Names{}
	observe(a, false, "", view{declared: team("ada"), live: []string{"ada"}, people: people("ada")}, view{declared: team("ada"), live: []string{"ada"}, people: people("eva")})
	g.Expect(a.strangers()).To(BeEmpty())
}
