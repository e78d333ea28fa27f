package rows

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// hires is a file as a human resources department keeps it.
const hires = "First Name,Last Name,Login,E-mail,Status,Date of Birth,Cost Centre\n" +
	"Ada,Byron,ada,ADA@example.org,Active,1815-12-10,CC-7\n" +
	"Chas,Babbage,chas,chas@example.org,Left,1791-12-26,CC-8\n"

var hiresColumns = Columns{
	"First Name": "firstname", "Last Name": "lastname", "Login": "username", "E-mail": "email",
	"Status": "", "Date of Birth": "", "Cost Centre": "costCenter",
}

// converted loads a CSV with columns, a filter and a mapping.
func converted(t *testing.T, content string, columns Columns, filter string, mapping ...v1alpha1.AttributeMapping) ([]Row, error) {
	t.Helper()
	source := fromConfigMap("hires", "users.csv")
	source.Columns = columns
	from := []v1alpha1.RowsSource{source}
	conversion, problem := NewConversion(filter, mapping, from)
	NewWithT(t).Expect(problem).To(BeEmpty())
	set, err := loaderOf(configMap("hires", map[string]string{"users.csv": content})).Load(t.Context(), namespace, nil, from, conversion)
	if err != nil {
		return nil, err
	}
	return set.Rows, nil
}

func TestColumnsFilterAndMapping(t *testing.T) {
	g := NewWithT(t)
	rows, err := converted(t, hires, hiresColumns, `row["Status"] == "Active"`,
		v1alpha1.AttributeMapping{Attribute: "displayname", From: `row["First Name"] + " " + row["Last Name"]`},
		v1alpha1.AttributeMapping{Attribute: "costCenter", From: `row["Cost Centre"].replace("CC-", "")`},
		v1alpha1.AttributeMapping{Attribute: "attributes.BirthYear", From: `row["Date of Birth"].split("-")[0]`},
		v1alpha1.AttributeMapping{Attribute: "lastname", From: `null`},
	)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows).To(HaveLen(1))
	g.Expect(rows[0].Number).To(Equal(1))
	g.Expect(rows[0].Problems).To(BeEmpty())
	g.Expect(values(rows[0])).To(Equal(map[string]string{
		"username": "ada", "email": "ada@example.org", "firstname": "Ada", "displayname": "Ada Byron", "costCenter": "7", "attributes.BirthYear": "1815",
	}))
	validate(rows, Options{})
	g.Expect(rows[0].Problems).To(BeEmpty())
	for i := range rows[0].Fields[1:] {
		before, _ := rankOf(rows[0].Fields[i].Path)
		after, _ := rankOf(rows[0].Fields[i+1].Path)
		g.Expect(before).To(BeNumerically("<=", after), "fields are in order")
	}
}

func TestRowsThatExpressionsCannotConvert(t *testing.T) {
	upper := v1alpha1.AttributeMapping{Attribute: "displayname", From: `row["Last Name"].substring(0, 6)`}
	for name, test := range map[string]struct {
		content, filter string
		mapping         []v1alpha1.AttributeMapping
		problem         string
	}{
		"a filter without value":          {hires, `row["Stat"] == "Active"`, nil, "line 2: spec.filter has no value for this row: it uses a missing column"},
		"a mapping without value":         {hires, `row.Status == "Active"`, []v1alpha1.AttributeMapping{upper}, "displayname: its expression has no value for this row"},
		"a mapping of the wrong form":     {hires, "", []v1alpha1.AttributeMapping{{Attribute: "sudo", From: `row.Status`}}, "sudo: must be true or false"},
		"a shortened number":              {hires, "", []v1alpha1.AttributeMapping{{Attribute: "phoneNumbers.mobile", From: `"+1.23E+11"`}}, "phoneNumbers.mobile: is a number that a spreadsheet has shortened"},
		"a row of another length":         {hires + "a,b,c,d,e,f,g,h,i\n", `row.Status == "none"`, nil, "has 9 cells where the header has 7 columns"},
		"a row too large for CEL":         {hires + strings.Repeat("a", 9000) + ",b,c,d,e,f,g\n", `row.Status == "none"`, nil, "has more than 256 cells or 8192 bytes, too much for spec.filter and spec.mapping"},
		"a short row, its cells are \"\"": {hires + "x,Lovelace-King,y,y@example.org\n", `row.Status == "" && row["Cost Centre"] == ""`, []v1alpha1.AttributeMapping{{Attribute: "state", From: `"Gone"`}}, "line 4: state: must be"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := converted(t, test.content, hiresColumns, test.filter, test.mapping...)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows).NotTo(BeEmpty())
			g.Expect(rows[0].Complaint()).To(ContainSubstring(test.problem))
			g.Expect(rows[0].Complaint()).NotTo(Or(ContainSubstring("Byron"), ContainSubstring("ada@"), ContainSubstring("1.23")))
		})
	}
}

