package rows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// row returns a row of alternating paths and canonical values.
func row(pairs ...string) Row {
	r := Row{Origin: "spec.users[0]"}
	b := newBuilder()
	for i := 0; i < len(pairs); i += 2 {
		rank, _ := rankOf(pairs[i])
		b.state(rank, pairs[i], pairs[i+1])
	}
	b.finish(&r)
	return r
}

// validated validates rows for an Upsert by username.
func validated(rows ...Row) []Row {
	for i := range rows {
		rows[i].Origin = fmt.Sprintf("spec.users[%d]", i)
	}
	validate(rows, Options{})
	return rows
}

func TestRequiredFields(t *testing.T) {
	const (
		key      = "is required: rows are matched by it"
		toCreate = "is required to create a user"
	)
	for name, test := range map[string]struct {
		options Options
		row     Row
		want    []Problem
	}{
		"Upsert needs username and email": {
			Options{}, row("department", "x"), []Problem{{"username", key}, {"email", toCreate}},
		},
		"Create needs username and email": {
			Options{Operation: v1alpha1.OperationCreate, MatchBy: v1alpha1.MatchByEmail}, row("department", "x"),
			[]Problem{{"email", key}, {"username", toCreate}},
		},
		"Create by employeeIdentifier needs it too": {
			Options{Operation: v1alpha1.OperationCreate, MatchBy: v1alpha1.MatchByEmployeeIdentifier}, row("username", "ada", "email", "ada@example.org"),
			[]Problem{{"employeeIdentifier", key}},
		},
		"Update needs the username": {
			Options{Operation: v1alpha1.OperationUpdate}, row("email", "ada@example.org"), []Problem{{"username", key}},
		},
		"Update by username needs nothing else": {
			Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByUsername}, row("username", "ada"), nil,
		},
		"Update by email needs nothing else": {
			Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByEmail}, row("email", "ada@example.org"), nil,
		},
		"Update by employeeIdentifier needs nothing else": {
			Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByEmployeeIdentifier}, row("employeeIdentifier", "7"), nil,
		},
		"a key cannot be cleared": {
			Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByEmployeeIdentifier}, row("employeeIdentifier", ""),
			[]Problem{{"employeeIdentifier", "cannot be cleared: rows are matched by it"}},
		},
		"username and email cannot be cleared": {
			Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByEmployeeIdentifier}, row("employeeIdentifier", "7", "username", "", "email", ""),
			[]Problem{{"username", "cannot be cleared: every user has one"}, {"email", "cannot be cleared: every user has one"}},
		},
		"what could not be read is not missing": {
			Options{}, Row{Problems: []Problem{{"", "has 2 cells"}}}, []Problem{{"", "has 2 cells"}},
		},
		"what is malformed is not missing": {
			Options{},
			Row{Fields: []Field{{"email", "ada@example.org"}}, Problems: []Problem{{"username", needsText}}},
			[]Problem{{"username", needsText}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows := []Row{test.row}
			validate(rows, test.options)
			NewWithT(t).Expect(rows[0].Problems).To(Equal(test.want))
		})
	}
}

