package plan

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Ada is a member, and the source names only Charles. Each case changes one thing.
func TestWhoLeft(t *testing.T) {
	state := func(s jumpcloud.State) func(*jumpcloud.User) { return func(u *jumpcloud.User) { u.State = new(s) } }
	unread := func(field string) func(*jumpcloud.User) {
		return func(u *jumpcloud.User) { u.Unread = append(u.Unread, field) }
	}
	identifier := func(u *jumpcloud.User) { u.EmployeeIdentifier = new("E7") }
	left := &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org", Activated: true}
	for name, c := range map[string]struct {
		row    []string
		change func(*jumpcloud.User)
		claims Claims
		opts   Options
		gone   bool
		// leaver is nil if Ada did not leave; forgotten is set if she is no member any more.
		leaver    *Leaver
		forgotten bool
	}{
		"nothing is about her":                              {leaver: left},
		"her username":                                      {row: []string{"username", "ada.byron"}},
		"her username, in another case":                     {row: []string{"username", "Ada.Byron"}},
		"her email, under another name":                     {row: []string{"username", "ada.lovelace", "email", "ADA@example.org"}},
		"her employee identifier, under another name":       {row: []string{"username", "ada.lovelace", "employeeIdentifier", "e7"}, change: identifier},
		"an employee identifier that she lacks":             {row: []string{"username", "other", "employeeIdentifier", "E7"}, leaver: left},
		"a username that cannot be read":                    {change: unread("username")},
		"an email that cannot be read":                      {change: unread("email")},
		"an employee identifier that cannot be read":        {change: unread("employeeIdentifier")},
		"another object names her by id":                    {claims: Claims{IDs: map[string]bool{adaID: true}}, forgotten: true},
		"another object names her by username":              {claims: Claims{Usernames: map[string]bool{"ada.byron": true}}, forgotten: true},
		"another object names her by employee identifier":   {change: identifier, claims: Claims{EmployeeIdentifiers: map[string]bool{"e7": true}}, forgotten: true},
		"another object names no user by that":              {claims: Claims{EmployeeIdentifiers: map[string]bool{"e7": true}}, leaver: left},
		"another object names her by email":                 {claims: Claims{Emails: map[string]bool{"ada@example.org": true}}, forgotten: true},
		"another object and a row name her":                 {row: []string{"username", "ada.byron"}, claims: Claims{IDs: map[string]bool{adaID: true}}},
		"she is suspended already":                          {change: state(jumpcloud.StateSuspended), forgotten: true},
		"she is suspended, and a row is about her":          {row: []string{"username", "ada.byron"}, change: state(jumpcloud.StateSuspended)},
		"she was never activated":                           {change: state(jumpcloud.StateStaged), leaver: &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org"}},
		"her state is one that nobody knows":                {change: state("LOCKED"), leaver: &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org"}},
		"JumpCloud shows no state":                          {change: func(u *jumpcloud.User) { u.State = nil }, leaver: &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org"}},
		"she was deleted":                                   {gone: true, forgotten: true},
		"she is protected":                                  {opts: Options{Protected: []v1alpha1.UserReference{{ID: adaID}}}, leaver: &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org", Activated: true, Protected: true}},
		"she is an administrator":                           {change: func(u *jumpcloud.User) { u.Admin = &jumpcloud.Admin{ID: "x"} }, leaver: &Leaver{ID: adaID, Username: "ada.byron", Email: "ada@example.org", Activated: true, Protected: true}},
		"an empty username of hers and of a row":            {row: []string{"email", "x@example.org"}, change: func(u *jumpcloud.User) { u.Username = nil }, leaver: &Leaver{ID: adaID, Email: "ada@example.org", Activated: true}},
		"her email is another object's, in another case":    {change: func(u *jumpcloud.User) { u.Email = new("Ada@Example.org") }, claims: Claims{Emails: map[string]bool{"ada@example.org": true}}, forgotten: true},
		"her username is another object's, in another case": {change: func(u *jumpcloud.User) { u.Username = new("Ada.Byron") }, claims: Claims{Usernames: map[string]bool{"ada.byron": true}}, forgotten: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			all := []*rows.Row{row(1, "username", "chas", "email", "chas@example.org")}
			if c.row != nil {
				all = append(all, row(2, c.row...))
			}
			roster := NewRoster([]string{adaID, chasID}, NamedBy(setOf(all...)), c.opts)
			roster.Visit(user(chasID, "chas", "chas@example.org"))
			g.Expect(roster.Unseen()).To(Equal([]string{adaID}))
			ada := user(adaID, "ada.byron", "ada@example.org")
			if c.change != nil {
				c.change(ada)
			}
			if !c.gone {
				roster.Visit(ada)
				g.Expect(roster.Unseen()).To(BeEmpty())
			}
			departures := roster.Decide(nil, c.claims)
			g.Expect(departures.Doubt).To(BeEmpty())
			if c.leaver == nil {
				g.Expect(departures.Leavers).To(BeEmpty())
			} else {
				g.Expect(departures.Leavers).To(Equal([]Leaver{*c.leaver}))
			}
			members := []string{adaID, chasID}
			if c.forgotten {
				members = members[1:]
			}
			g.Expect(departures.Members).To(Equal(members))
		})
	}
}

// While it is not known whom a row is about, or whom another object names, nobody leaves, and
// nobody is forgotten.
func TestNobodyLeavesInDoubt(t *testing.T) {
	whole := row(1, "username", "chas", "email", "chas@example.org")
	invalid := row(2, "username", "ada.byrn")
	invalid.Problems = []rows.Problem{{Field: "username", Message: "is not valid"}}
	fails := func(reason, id string) []Decision {
		return []Decision{{Row: whole, Action: Fail, Reason: reason, UserID: id}}
	}
	for name, c := range map[string]struct {
		rows      []*rows.Row
		empty     []string
		claims    Claims
		decisions []Decision
		says      string
	}{
		"no rows":                              {says: "there are no rows"},
		"an invalid row":                       {rows: []*rows.Row{whole, invalid}, says: "spec.users[1] is invalid"},
		"one source of several is empty":       {rows: []*rows.Row{whole}, empty: []string{"ConfigMap b, key users.csv"}, says: "ConfigMap b, key users.csv holds no rows"},
		"only invalid rows":                    {rows: []*rows.Row{invalid}, says: "spec.users[1] is invalid"},
		"an import that was not read":          {rows: []*rows.Row{whole}, claims: Claims{Unknown: "BulkUserImport b is not read yet"}, says: "BulkUserImport b"},
		"a row about a user who is not there":  {rows: []*rows.Row{whole}, decisions: fails(v1alpha1.RemoteNotFoundReason, ""), says: "spec.users[0] fails (RemoteNotFound)"},
		"a row about a user who is another":    {rows: []*rows.Row{whole}, decisions: fails(v1alpha1.RemoteConflictReason, ""), says: "spec.users[0] fails (RemoteConflict)"},
		"a row that fails, about a known user": {rows: []*rows.Row{whole}, decisions: fails(v1alpha1.ProtectedUserReason, chasID)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			set := setOf(c.rows...)
			set.Empty = c.empty
			roster := NewRoster([]string{adaID, chasID}, NamedBy(set), Options{})
			roster.Visit(user(adaID, "ada.byron", "ada@example.org", func(u *jumpcloud.User) { u.State = new(jumpcloud.StateActivated) }))
			departures := roster.Decide(c.decisions, c.claims)
			if c.says == "" {
				g.Expect(departures.Doubt).To(BeEmpty())
				g.Expect(departures.Leavers).To(HaveLen(1))
				return
			}
			g.Expect(departures.Doubt).To(ContainSubstring(c.says))
			g.Expect(departures.Leavers).To(BeEmpty())
			g.Expect(departures.Members).To(Equal([]string{adaID, chasID}), "those who were not seen as well")
		})
	}
}

// Without remembered members nobody leaves: in the first run, and after they were lost.
func TestNobodyIsRemembered(t *testing.T) {
	g := NewWithT(t)
	roster := NewRoster(nil, NamedBy(setOf(row(1, "username", "chas"))), Options{})
	roster.Visit(user(adaID, "ada.byron", "ada@example.org"))
	g.Expect(roster.Unseen()).To(BeEmpty())
	g.Expect(roster.Decide(nil, Claims{})).To(Equal(Departures{}))
}

// Lists of users are read in pages, so a user who changes meanwhile may appear twice.
func TestAMemberWhoChangesDuringTheReading(t *testing.T) {
	old, renamed := user(adaID, "ada.byron", "ada@example.org"), user(adaID, "ada.lovelace", "lovelace@example.org")
	suspended := user(adaID, "ada.byron", "ada@example.org", func(u *jumpcloud.User) { u.State = new(jumpcloud.StateSuspended) })
	for name, visits := range map[string][]*jumpcloud.User{
		"is named at last":      {old, renamed},
		"was named at first":    {renamed, old},
		"is suspended":          {old, suspended},
		"is activated":          {suspended, old},
		"changes back":          {old, renamed, old},
		"is seen as a new name": {renamed},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			roster := NewRoster([]string{adaID}, NamedBy(setOf(row(1, "username", "ada.lovelace"))), Options{})
			for _, u := range visits {
				roster.Visit(u)
			}
			departures := roster.Decide(nil, Claims{})
			g.Expect(departures.Leavers).To(BeEmpty())
			g.Expect(departures.Members).To(Equal([]string{adaID}))
		})
	}
}

