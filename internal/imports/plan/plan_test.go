package plan

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// row returns a row of path and value pairs.
func row(number int, pairs ...string) *rows.Row {
	r := &rows.Row{Number: number, Origin: fmt.Sprintf("spec.users[%d]", number-1)}
	for i := 0; i < len(pairs); i += 2 {
		r.Fields = append(r.Fields, rows.Field{Path: pairs[i], Value: pairs[i+1]})
	}
	return r
}

const (
	adaID  = "65f1c0ffee65f1c0ffee0aaa"
	chasID = "65f1c0ffee65f1c0ffee0bbb"
)

// user returns an activated live user.
func user(id, username, email string, change ...func(*jumpcloud.User)) *jumpcloud.User {
	u := &jumpcloud.User{ID: id}
	u.Username, u.Email, u.State = &username, &email, new(jumpcloud.StateActivated)
	for _, c := range change {
		c(u)
	}
	return u
}

func TestDecide(t *testing.T) {
	ada := func(change ...func(*jumpcloud.User)) *jumpcloud.User {
		return user(adaID, "ada.byron", "ada@example.org", change...)
	}
	department := func(u *jumpcloud.User) { u.Department = new("Engines") }
	admin := func(u *jumpcloud.User) { u.Admin = &jumpcloud.Admin{ID: "x"} }
	state := func(s jumpcloud.State) func(*jumpcloud.User) { return func(u *jumpcloud.User) { u.State = new(s) } }
	adaRow := func(more ...string) *rows.Row {
		return row(1, append([]string{"username", "ada.byron", "email", "ada@example.org"}, more...)...)
	}
	apply := Options{StateOnUpdate: v1alpha1.StateOnUpdateApply}

	for name, c := range map[string]struct {
		opts    Options
		row     *rows.Row
		live    []*jumpcloud.User
		action  Action
		reason  string
		says    string
		changed []string
		harmful bool
		suspend bool
		// deferred is set if a rest is for later.
		deferred bool
	}{
		"nobody is there: create":                   {row: adaRow(), action: Create},
		"as declared: unchanged":                    {row: adaRow("department", "Engines"), live: []*jumpcloud.User{ada(department)}, action: Unchanged},
		"a field differs: update":                   {row: adaRow("department", "Maths"), live: []*jumpcloud.User{ada(department)}, action: Update, changed: []string{"department"}},
		"what a row does not state does not differ": {row: adaRow(), live: []*jumpcloud.User{ada(department)}, action: Unchanged},
		"create-only fields do not differ":          {row: adaRow("mfa.exclusion", "true"), live: []*jumpcloud.User{ada()}, action: Unchanged},
		"operation Create leaves existing users":    {opts: Options{Operation: v1alpha1.OperationCreate}, row: adaRow("department", "x"), live: []*jumpcloud.User{ada()}, action: Skip},
		"operation Update creates nobody": {opts: Options{Operation: v1alpha1.OperationUpdate}, row: adaRow(),
			action: Fail, reason: v1alpha1.RemoteNotFoundReason, says: "operation Upsert"},
		"a changed email is harmful": {row: row(1, "username", "ada.byron", "email", "new@example.org"), live: []*jumpcloud.User{ada()},
			action: Update, changed: []string{"email"}, harmful: true},
		"email in another case is the same": {opts: Options{MatchBy: v1alpha1.MatchByEmail}, row: adaRow(),
			live: []*jumpcloud.User{user(adaID, "ada.byron", "Ada@Example.org")}, action: Unchanged},
		"a rename by matchBy Email is harmful": {opts: Options{MatchBy: v1alpha1.MatchByEmail}, row: row(1, "username", "ada.lovelace", "email", "ada@example.org"),
			live: []*jumpcloud.User{ada()}, action: Update, changed: []string{"username"}, harmful: true},
		"a rename by case only is refused": {opts: Options{MatchBy: v1alpha1.MatchByEmail}, row: row(1, "username", "Ada.Byron", "email", "ada@example.org"),
			live: []*jumpcloud.User{ada()}, action: Fail, reason: v1alpha1.RemoteConflictReason, says: "differs only by case"},
		"a username that differs only by case": {row: row(1, "username", "Ada.Byron", "email", "other@example.org"), live: []*jumpcloud.User{ada()},
			action: Fail, reason: v1alpha1.RemoteConflictReason, says: `"ada.byron", which differs only by case`},
		"the email belongs to another user": {row: row(1, "username", "ada.lovelace", "email", "ada@example.org"), live: []*jumpcloud.User{ada()},
			action: Fail, reason: v1alpha1.RemoteConflictReason, says: "matchBy: Username"},
		"the new email belongs to another user": {row: row(1, "username", "ada.byron", "email", "chas@example.org"),
			live: []*jumpcloud.User{ada(), user(chasID, "chas", "chas@example.org")}, action: Fail, reason: v1alpha1.RemoteConflictReason, says: `email: belongs to user "chas"`},
		"the employeeIdentifier belongs to another user": {row: adaRow("employeeIdentifier", "7"),
			live:   []*jumpcloud.User{ada(), user(chasID, "chas", "c@example.org", func(u *jumpcloud.User) { u.EmployeeIdentifier = new("7") })},
			action: Fail, reason: v1alpha1.RemoteConflictReason, says: "employeeIdentifier"},
		"matched by employeeIdentifier": {opts: Options{MatchBy: v1alpha1.MatchByEmployeeIdentifier}, row: row(1, "username", "ada.byron", "email", "ada@example.org", "employeeIdentifier", "7"),
			live: []*jumpcloud.User{ada(func(u *jumpcloud.User) { u.EmployeeIdentifier = new("7") })}, action: Unchanged},
		"an administrator is protected":             {row: adaRow("department", "x"), live: []*jumpcloud.User{ada(admin)}, action: Fail, reason: v1alpha1.ProtectedUserReason},
		"an administrator as declared is unchanged": {row: adaRow("department", "Engines"), live: []*jumpcloud.User{ada(admin, department)}, action: Unchanged},
		"a protected user by email": {opts: Options{Protected: []v1alpha1.UserReference{{Email: "ADA@example.org"}}}, row: adaRow("department", "x"),
			live: []*jumpcloud.User{ada()}, action: Fail, reason: v1alpha1.ProtectedUserReason},
		"privileges from another namespace": {opts: Options{NoPrivileges: "no"}, row: adaRow("sudo", "true"), action: Fail, reason: v1alpha1.ProtectedUserReason},
		"privileges by default from another namespace": {opts: Options{NoPrivileges: "no", Defaults: []rows.Field{{Path: "sudo", Value: "true"}}}, row: adaRow(),
			action: Fail, reason: v1alpha1.ProtectedUserReason},
		"privileges in the own namespace":    {row: adaRow("sudo", "true"), action: Create},
		"state of existing users is ignored": {row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada()}, action: Unchanged},
		"suspension": {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada()},
			action: Update, changed: []string{"state"}, harmful: true, suspend: true},
		"a suspension goes before all else": {opts: apply, row: adaRow("state", "Suspended", "department", "x"), live: []*jumpcloud.User{ada()},
			action: Update, changed: []string{"department", "state"}, harmful: true, suspend: true, deferred: true},
		"a state in another case is suspended": {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada(state("suspended"))},
			action: Update, changed: []string{"state"}, harmful: true, suspend: true},
		"a state that is not known is suspended": {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada(state("LOCKED"))},
			action: Update, changed: []string{"state"}, harmful: true, suspend: true},
		"a state that is missing is suspended": {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada(func(u *jumpcloud.User) { u.State = nil })},
			action: Update, changed: []string{"state"}, harmful: true, suspend: true},
		"a suspended user is as declared": {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada(state(jumpcloud.StateSuspended))}, action: Unchanged},
		"a state that is missing may be a suspension": {opts: apply, row: adaRow("state", "Activated"), live: []*jumpcloud.User{ada(func(u *jumpcloud.User) { u.State = nil })},
			action: Fail, reason: v1alpha1.RemoteConflictReason, says: "never lifts a suspension"},
		"a suspension is never lifted": {opts: apply, row: adaRow("state", "Activated"), live: []*jumpcloud.User{ada(state(jumpcloud.StateSuspended))},
			action: Fail, reason: v1alpha1.RemoteConflictReason, says: "never lifts a suspension"},
		"a staged user is left alone":      {opts: apply, row: adaRow("state", "Activated"), live: []*jumpcloud.User{ada(state(jumpcloud.StateStaged))}, action: Unchanged},
		"a staged row leaves users alone":  {opts: apply, row: adaRow("state", "Staged"), live: []*jumpcloud.User{ada()}, action: Unchanged},
		"a staged user is not suspended":   {opts: apply, row: adaRow("state", "Suspended"), live: []*jumpcloud.User{ada(state(jumpcloud.StateStaged))}, action: Unchanged},
		"defaults never change live users": {opts: Options{Defaults: []rows.Field{{Path: "department", Value: "x"}}}, row: adaRow(), live: []*jumpcloud.User{ada(department)}, action: Unchanged},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			if c.opts.MatchBy == "" {
				c.opts.MatchBy = v1alpha1.MatchByUsername
			}
			m := NewMatcher(c.opts, []*rows.Row{c.row})
			for _, u := range c.live {
				m.Visit(u)
			}
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(c.action), "%+v", d)
			g.Expect(d.Reason).To(Equal(c.reason))
			g.Expect(d.Message).To(ContainSubstring(c.says))
			g.Expect(d.Harmful).To(Equal(c.harmful))
			g.Expect(d.Suspend).To(Equal(c.suspend))
			g.Expect(d.Deferred).To(Equal(c.deferred))
			var changed []string
			for _, change := range d.Changes {
				changed = append(changed, change.Path)
			}
			g.Expect(changed).To(Equal(c.changed))
			g.Expect(d.Sends()).To(Equal(c.action == Create || c.action == Update))
			if c.action == Update {
				g.Expect(d.Payload.ID).To(Equal(adaID))
			}
		})
	}
}