// Rows without columns have a member for each of their fields.
func TestConversionOfOtherRows(t *testing.T) {
	g := NewWithT(t)
	yaml := "- {username: chas, email: chas@example.org, department: Engines, attributes: [{name: Floor, value: \"2\"}]}\n- {username: eve, email: eve@example.org}\n"
	from := []v1alpha1.RowsSource{fromConfigMap("hires", "users.yaml")}
	conversion, problem := NewConversion(`row.?department.orValue("") == "Engines"`,
		[]v1alpha1.AttributeMapping{{Attribute: "location", From: `row[?"attributes.Floor"]`}, {Attribute: "Username", From: `row.username + ".x"`}}, from)
	g.Expect(problem).To(BeEmpty())
	inline := []v1alpha1.UserRow{{Username: new("ada"), UserAttributes: v1alpha1.UserAttributes{Department: new("Engines")}}, {Username: new("dan")}}
	set, err := loaderOf(configMap("hires", map[string]string{"users.yaml": yaml})).Load(t.Context(), namespace, inline, from, conversion)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set.Rows).To(HaveLen(2))
	g.Expect(values(set.Rows[0])).To(Equal(map[string]string{"username": "ada.x", "department": "Engines"}))
	g.Expect(values(set.Rows[1])).To(HaveKeyWithValue("location", "2"))
	g.Expect(set.Rows[1].Number).To(Equal(2))
}

func TestExpressionsSeeNoPasswords(t *testing.T) {
	g := NewWithT(t)
	for _, columns := range []Columns{nil, {"Password": ""}, {"Password": "description"}, {"Note": "password"}} {
		source := fromSecret("hires", "users.csv")
		source.Columns = columns
		name := "Password"
		if _, ok := columns["Note"]; ok {
			name = "Note"
		}
		conversion, problem := NewConversion("", []v1alpha1.AttributeMapping{{Attribute: "department", From: "row." + name}}, []v1alpha1.RowsSource{source})
		g.Expect(problem).To(BeEmpty())
		content := []byte("username,email," + name + "\nada,ada@example.org,hunter2\n")
		set, err := loaderOf(secret("hires", map[string][]byte{"users.csv": content})).Load(t.Context(), namespace, nil, []v1alpha1.RowsSource{source}, conversion)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(set.Rows[0].Complaint()).To(ContainSubstring("department: its expression has no value for this row"))
		g.Expect(values(set.Rows[0])).NotTo(HaveKey("department"))
	}
}

func TestHeadersAreOfferedAsColumns(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		columns Columns
		message string
	}{
		"spaces, case and punctuation": {
			"username,First Name,E-mail,Employee ID\n", nil,
			`unknown columns "First Name" (did you mean "firstname"?), "E-mail" (did you mean "email"?), "Employee ID"`,
		},
		"the entry": {
			"username,First Name,E-mail,Employee ID,Shoe size\n", nil,
			`; write beside the source's key: columns: {"First Name": firstname, "E-mail": email, "Employee ID": employeeIdentifier}`,
		},
		"none where the first line is a row": {"username,First Name,ada@example.org\n", nil, "columns 2 and 3 of the first line are unknown"},
		"a column that is not there": {
			"username,email\n", Columns{"Cost Centre": "costCenter", "Notes": ""},
			`has no column "Cost Centre", which the source's columns name`,
		},
		"an attribute that is there already": {"username,Login\n", Columns{"Login": "username"}, `columns "username" and "Login" mean the same`},
		"by place where cells may be rows":   {"username,Group ada@example.org,Group ada@example.org\n", nil, "columns 2 and 3 mean the same: keep one"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := converted(t, test.content, test.columns, "")
			g.Expect(err).To(BeAssignableToTypeOf(&SourceError{}))
			g.Expect(err).To(MatchError(ContainSubstring(test.message)))
			g.Expect(err.Error()).NotTo(ContainSubstring("@"))
		})
	}
	g := NewWithT(t)
	rows, err := converted(t, "username,email,Group ada@example.org\nada,ada@example.org,x\n", nil, "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows[0].Complaint()).To(ContainSubstring("column 3: must be empty"))
	g.Expect(rows[0].Complaint()).NotTo(ContainSubstring("@"))
}