func TestValues(t *testing.T) {
	long := strings.Repeat("é", 1025)
	for _, test := range []struct {
		path    string
		valid   []string
		invalid []string
		message string
	}{
		{
			"email", []string{"ada@example.org", "a+b@x", "o'neil@example.org", "ädä@example.org", "a_b-c.d@mail.example-site.org", "1@x.y", "_x=y@x"},
			[]string{"ada", "ada@", "@example.org", "ada <ada@example.org>", "<ada@example.org>", "a@b, c@d", "ada@example.org ", "ada@example.org (x)", "a b@x", "=1+1@b.c", "+1@b.c", "-1@b.c", "@1@b.c", "\ta@b.c", "'a@b.c", `"a"@b.c`, "a@[10.0.0.1]", "a..b@c", "a.@c", "a@b..c", "a@-b", "a@b-", "a@b.-c", "a@b\n"},
			"must be an email address",
		},
		{"alternateEmail", []string{"", "ada@example.org"}, []string{"ada"}, "must be an email address"},
		{"recoveryEmail.address", nil, []string{""}, "cannot be cleared"},
		{"state", []string{"Staged", "Activated", "Suspended"}, []string{"STAGED", "x"}, needsState},
		{"sudo", []string{"true", "false"}, []string{"True", "1"}, needsBoolean},
		{"sudo", nil, []string{""}, "cannot be cleared"},
		{"unixUid", []string{"1", "4294967295"}, []string{"0", "-1", "x", "99999999999999999999"}, needsNumber},
		{"mfa.exclusionDays", []string{"365"}, []string{"0"}, needsNumber},
		{"externalPasswordExpirationDate", []string{"2027-01-31T09:00:00Z"}, []string{"2027-01-31"}, "must be a time"},
		{"department", []string{"", long[:2048]}, []string{long}, "at most 1024 characters"},
		{"employeeIdentifier", []string{"", long[:512]}, []string{long[:514]}, "at most 256 characters"},
		{"attributes.Floor", []string{"", "1"}, []string{long}, "at most 1024 characters"},
		{"addresses.home.locality", []string{"", "London"}, []string{long}, "at most 1024 characters"},
		{"phoneNumbers.mobile", []string{"", "+44 20"}, []string{long}, "at most 1024 characters"},
		{
			"delegatedAuthority", []string{`{"id":"x","name":"ActiveDirectory"}`},
			[]string{`{"id":"x","name":"LDAP"}`, `{"id":"","name":"ActiveDirectory"}`}, "name ActiveDirectory",
		},
		{"relationships", []string{`[{"type":"a","value":""}]`}, []string{`[{"type":"","value":"x"}]`, `[{"type":"a","value":"` + long + `"}]`}, "at most 16 items"},
		{
			"restrictedFields", []string{`[{"field":"email","type":"scim"}]`},
			[]string{`[{"field":"shoe","type":"scim"}]`, `[{"field":"email","type":"x"}]`, `[{"field":"email","id":"` + strings.Repeat("1", 25) + `","type":"scim"}]`},
			"active_directory",
		},
	} {
		for _, value := range test.valid {
			NewWithT(t).Expect(checkFields([]Field{{test.path, value}})).To(BeEmpty(), "%s %.40q", test.path, value)
		}
		for _, value := range test.invalid {
			g := NewWithT(t)
			problems := checkFields([]Field{{test.path, value}})
			g.Expect(problems).To(HaveLen(1), "%s %.40q", test.path, value)
			g.Expect(problems[0].Field).To(Equal(test.path))
			g.Expect(problems[0].Message).To(ContainSubstring(test.message))
			if len(value) > 12 {
				g.Expect(problems[0].Message).NotTo(ContainSubstring(value), "values are about people")
			}
		}
	}
}

func TestNamesOfItems(t *testing.T) {
	g := NewWithT(t)
	g.Expect(checkFields(row("attributes.EmployeeID2", "x", "addresses.summer house.region", "x").Fields)).To(BeEmpty())
	g.Expect(checkFields([]Field{{"attributes.Employee ID", "x"}})).To(ConsistOf(
		Problem{"attributes", `has the name "Employee ID": names may have letters and digits only`}))
	g.Expect(checkFields([]Field{{"attributes.Größe", "x"}})).To(HaveLen(1))
	g.Expect(checkFields([]Field{{"attributes." + strings.Repeat("a", 257), "x"}})).To(ConsistOf(
		Problem{"attributes", "has a name of more than 256 characters"}))
	g.Expect(checkFields([]Field{{"phoneNumbers." + strings.Repeat("a", 65), "x"}})).To(ConsistOf(
		Problem{"phoneNumbers", "has a type of more than 64 characters"}))
	g.Expect(checkFields([]Field{{"shoeSize", "x"}})).To(ConsistOf(Problem{"shoeSize", "is no field of a user"}))

	var many []Field
	for i := range 101 {
		many = append(many, Field{fmt.Sprintf("attributes.A%03d", i), "x"})
	}
	g.Expect(checkFields(many[:100])).To(BeEmpty())
	g.Expect(checkFields(many)).To(ConsistOf(Problem{"attributes", "must have at most 100 items"}))
}