func TestManagers(t *testing.T) {
	boss := row(1, "username", "boss", "email", "boss@example.org")
	worker := row(2, "username", "worker", "email", "worker@example.org", "manager", "boss@example.org")
	t.Run("a live manager is sent by id", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{}, []*rows.Row{worker})
		m.Visit(user(adaID, "boss", "boss@example.org"))
		d := m.Decide()[0]
		g.Expect(d.Action).To(Equal(Create))
		g.Expect(d.Manager).To(HaveValue(Equal(adaID)))
		g.Expect(d.Deferred).To(BeFalse())
	})
	t.Run("a manager of the same run is set later", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{}, []*rows.Row{boss, worker})
		d := m.Decide()
		g.Expect(d[1].Action).To(Equal(Create))
		g.Expect(d[1].Deferred).To(BeTrue())
		g.Expect(d[1].Manager).To(BeNil())
	})
	t.Run("an update that only waits for its manager sends nothing yet", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{}, []*rows.Row{boss, worker})
		m.Visit(user(chasID, "worker", "worker@example.org"))
		d := m.Decide()[1]
		g.Expect(d.Action).To(Equal(Update))
		g.Expect(d.Deferred).To(BeTrue())
		g.Expect(d.Sends()).To(BeFalse())
	})
	t.Run("an update to a live manager", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{}, []*rows.Row{worker})
		m.Visit(user(chasID, "worker", "worker@example.org"))
		m.Visit(user(adaID, "boss", "boss@example.org"))
		d := m.Decide()[0]
		g.Expect(d.Payload.Manager).To(HaveValue(Equal(adaID)))
		g.Expect(d.Changes).To(ConsistOf(Change{Path: "manager", New: "boss@example.org"}), "a change says what the row states")
	})
	t.Run("a manager who is nowhere is left out, and only of that row", func(t *testing.T) {
		g := NewWithT(t)
		third := row(3, "username", "third", "email", "third@example.org", "manager", "worker")
		d := NewMatcher(Options{OmitManagers: true}, []*rows.Row{third, worker}).Decide()
		g.Expect(d).To(HaveEach(HaveField("Action", Create)))
		g.Expect(d[0].Deferred).To(BeTrue())
		g.Expect(d[0].ManagerNotFound).To(BeFalse())
		g.Expect(d[1].Deferred).To(BeFalse())
		g.Expect(d[1].ManagerNotFound).To(BeTrue())
	})
	t.Run("a manager whose own row fails is left out", func(t *testing.T) {
		g := NewWithT(t)
		own := row(1, "username", "boss", "email", "boss@example.org", "employeeIdentifier", "1")
		m := NewMatcher(Options{OmitManagers: true}, []*rows.Row{worker, own})
		m.Visit(user(chasID, "other", "other@example.org", func(u *jumpcloud.User) { u.EmployeeIdentifier = new("1") }))
		d := m.Decide()
		g.Expect(d[1].Action).To(Equal(Fail))
		g.Expect(d[0].Action).To(Equal(Create))
		g.Expect(d[0].ManagerNotFound).To(BeTrue())
	})
	t.Run("an update that only names an unknown manager sends nothing", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{OmitManagers: true}, []*rows.Row{worker})
		m.Visit(user(chasID, "worker", "worker@example.org"))
		d := m.Decide()[0]
		g.Expect(d.Action).To(Equal(Unchanged))
		g.Expect(d.ManagerNotFound).To(BeTrue())
	})
	t.Run("where users are left alone, an earlier run's manager is completed", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{Operation: v1alpha1.OperationCreate, Completes: map[string]bool{chasID: true}, OmitManagers: true},
			[]*rows.Row{row(1, "username", "worker", "email", "worker@example.org", "manager", "boss", "department", "Sales")})
		m.Visit(user(chasID, "worker", "worker@example.org"))
		m.Visit(user(adaID, "boss", "boss@example.org"))
		d := m.Decide()[0]
		g.Expect(d.Action).To(Equal(Update))
		g.Expect(d.Changes).To(ConsistOf(Change{Path: "manager", New: "boss"}))
		g.Expect(d.Payload.Department).To(BeNil())
		g.Expect(d.Payload.Manager).To(HaveValue(Equal(adaID)))
	})
	t.Run("a manager who is nowhere fails the row and who depends on it", func(t *testing.T) {
		g := NewWithT(t)
		third := row(3, "username", "third", "email", "third@example.org", "manager", "worker")
		m := NewMatcher(Options{}, []*rows.Row{third, worker})
		for _, d := range m.Decide() {
			g.Expect(d.Action).To(Equal(Fail))
			g.Expect(d.Reason).To(Equal(v1alpha1.RemoteNotFoundReason))
			g.Expect(d.Message).To(ContainSubstring("manager: no such user"))
		}
	})
}