func TestColumnsLeftOutTwice(t *testing.T) {
	g := NewWithT(t)
	content, columns := "username,email,Note,Note\nada,ada@example.org,1,2\n", Columns{"Note": ""}
	rows, err := converted(t, content, columns, "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows).To(HaveLen(1))
	_, err = converted(t, content, columns, `row.Note == "1"`)
	g.Expect(err).To(MatchError(ContainSubstring("columns 3 and 4 have the same name, and spec.filter and spec.mapping cannot tell them apart")))
}

func TestConversionsThatAreWrong(t *testing.T) {
	for name, test := range map[string]struct {
		key, filter string
		columns     Columns
		mapping     []v1alpha1.AttributeMapping
		problem     string
	}{
		"a filter that does not compile": {"a.csv", `row["Status"] = "Active"`, nil, nil, "spec.filter:1:15: Syntax error"},
		"a filter that is no question":   {"a.csv", `row["Status"]`, nil, nil, "spec.filter:1:1: must be true or false for a row"},
		"another variable":               {"a.csv", `worker.email == ""`, nil, nil, "spec.filter:1:1: undeclared reference to 'worker'"},
		"a costly filter":                {"a.csv", `row.a.replace("", row.a).replace("", row.a) == ""`, nil, nil, "spec.filter:1:1: it may take too long for one row"},
		"a mapping that does not compile": {
			"a.csv", "", nil, []v1alpha1.AttributeMapping{{Attribute: "department", From: `row["a"] + 1`}}, "spec.mapping[0].from:1:10: found no matching overload",
		},
		"a mapping of nothing known": {
			"a.csv", "", nil, []v1alpha1.AttributeMapping{{Attribute: "departments", From: `""`}}, `spec.mapping: attributes are named as the columns of a CSV: unknown column "departments"`,
		},
		"a mapping of passwords": {
			"a.csv", "", nil, []v1alpha1.AttributeMapping{{Attribute: "password", From: `row.a`}}, "passwords are read from Secrets only",
		},
		"a column of nothing known": {"a.csv", "", Columns{"X": "departmant"}, nil, `spec.usersFrom[0].columns: "departmant" is no attribute (did you mean "department"?)`},
		"a column of groups":        {"a.csv", "", Columns{"X": "groups"}, nil, `"groups" is no attribute: groups are not joined by an import`},
		"a column with spaces":      {"a.csv", "", Columns{" X": "department"}, nil, `" X" is no name of a column`},
		"columns of YAML":           {"a.yaml", "", Columns{"X": "department"}, nil, "spec.usersFrom[0].columns: only CSV has columns"},
	} {
		t.Run(name, func(t *testing.T) {
			source := fromConfigMap("hires", test.key)
			source.Columns = test.columns
			_, problem := NewConversion(test.filter, test.mapping, []v1alpha1.RowsSource{source})
			NewWithT(t).Expect(problem).To(ContainSubstring(test.problem))
		})
	}
}

func TestConversionsInTheRunKey(t *testing.T) {
	g := NewWithT(t)
	mapping := []v1alpha1.AttributeMapping{{Attribute: "department", From: `row.a`}}
	source := fromConfigMap("hires", "a.csv")
	none, problem := NewConversion("", nil, []v1alpha1.RowsSource{source})
	g.Expect(problem).To(BeEmpty())
	g.Expect(RunKey(KeyInputs{Conversion: none.Key()})).To(Equal(RunKey(KeyInputs{})), "an upgrade starts no run")
	keys := map[string]bool{RunKey(KeyInputs{}): true}
	for _, columns := range []Columns{nil, {"a": ""}, {"a": "company"}} {
		for _, filter := range []string{"true", "false"} {
			for _, m := range [][]v1alpha1.AttributeMapping{nil, mapping} {
				source.Columns = columns
				conversion, problem := NewConversion(filter, m, []v1alpha1.RowsSource{source})
				g.Expect(problem).To(BeEmpty())
				keys[RunKey(KeyInputs{Conversion: conversion.Key()})] = true
			}
		}
	}
	g.Expect(keys).To(HaveLen(13))
}
