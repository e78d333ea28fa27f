package rows

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const documentOrigin = "ConfigMap hires, key users.yaml"

func TestDocumentsReadRows(t *testing.T) {
	yaml := `
# hires of May
- username: ada.byron
  email: Ada@Example.org
  state: ACTIVATED
  department: ""
  jobTitle: null
  unix_uid: 1001
  sudo: true
  mfa: {exclusionDays: 7, exclusionUntil: 2027-01-31T10:00:00+01:00}
  recoveryEmail: {address: Ada@Home.example}
  attributes: [{name: Floor, value: "1"}, {name: EmployeeID, value: "0042"}]
  phoneNumbers: [{type: mobile, number: "1"}]
  addresses:
  - {type: work, locality: London, poBox: ""}
  - {type: home}
  relationships: [{type: b, value: "2"}, {type: a, value: "1"}]
  restrictedFields: []
  delegatedAuthority: {id: x, name: ActiveDirectory}
- username: chas
`
	json := `[{"username":"ada.byron","email":"Ada@Example.org","state":"Activated","department":"","jobTitle":null,"unixUid":1001,"sudo":true,
 "mfa":{"exclusionDays":7,"exclusionUntil":"2027-01-31T09:00:00.000Z"},"recoveryEmail":{"address":"ada@home.example"},
 "attributes":[{"name":"EmployeeID","value":"0042"},{"name":"Floor","value":"1"}],"phoneNumbers":[{"type":"mobile","number":"1"}],
 "addresses":[{"type":"work","locality":"London","poBox":""}],"relationships":[{"type":"a","value":"1"},{"type":"b","value":"2"}],
 "delegatedAuthority":{"name":"ActiveDirectory","id":"x"}},{"username":"chas"}]`
	want := []Field{
		{"username", "ada.byron"},
		{"email", "ada@example.org"},
		{"state", "Activated"},
		{"attributes.EmployeeID", "0042"},
		{"attributes.Floor", "1"},
		{"addresses.work.poBox", ""},
		{"addresses.work.locality", "London"},
		{"phoneNumbers.mobile", "1"},
		{"department", ""},
		{"recoveryEmail.address", "ada@home.example"},
		{"mfa.exclusionDays", "7"},
		{"mfa.exclusionUntil", "2027-01-31T09:00:00Z"},
		{"sudo", "true"},
		{"unixUid", "1001"},
		{"delegatedAuthority", `{"id":"x","name":"ActiveDirectory"}`},
		{"relationships", `[{"type":"a","value":"1"},{"type":"b","value":"2"}]`},
	}
	for name, read := range map[string]func() ([]Row, error){
		"YAML": func() ([]Row, error) { return readYAML(documentOrigin, []byte(yaml), false) },
		"JSON": func() ([]Row, error) { return readJSON(documentOrigin, []byte(json), false) },
		"YAML after a byte order mark and a document start": func() ([]Row, error) {
			return readYAML(documentOrigin, []byte("\xef\xbb\xbf# x\n---\n"+yaml), false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := read()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows).To(HaveLen(2))
			g.Expect(rows[0].Problems).To(BeEmpty())
			g.Expect(rows[0].Fields).To(Equal(want))
			g.Expect(rows[0].Origin).To(Equal(documentOrigin + ", item 1"))
			g.Expect(rows[1].Fields).To(Equal([]Field{{"username", "chas"}}))
		})
	}
}