// Each row's manager is the next row's user, and the last row's manager does not exist.
func TestAChainOfManagersIsFollowedOnce(t *testing.T) {
	g := NewWithT(t)
	const n = 100_000
	chain := make([]*rows.Row, n)
	for i := range chain {
		chain[i] = row(i+1, "username", fmt.Sprint("u", i), "email", fmt.Sprintf("u%d@example.org", i), "manager", fmt.Sprint("u", i+1))
	}
	for _, d := range NewMatcher(Options{}, chain).Decide() {
		if d.Action != Fail {
			t.Fatalf("row %d: %s", d.Row.Number, d.Action)
		}
	}
	g.Expect(NewMatcher(Options{}, chain[:10]).Decide()).To(HaveEach(HaveField("Action", Fail)))
}

func TestNobodyIsTheirOwnManager(t *testing.T) {
	ada := user(adaID, "ada.byron", "ada@example.org")
	for name, manager := range map[string]string{"id": adaID, "username": "ada.byron", "email": "Ada@example.org"} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			// Because rows are matched by email, the row may have another username.
			m := NewMatcher(Options{MatchBy: v1alpha1.MatchByEmail}, []*rows.Row{
				row(1, "username", "ada", "email", "ada@example.org", "manager", manager),
			})
			m.Visit(ada)
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(Fail))
			g.Expect(d.Reason).To(Equal(v1alpha1.RowInvalidReason))
			g.Expect(d.Message).To(HavePrefix("manager: is the user of this row"))
		})
	}
	t.Run("a default is not for the manager herself", func(t *testing.T) {
		g := NewWithT(t)
		m := NewMatcher(Options{Defaults: []rows.Field{{Path: "manager", Value: adaID}}, Created: map[int]bool{1: true}}, []*rows.Row{
			row(1, "username", "ada.byron", "email", "ada@example.org"),
		})
		m.Visit(ada)
		g.Expect(m.Decide()[0].Action).To(Equal(Unchanged))
	})
}