func TestNobodyIsTheirOwnManager(t *testing.T) {
	g := NewWithT(t)
	rows := validated(
		row("username", "ada", "email", "ada@x", "manager", "ada"), row("username", "eva", "email", "eva@x", "manager", "Eva@x"),
		row("username", "mary", "email", "mary@x", "manager", "Mary"), row("username", "jane", "email", "jane@x", "manager", ""),
	)
	g.Expect(rows[0].Problems).To(Equal([]Problem{{"manager", OwnManager}}))
	g.Expect(rows[1].Problems).To(Equal([]Problem{{"manager", OwnManager}}))
	g.Expect(rows[2].Problems).To(BeEmpty(), "the case of usernames counts")
	g.Expect(rows[3].Problems).To(BeEmpty())
}

// The number of comparisons per row does not depend on how many rows share its value.
func TestDuplicatesAreFoundInOneLook(t *testing.T) {
	g := NewWithT(t)
	folds, fold := 0, uniques[0].fold
	uniques[0].fold = func(value string) string { folds++; return fold(value) }
	t.Cleanup(func() { uniques[0].fold = fold })
	many := make([]Row, 520_000)
	for i := range many {
		many[i] = Row{Origin: "x", Fields: []Field{{"username", "ada"}, {"email", fmt.Sprintf("u%d@x", i)}}}
	}
	validate(many, Options{})
	g.Expect(folds).To(Equal(len(many)))
	for i := range many {
		if len(many[i].Problems) != 1 || !strings.HasPrefix(many[i].Problems[0].Message, "is also in "+strings.Repeat("x; ", 3)+"and 519996 more rows") {
			t.Fatal(i, many[i].Problems)
		}
	}
}

// stopping is a context that ends after it was checked some number of times.
type stopping struct {
	context.Context
	looks int
}

