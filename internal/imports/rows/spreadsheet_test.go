package rows

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestCSVOfSpreadsheets(t *testing.T) {
	ada := map[string]string{"username": "ada", "email": "ada@example.org"}
	for name, content := range map[string]string{
		"carriage returns only":             "username,email\rada,ada@example.org\r",
		"mixed line ends":                   "username,email\r\n\rada,ada@example.org\n",
		"sep= names the separator":          "sep=;\r\nusername;email\r\nada;ada@example.org\r\n",
		"sep= with a mark and old line end": "\xef\xbb\xbfSEP=;\rusername;email\rada;ada@example.org\r",
		"quoted sep=":                       "\"sep=;\"\nusername;email\nada;ada@example.org\n",
		"sep= beats the header":             "sep=;\nusername;\"email\"\nada;ada@example.org\n",
		"a trailing comma in the header":    "username,email,\nada,ada@example.org,\n",
		"trailing columns":                  "username,email,, ,\nada,ada@example.org,,,\n",
		"a header wider than the rows":      "username,email,,\nada,ada@example.org\n",
		"trailing lines":                    "username,email\nada,ada@example.org\n,\n \n,\n\n",
		"a row that ends early":             "username,email,firstname,Attribute1_name,Attribute1_value,Group1\nada,ada@example.org\n",
		"an attribute without its value":    "username,email,Attribute1_name,Attribute1_value\nada,ada@example.org,Floor\n",
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows := parsed(t, content)
			g.Expect(rows).To(HaveLen(1))
			g.Expect(rows[0].Problems).To(BeEmpty())
			g.Expect(values(rows[0])).To(Equal(ada))
		})
	}
}

func TestCSVKeepsCarriageReturnsInQuotes(t *testing.T) {
	g := NewWithT(t)
	rows := parsed(t, "username,description\rada,\"a\rb\"\rchas,c\r")
	g.Expect(rows).To(HaveLen(2))
	g.Expect(values(rows[0])["description"]).To(Equal("a\rb"))
	g.Expect(values(rows[1])["description"]).To(Equal("c"))
}

func TestCSVTellsLinesWhateverEndsThem(t *testing.T) {
	g := NewWithT(t)
	g.Expect(parsed(t, "username\r\rada\r")[0].Origin).To(Equal(origin + ", line 3"))
	g.Expect(parsed(t, "sep=,\r\nusername\r\nada\r\n")[0].Origin).To(Equal(origin + ", line 3"))
	_, err := readCSV(origin, []byte("username\rada\rByr\xf6n\r"), false)
	g.Expect(err).To(MatchError(ContainSubstring("is not UTF-8 at byte 16, line 3: save it as UTF-8, which spreadsheets call \"CSV UTF-8\"")))
}

func TestCSVRowsOfOtherLengths(t *testing.T) {
	for name, test := range map[string]struct{ content, problem string }{
		"ends before its email":    {"firstname,username,email\nAda,ada\n", `has 2 cells where the header has 3 columns: fill in column "email"`},
		"ends before its username": {"firstname,email,username\nAda\n", `fill in column "email"`},
		"ends before its number":   {"email,username,employeeIdentifier\na@x.org,ada\n", `fill in column "employeeIdentifier"`},
		"under no name":            {"username,email,\nada,ada@example.org,x\n", "has 3 cells where the header has 2 columns: quote cells that hold commas"},
		"longer than the header":   {"username,email,\nada,ada@example.org,,\n", "has 4 cells where the header has 2 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows := parsed(t, test.content)
			g.Expect(rows).To(HaveLen(1))
			g.Expect(rows[0].Complaint()).To(ContainSubstring(test.problem))
		})
	}
}

func TestCSVQuotesNoCells(t *testing.T) {
	for name, test := range map[string]struct{ content, message string }{
		"a row in place of the header": {"username,ada.byron@example.org,Engines\n", "columns 2 and 3 of the first line are unknown: the first line must name the columns"},
		"one cell":                     {"username,4711,email\n", "column 2 of the first line is unknown"},
		"many cells":                   {"username,4711,a,b,c,d,e\n", "columns 2, 3, 4 and 3 more of the first line are unknown"},
		"two rows in one":              {"username,email,ada.byron,ada@example.org", "columns 3 and 4 of the first line are unknown"},
		"groups":                       {"username,groupie@example.org,Engines\n", "column 3 of the first line is unknown"},
		"unknown separator":            {"sep=|\nusername|email\n", "names another separator than commas, semicolons or tabs"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := readCSV(origin, []byte(test.content), false)
			g.Expect(err).To(BeAssignableToTypeOf(&SourceError{}))
			g.Expect(err).To(MatchError(ContainSubstring(test.message)))
			g.Expect(err.Error()).NotTo(Or(ContainSubstring("ada"), ContainSubstring("4711"), ContainSubstring("Engines")))
		})
	}
}

func TestEmptyPasswordColumnOutsideOfSecrets(t *testing.T) {
	g := NewWithT(t)
	rows := parsed(t, "username,Password,email\nada,,ada@example.org\nchas\n")
	g.Expect(rows[0].Problems).To(BeEmpty())
	g.Expect(rows[0].Password).To(BeNil())
	_, err := readCSV(origin, []byte("username,Password\nada,\nchas,hunter2\n"), false)
	g.Expect(err).To(MatchError(And(
		ContainSubstring(origin+", line 3: "), ContainSubstring("passwords are read from Secrets only"), Not(ContainSubstring("hunter2")),
	)))
}

func TestInvisibleCharacters(t *testing.T) {
	for name, test := range map[string]struct {
		row     Row
		problem string
	}{
		"zero width space":    {rowOf("email", "ada@example.org\u200b"), "email: has the invisible character U+200B: remove it"},
		"word joiner":         {rowOf("email", "\u2060ada@example.org"), "email: has the invisible character U+2060"},
		"soft hyphen":         {rowOf("employeeIdentifier", "00\u00ad42"), "employeeIdentifier: has the invisible character U+00AD"},
		"control character":   {rowOf("managedAppleId", "ada\x01@example.org"), "managedAppleId: has the invisible character U+0001"},
		"second address":      {rowOf("alternateEmail", "ada@example.org\ufeff"), "alternateEmail: has the invisible character U+FEFF"},
		"manager":             {rowOf("manager", "chas\u200d"), "manager: has the invisible character U+200D"},
		"text stays as it is": {rowOf("department", "Engi\u00adnes"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			rows := []Row{test.row}
			validate(rows, Options{})
			NewWithT(t).Expect(rows[0].Complaint()).To(ContainSubstring(test.problem))
			NewWithT(t).Expect(rows[0].Problems == nil).To(Equal(test.problem == ""))
		})
	}
	g := NewWithT(t)
	update := []Row{{Fields: []Field{{"username", "ada\u200b"}}}}
	validate(update, Options{Operation: "Update"})
	g.Expect(update[0].Complaint()).To(ContainSubstring("username: has the invisible character U+200B"), "whatever rows are matched by")
	rows := parsed(t, "username,email\n\u00a0ada\u2003,ada@example.org\u00a0\n")
	g.Expect(values(rows[0])).To(Equal(map[string]string{"username": "ada", "email": "ada@example.org"}))
}

// rowOf returns a row that is valid except for what one field may do to it.
func rowOf(path, value string) Row {
	row := Row{}
	for _, field := range []Field{{"username", "ada"}, {"email", "ada@example.org"}} {
		if field.Path != path {
			row.Fields = append(row.Fields, field)
		}
	}
	row.Fields = append(row.Fields, Field{path, value})
	return row
}