func approvals(hash string) approval.Approvals { return approval.Approvals{Hashes: []string{hash}} }

func TestJudge(t *testing.T) {
	harmful := func(n int) Decision {
		return Decision{Row: row(n, "username", fmt.Sprint("u", n)), Action: Update, UserID: strconv.Itoa(n), Harmful: true,
			Changes: []Change{{Path: "email", Old: "a", New: "b"}}, Payload: &jumpcloud.BulkUserUpdate{}}
	}
	harmless := Decision{Row: row(100, "username", "new"), Action: Create}
	four := []Decision{harmful(1), harmful(2), harmful(3), harmful(4), harmless}
	run := Run{Key: "sha256:k", Number: 2}
	g := NewWithT(t)

	v := Evaluate(four, Approval{Run: run, Allowed: 4})
	g.Expect(v.Withheld).To(BeEmpty(), "as many as allowed go")

	v = Evaluate(four, Approval{Run: run, Allowed: 3})
	g.Expect(v.Withheld).To(HaveLen(4), "all harmful rows wait, not only those over the figure")
	g.Expect(v.Withheld).NotTo(HaveKey(100))
	guard := v.Hash

	g.Expect(Evaluate(four, Approval{Run: run, Allowed: 3, Approvals: approvals(guard)}).Granted).To(BeTrue())
	changed := Evaluate(append(four[:3:3], harmful(5)), Approval{Run: run, Allowed: 3, Approvals: approvals(guard)})
	g.Expect(changed.Granted).To(BeFalse(), "an approval covers exactly one set of rows")
	g.Expect(changed.Changed).To(BeTrue())
	g.Expect(Evaluate(four, Approval{Run: Run{Key: run.Key, Number: 3}, Allowed: 3, Approvals: approvals(guard)}).Changed).To(BeTrue(), "and one run")

	whole := Evaluate(four, Approval{Run: run, Allowed: 3, Mode: v1alpha1.ModeApplyAfterApproval})
	g.Expect(whole.Withheld).To(HaveLen(5))
	g.Expect(Evaluate(four, Approval{Run: run, Allowed: 3, Approvals: approvals(whole.Hash)}).Granted).To(BeTrue(), "approving all approves the part")
	g.Expect(Evaluate(four, Approval{Run: run, Allowed: 3, Mode: v1alpha1.ModeApplyAfterApproval, Approvals: approvals(guard)}).Granted).To(BeFalse(), "approving a part does not approve all")
	plan := Evaluate(four, Approval{Run: run, Allowed: 100, Mode: v1alpha1.ModePlan, Approvals: approvals(whole.Hash)})
	g.Expect(plan.Granted).To(BeFalse(), "mode Plan sends nothing, approved or not")
	g.Expect(plan.Hash).To(Equal(whole.Hash))

	// Two harmful rows were sent before: two more exceed three.
	g.Expect(Evaluate(four[:2], Approval{Run: run, Allowed: 3, Harmed: 2}).Withheld).To(HaveLen(2))
	// What an earlier pass of the run allowed needs no second approval.
	earlier := map[int]Earlier{}
	for i := range four {
		earlier[four[i].Row.Number] = Earlier{Approved: approved(&four[i])}
	}
	g.Expect(Evaluate(four, Approval{Run: run, Salt: "salt", Allowed: 3, Earlier: earlier}).Withheld).To(BeEmpty())
	later := harmful(1)
	later.Changes[0].New = "c"
	g.Expect(Evaluate(append(four[1:4:4], later), Approval{Run: run, Salt: "salt", Allowed: 3, Earlier: earlier}).Withheld).To(
		Equal(map[int]bool{1: true}), "a row that changed since waits, and only it")
	// The rest of a row that was sent may be sent, unless it becomes harmful.
	sent := map[int]Earlier{1: {Sent: true}, 100: {Sent: true}}
	full := Approval{Run: run, HarmFull: true, Earlier: sent}
	g.Expect(Evaluate([]Decision{harmful(1), harmless}, full).Withheld).To(Equal(map[int]bool{1: true}))
	full.Earlier = map[int]Earlier{1: {Sent: true, Harmful: true, Reserved: true}}
	g.Expect(Evaluate([]Decision{harmful(1), harmless}, full).Withheld).To(BeEmpty(), "it is counted")
	created := map[int]Earlier{1: {Sent: true, Reserved: true}}
	g.Expect(Evaluate([]Decision{harmful(1)}, Approval{Run: run, Earlier: created}).Withheld).To(HaveLen(1), "what is counted as a creation is not counted as harm")
	// This does not hold if each row needs an approval and that was withdrawn.
	withdrawn := Approval{Run: run, Mode: v1alpha1.ModeApplyAfterApproval, Earlier: sent}
	g.Expect(Evaluate([]Decision{harmful(1), harmless}, withdrawn).Withheld).To(HaveLen(2))
}