func TestDocumentsMarkRowsWithValuesOfTheWrongType(t *testing.T) {
	for text, problem := range map[string]string{
		`[{username: 0042}]`:                 "username: must be text: write it in quotes",
		`[{employeeIdentifier: 0042}]`:       "employeeIdentifier: must be text: write it in quotes",
		`[{firstname: yes}]`:                 "firstname: must be text: write it in quotes",
		`[{company: [a]}]`:                   "company: must be text",
		`[{sudo: "true"}]`:                   "sudo: must be true or false, without quotes",
		`[{unixUid: "7"}]`:                   "unixUid: must be a whole number of at least 1, without quotes",
		`[{unixUid: 7.5}]`:                   "unixUid: must be a whole number",
		`[{unixUid: 0100}]`:                  "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 0o100}]`:                 "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 0x40}]`:                  "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 1_000}]`:                 "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 1:40}]`:                  "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 1.23E+11}]`:              "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{unixUid: 99999999999999999999}]`:  "unixUid: must be a whole number of at least 1: write it in plain decimal digits",
		`[{employeeIdentifier: 1_000}]`:      "employeeIdentifier: must be text: write it in quotes",
		`[{employeeIdentifier: .inf}]`:       "employeeIdentifier: must be text: write it in quotes",
		`[{employeeIdentifier: "1.23E+11"}]`: "employeeIdentifier: is a number that a spreadsheet has shortened",
		`[{addresses: [{type: home, region: b}, {type: Home, region: c}]}]`: "addresses.home.region: is stated more than once",
		`[{state: ""}]`:                                               "state: cannot be cleared",
		`[{mfa: {exclusionUntil: ""}}]`:                               "mfa.exclusionUntil: cannot be cleared",
		`[{mfa: true}]`:                                               "mfa: must be an object",
		`[{attributes: {Floor: "1"}}]`:                                "attributes: must be a list of objects with name",
		`[{attributes: [x]}]`:                                         "attributes[0]: must be an object with name",
		`[{attributes: [{value: x}]}]`:                                "attributes[0]: must have a name",
		`[{attributes: [{name: 7, value: x}]}]`:                       "attributes[0]: must have a name, as text in quotes",
		`[{attributes: [{name: Floor}]}]`:                             "attributes[0]: must have a value",
		`[{attributes: [{name: Floor, value: 7}]}]`:                   "attributes.Floor: must be text: write it in quotes",
		`[{addresses: [{type: home, postalCode: 01234}]}]`:            "addresses.home.postalCode: must be text: write it in quotes",
		`[{phoneNumbers: [{type: home, number: 1}]}]`:                 "phoneNumbers.home: must be text: write it in quotes",
		`[{relationships: [{type: a, value: b, kind: c}]}]`:           "relationships: must be a list of objects with type and value",
		`[{delegatedAuthority: x}]`:                                   "delegatedAuthority: must be an object",
		`[{unix_uid: 7, unixUid: 7}]`:                                 "unixUid: is stated more than once",
		`[{addresses: [{type: a, region: b}, {type: a, region: c}]}]`: "addresses.a.region: is stated more than once",
		`[{passwordSecretRef: {name: a}}]`:                            "passwordSecretRef: must have a name and a key",
		`[{passwordSecretRef: a}]`:                                    "passwordSecretRef: must be an object",
	} {
		t.Run(text, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := readYAML(documentOrigin, []byte(text), false)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows[0].Problems).To(HaveLen(1))
			g.Expect(rows[0].Problems[0].String()).To(HavePrefix(problem))
		})
	}
}

func TestDocumentsRefuseSourcesThatCannotBeUnderstood(t *testing.T) {
	for text, message := range map[string]string{
		``:                      "must be a list of rows",
		`users: []`:             "must be a list of rows",
		`[ada]`:                 "item 1: must be an object",
		`[{username: a}, null]`: "item 2: must be an object",
		`[{userName: ada}]`:     `item 1: unknown key "userName" (did you mean "username"?)`,
		`[{groups: [a]}]`:       `unknown key "groups": groups are not joined by an import: add the user`,
		`[{mfa: {days: 1}}]`:    `unknown key "mfa.days"`,
		`[{addresses: [{type: a, b.locality: c}]}]`: `unknown key "addresses[0].b.locality"`,
		`[{addresses: [{type: a, city: b}]}]`:       `unknown key "addresses[0].city"`,
		`[{attributes: [{name: a, valeu: b}]}]`:     `unknown key "attributes[0].valeu" (did you mean "value"?)`,
		`[{passwordSecretRef: {secret: a}}]`:        `unknown key "passwordSecretRef.secret"`,
		`[{username: ada, password: hunter2}]`:      "passwords are read from Secrets only",
		`[{username: ada, username: eva}]`:          "a key of a row is written twice",
		"- username: ada\n   email: b\n":            "is not YAML",
		`[{password: *hunter2}]`:                    "is not YAML",
		"[]\n---\n[{username: ada}]":                "more than one YAML document",
		"---\n[]\n---\n[{username: ada}]":           "more than one YAML document",
		"- &a {username: ada}\n- *a\n":              "line 1: has a YAML anchor or alias",
		"- {username: &a ada}\n":                    "line 1: has a YAML anchor or alias",
		"- username: ada\n  <<: {email: b}\n":       `unknown key "<<"`,
		"- {username: !!binary aGk=}\n":             "has a YAML tag",
		"- {unixUid: !!int '7'}\n":                  "has a YAML tag",
		"- {[a]: b}\n":                              "is not YAML",
		"[{username: a\xff}]":                       "is not UTF-8 at byte 13, line 1",
	} {
		t.Run(text, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := readYAML(documentOrigin, []byte(text), false)
			g.Expect(rows).To(BeNil())
			var broken *SourceError
			g.Expect(errors.As(err, &broken)).To(BeTrue())
			g.Expect(err.Error()).To(HavePrefix(documentOrigin))
			g.Expect(err.Error()).To(ContainSubstring(message))
			g.Expect(err.Error()).NotTo(Or(ContainSubstring("hunter2"), ContainSubstring("eva")))
		})
	}
}

