package rows

import (
	"testing"

	. "github.com/onsi/gomega"
)

// Documents made of spreadsheet cells follow the rules of cells.
func TestDocumentsMadeOfCells(t *testing.T) {
	for name, parse := range map[string]func(string) ([]Row, error){
		"JSON": func(text string) ([]Row, error) { return readJSON(origin, []byte(text), false) },
		"YAML": func(text string) ([]Row, error) { return readYAML(origin, []byte(text), false) },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := parse("[{\"username\": \"\u00a0ada \", \"email\": \"ada@example.org\u2003\", \"password\": \"\", \"department\": \"Engi\u00adnes \"}]")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows[0].Problems).To(BeEmpty())
			g.Expect(rows[0].Password).To(BeNil())
			g.Expect(values(rows[0])).To(Equal(map[string]string{"username": "ada", "email": "ada@example.org", "department": "Engi\u00adnes"}))

			rows, err = parse(`[{"username": "ada", "password": null, "company": " \u00a0"}]`)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows[0].Problems).To(ConsistOf(Problem{"company", `holds spaces only: write "" to clear it, or leave it out`}))

			rows, err = parse(`[{"username": "ada", "email": "ada@example.org\u200b", "phoneNumbers": [{"type": "mobile", "number": "1.23E+11"}]}]`)
			g.Expect(err).NotTo(HaveOccurred())
			validate(rows, Options{})
			g.Expect(rows[0].Complaint()).To(And(
				ContainSubstring("email: has the invisible character U+200B: remove it"),
				ContainSubstring("phoneNumbers.mobile: is a number that a spreadsheet has shortened")))

			for _, password := range []string{`"hunter2"`, `4711`, `[]`} {
				_, err = parse(`[{"username": "ada", "password": ` + password + `}]`)
				g.Expect(err).To(MatchError(And(ContainSubstring("passwords are read from Secrets only"), Not(ContainSubstring("hunter2")))))
			}

			for _, key := range []string{"ada@example.org", "4711"} {
				_, err = parse(`[{"username": "ada", "` + key + `": "x"}]`)
				g.Expect(err).To(MatchError(And(ContainSubstring("item 1: has a key that is not an attribute"), Not(ContainSubstring(key)))))
				_, err = parse(`[{"username": "ada", "mfa": {"` + key + `": "x"}}]`)
				g.Expect(err).To(MatchError(And(ContainSubstring("has a key that is not an attribute"), Not(ContainSubstring(key)))))
			}
		})
	}
}

// Old editors end lines with only a carriage return.
func TestDocumentsWithCarriageReturnsOnly(t *testing.T) {
	for name, read := range map[string]func() ([]Row, error){
		"JSON": func() ([]Row, error) {
			return readJSON(origin, []byte("[{\"username\": \"ada\",\r\"company\": \"Acme\"}]\r"), false)
		},
		"YAML": func() ([]Row, error) { return readYAML(origin, []byte("- username: ada\r  company: Acme\r"), false) },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := read()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows).To(HaveLen(1))
			g.Expect(values(rows[0])).To(Equal(map[string]string{"username": "ada", "company": "Acme"}))
		})
	}
}

// Names of attributes come from cells, and may contain personal data.
func TestNamesOfAttributesInCellsAreNotQuoted(t *testing.T) {
	g := NewWithT(t)
	rows := parsed(t, "username,email,Attribute1_name,Attribute1_value\nada,ada@example.org,Ada Byron,x\n")
	validate(rows, Options{})
	g.Expect(rows[0].Complaint()).To(And(
		ContainSubstring("attributes: has a name with more than letters and digits"), Not(ContainSubstring("Byron"))))
}