func (s *stopping) Err() error {
	s.looks--
	if s.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestValidationLooksAtItsDeadline(t *testing.T) {
	g := NewWithT(t)
	many := make([]Row, 10)
	for i := range many {
		many[i] = row("username", "ada", "email", fmt.Sprintf("u%d@x", i))
	}
	for looks := range 4 * len(many) {
		g.Expect(Validate(&stopping{t.Context(), looks}, slices.Clone(many), Options{})).To(MatchError(context.DeadlineExceeded))
	}
	g.Expect(Validate(&stopping{t.Context(), 4 * len(many)}, many, Options{})).To(Succeed())
}

func TestEveryRowOfASetOfDuplicatesIsInvalid(t *testing.T) {
	user := func(name, email, identifier string) Row {
		return row("username", name, "email", email, "employeeIdentifier", identifier)
	}
	t.Run("usernames, also by case", func(t *testing.T) {
		g := NewWithT(t)
		rows := validated(user("ada", "a@x", "1"), user("eva", "b@x", "2"), user("Ada", "c@x", "3"), user("ADA", "d@x", "4"))
		rule := ": usernames must be unique within a run, also without regard to case"
		g.Expect(rows[0].Problems).To(Equal([]Problem{{"username", "is also in spec.users[2]; spec.users[3]" + rule}}))
		g.Expect(rows[1].Problems).To(BeEmpty())
		g.Expect(rows[2].Problems).To(Equal([]Problem{{"username", "is also in spec.users[0]; spec.users[3]" + rule}}))
		g.Expect(rows[3].Problems).To(HaveLen(1))
	})
	t.Run("emails, by case, however they were written", func(t *testing.T) {
		g := NewWithT(t)
		rows := validated(user("ada", "A@X", "1"), user("eva", "a@x", "2"))
		g.Expect(rows[0].Problems).To(ConsistOf(HaveField("Field", "email")))
		g.Expect(rows[1].Problems).To(ConsistOf(HaveField("Field", "email")))
	})
	t.Run("employeeIdentifiers, where set, with their case", func(t *testing.T) {
		g := NewWithT(t)
		rows := validated(user("a", "a@x", "x"), user("b", "b@x", "x"), user("c", "c@x", "X"), user("d", "d@x", ""), user("e", "e@x", ""))
		g.Expect(rows[0].Problems).To(ConsistOf(HaveField("Field", "employeeIdentifier")))
		g.Expect(rows[1].Problems).To(ConsistOf(HaveField("Field", "employeeIdentifier")))
		for _, valid := range rows[2:] {
			g.Expect(valid.Problems).To(BeEmpty())
		}
	})
	t.Run("messages are bounded", func(t *testing.T) {
		g := NewWithT(t)
		many := make([]Row, 2000)
		for i := range many {
			many[i] = user("ada", fmt.Sprintf("u%d@x", i), "")
		}
		rows := validated(many...)
		for i := range rows {
			g.Expect(rows[i].Problems).To(HaveLen(1))
			g.Expect(len(rows[i].Problems[0].Message)).To(BeNumerically("<", 300))
		}
		g.Expect(rows[7].Problems[0].Message).To(HavePrefix("is also in spec.users[0]; spec.users[1]; spec.users[2]; and 1996 more rows: "))
	})
	t.Run("a row without a username is no duplicate of another", func(t *testing.T) {
		rows := []Row{row("email", "a@x"), row("email", "b@x")}
		validate(rows, Options{Operation: v1alpha1.OperationUpdate, MatchBy: v1alpha1.MatchByEmail})
		NewWithT(t).Expect(append(rows[0].Problems, rows[1].Problems...)).To(BeEmpty())
	})
}

func TestPasswordsAreChecked(t *testing.T) {
	for password, problem := range map[string]string{
		"correct horse":           "",
		"":                        "is empty",
		"a\xff":                   "is not UTF-8",
		strings.Repeat("x", 1025): "at most 1024 characters",
	} {
		g := NewWithT(t)
		r := row("username", "ada", "email", "ada@x")
		r.Password = NewPassword(password)
		rows := validated(r)
		if problem == "" {
			g.Expect(rows[0].Problems).To(BeEmpty())
			continue
		}
		g.Expect(rows[0].Problems).To(ConsistOf(And(HaveField("Field", "password"), HaveField("Message", ContainSubstring(problem)))))
	}
}

func TestComplaintsAreBounded(t *testing.T) {
	g := NewWithT(t)
	r := Row{Origin: "spec.users[0]"}
	g.Expect(r.Complaint()).To(BeEmpty())
	for _, field := range []string{"a", "b", "c", "d", strings.Repeat("é", 400)} {
		r.problem(field, "is wrong")
	}
	g.Expect(r.Complaint()).To(Equal("spec.users[0]: a: is wrong; b: is wrong; c: is wrong; and 2 more problems"))
	g.Expect(len(r.Problems[4].Field)).To(BeNumerically("<", 310))
}

func TestUsernames(t *testing.T) {
	problems := func(username string, options Options) []Problem {
		rows := []Row{{Number: 1, Fields: []Field{{"username", username}, {"email", "ada@example.org"}}}}
		validate(rows, options)
		return rows[0].Problems
	}
	g := NewWithT(t)
	for _, username := range []string{"a", "Ada.Byron_2-x"} {
		g.Expect(problems(username, Options{})).To(BeEmpty(), username)
	}
	for _, username := range []string{"2ada", ".ada", "ada byron", "ada@example.org", "adä", "ada\n"} {
		g.Expect(problems(username, Options{})).To(ConsistOf(HaveField("Message", ContainSubstring("must start with a letter"))), username)
		update := Options{Operation: v1alpha1.OperationUpdate}
		g.Expect(problems(username, update)).To(BeEmpty(), "an existing user may have any username: %s", username)
		update.MatchBy = v1alpha1.MatchByEmail
		g.Expect(problems(username, update)).NotTo(BeEmpty(), "nobody is renamed to it: %s", username)
	}
}