func approved(d *Decision) map[string]bool {
	parts := map[string]bool{}
	for _, part := range d.Parts("salt") {
		parts[part] = true
	}
	return parts
}

// The window withholds harm and creations independently.
func TestTheWindowWithholds(t *testing.T) {
	g := NewWithT(t)
	all := []Decision{
		{Row: row(1, "username", "new"), Action: Create},
		{Row: row(2, "username", "old"), Action: Update, Harmful: true, Payload: &jumpcloud.BulkUserUpdate{}, Changes: []Change{{Path: "email", New: "b"}}},
		{Row: row(3, "username", "moves"), Action: Update, Payload: &jumpcloud.BulkUserUpdate{}, Changes: []Change{{Path: "department", New: "b"}}},
	}
	v := Evaluate(all, Approval{Allowed: 3})
	g.Expect(v.Withheld).To(BeEmpty())
	v = Evaluate(all, Approval{Allowed: 3, HarmFull: true})
	g.Expect(v.Withheld).To(Equal(map[int]bool{2: true}))
	g.Expect(v.By).To(Equal(v1alpha1.WithheldByWindow))
	g.Expect(Evaluate(all, Approval{Allowed: 3, HarmFull: true, Approvals: approvals(v.Hash)}).Approved).To(Equal(map[int]bool{2: true}))
	v = Evaluate(all, Approval{Allowed: 3, CreatedFull: true})
	g.Expect(v.Withheld).To(Equal(map[int]bool{1: true}))
	g.Expect(Evaluate(all[1:2], Approval{Allowed: 3, Harmed: 3}).By).To(Equal(v1alpha1.WithheldByGuard))
}