func TestJSONErrorsNameTheLine(t *testing.T) {
	g := NewWithT(t)
	_, err := readJSON(documentOrigin, []byte("[\n{\"username\": \"ada\"},\n{\"password\": hunter2}]"), true)
	g.Expect(err).To(MatchError(documentOrigin + ", line 3: is not JSON"))
	_, err = readJSON(documentOrigin, []byte(`[{"username": "ada", "username": "eva"}]`), false)
	g.Expect(err).To(MatchError(ContainSubstring("written twice")))
	_, err = readJSON(documentOrigin, []byte(`[] []`), false)
	g.Expect(err).To(MatchError(ContainSubstring("is not JSON")))
}

func TestDocumentsInSecretsHavePasswords(t *testing.T) {
	g := NewWithT(t)
	rows, err := readYAML("Secret hires, key users.yaml", []byte(`
- {username: ada, password: " p "}
- {username: chas, password: 12345678}
- {username: eva, password: x, passwordSecretRef: {name: a, key: b}}
- {username: mary, password: ""}
- {username: jane, password: null}
`), true)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows[0].Password.Reveal()).To(Equal(" p "))
	g.Expect(rows[1].Problems).To(ConsistOf(Problem{"password", "must be text: write it in quotes"}))
	g.Expect(rows[2].Problems).To(ConsistOf(Problem{"password", "is stated beside passwordSecretRef: keep one"}))
	validate(rows, Options{Operation: v1alpha1.OperationUpdate})
	g.Expect(rows[0].Problems).To(BeEmpty())
	g.Expect(rows[3].Problems).To(ConsistOf(HaveField("Field", "password")))
	g.Expect(rows[4].Password).To(BeNil())
}

func TestDefaultsAreReadAndCheckedLikeRows(t *testing.T) {
	g := NewWithT(t)
	fields, problems := FromAttributes(&v1alpha1.UserAttributes{
		State: new(v1alpha1.UserStateStaged), Department: new("Engineering"), Company: new(""),
		Attributes: []v1alpha1.CustomAttribute{{Name: "Floor", Value: "1"}},
	})
	g.Expect(problems).To(BeEmpty())
	g.Expect(fields).To(Equal([]Field{{"state", "Staged"}, {"attributes.Floor", "1"}, {"company", ""}, {"department", "Engineering"}}))

	_, problems = FromAttributes(&v1alpha1.UserAttributes{
		Attributes:     []v1alpha1.CustomAttribute{{Name: "Floor", Value: "1"}, {Name: "Floor", Value: "2"}, {Name: "Cost Center"}},
		AlternateEmail: new("Engineering"),
	})
	g.Expect(problems).To(ConsistOf(
		Problem{"attributes.Floor", "is stated more than once: keep one"},
		Problem{"attributes", `has the name "Cost Center": names may have letters and digits only`},
		Problem{"alternateEmail", "must be an email address such as ada@example.org"},
	))

	fields, problems = FromAttributes(nil)
	g.Expect(fields).To(BeEmpty())
	g.Expect(problems).To(BeEmpty())
}