func TestRemember(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Remember([]string{chasID, adaID}, []string{chasID, "", "no id"})).To(Equal([]string{adaID, chasID}))
	g.Expect(Remember(nil, nil)).To(BeEmpty())

	many := make([]string, MaxMembers)
	for i := range many {
		many[i] = fmt.Sprintf("%024x", i)
	}
	members := Remember(many, []string{chasID})
	g.Expect(members).To(HaveLen(MaxMembers))
	g.Expect(members).To(ContainElement(chasID), "who was found is remembered before those of whom it was known before")
}

// If only new users are sent, users that are found are known by id as well: each run of a
// WorkdayImport finds its members.
func TestOnlyNewFindsMembers(t *testing.T) {
	g := NewWithT(t)
	m := NewMatcher(Options{Operation: v1alpha1.OperationCreate, OnlyNew: true}, []*rows.Row{
		row(1, "username", "ada.byron", "email", "ada@example.org"), row(2, "username", "other", "email", "chas@example.org"),
	})
	m.Visit(user(adaID, "ada.byron", "ada@example.org"))
	m.Visit(user(chasID, "chas", "chas@example.org"))
	decisions := m.Decide()
	g.Expect(decisions[0].UserID).To(Equal(adaID))
	g.Expect(decisions[1].UserID).To(BeEmpty(), "the row is about another user than the one who has its email")
}

func setOf(all ...*rows.Row) *rows.Set {
	set := &rows.Set{}
	for _, row := range all {
		set.Rows = append(set.Rows, *row)
	}
	return set
}