// Any difference in a decision changes the hash that approves it.
func TestEveryDifferenceMakesAnotherHash(t *testing.T) {
	g := NewWithT(t)
	base := func() Decision {
		return Decision{Row: row(1, "username", "a", "email", "a@x"), Action: Update, UserID: adaID, Payload: &jumpcloud.BulkUserUpdate{},
			Changes: []Change{{Path: "email", Old: "old", New: "new"}, {Path: "department", Old: "", New: "x"}}}
	}
	hashOf := func(d Decision) string {
		return Evaluate([]Decision{d}, Approval{Mode: v1alpha1.ModePlan, Run: Run{Key: "k", Number: 1}}).Hash
	}
	for name, change := range map[string]func(*Decision){
		"user":             func(d *Decision) { d.UserID = chasID },
		"username":         func(d *Decision) { d.Row = row(1, "username", "b", "email", "a@x") },
		"field":            func(d *Decision) { d.Changes[0].Path = "alternateEmail" },
		"old value":        func(d *Decision) { d.Changes[0].Old = "older" },
		"old value, empty": func(d *Decision) { d.Changes[1].Old = "y" },
		"new value":        func(d *Decision) { d.Changes[0].New = "newer" },
		"one change less":  func(d *Decision) { d.Changes = d.Changes[:1] },
	} {
		d := base()
		change(&d)
		g.Expect(hashOf(d)).NotTo(Equal(hashOf(base())), name)
		if name != "one change less" {
			g.Expect(approved(&d)).NotTo(Equal(approved(new(base()))), name)
		}
	}
}

// Each field that can be changed has a rule for harm, and plans follow it.
func TestHarmOfEachField(t *testing.T) {
	values := map[v1alpha1.FieldType][2]string{
		v1alpha1.FieldBoolean: {"true", "false"}, v1alpha1.FieldInteger: {"7", "8"}, v1alpha1.FieldState: {"Activated", "Suspended"},
	}
	for _, field := range v1alpha1.UserFields {
		g := NewWithT(t)
		g.Expect(field.Harm).NotTo(BeEmpty(), field.Path)
		pair, ok := values[field.Type]
		if !ok {
			pair = [2]string{"one@example.org", "two@example.org"}
		}
		path := strings.ReplaceAll(field.Path, "*", "work")
		for _, change := range []Change{{path, pair[0], pair[1]}, {path, pair[1], pair[0]}, {path, pair[0], ""}, {path, "", pair[0]}} {
			g.Expect(change.harmful()).To(Equal(field.Harm.Class(change.Old, change.New).Harmful()), "%+v", change)
		}
	}
	for _, c := range []struct {
		change  Change
		harmful bool
	}{
		{Change{"accountLocked", "false", "true"}, true},
		{Change{"accountLocked", "true", "false"}, true},
		{Change{"enableUserPortalMultifactor", "true", "false"}, true},
		{Change{"enableUserPortalMultifactor", "false", "true"}, false},
		{Change{"passwordNeverExpires", "", "true"}, true},
		{Change{"sudo", "false", "true"}, true},
		{Change{"sudo", "true", "false"}, false},
		{Change{"alternateEmail", "a@example.org", "b@example.org"}, true},
		{Change{"username", "a", "b"}, true},
		{Change{"state", "Activated", "Suspended"}, true},
		{Change{"department", "a", "b"}, false},
		{Change{"no field that is known", "a", "b"}, true},
	} {
		NewWithT(t).Expect(c.change.harmful()).To(Equal(c.harmful), "%+v", c.change)
	}
}
