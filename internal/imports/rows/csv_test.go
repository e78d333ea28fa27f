package rows

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	. "github.com/onsi/gomega"
)

const origin = "ConfigMap hires, key users.csv"

// parsed reads CSV that must be readable.
func parsed(t *testing.T, text string) []Row {
	t.Helper()
	rows, err := readCSV(origin, []byte(text), false)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return rows
}

func values(row Row) map[string]string {
	values := map[string]string{}
	for _, field := range row.Fields {
		values[field.Path] = field.Value
	}
	return values
}

func TestCSVReadsNamesInAnyCaseAndOrder(t *testing.T) {
	g := NewWithT(t)
	rows := parsed(t, "LASTNAME,unix_uid,unixGuid,UserName,email,Enable_User_Portal_Multifactor,external_password_expiration_date,state\n"+
		"Byron,1001,20,ada.byron,Ada@Example.org,TRUE,2027-01-31T10:00:00+01:00,SUSPENDED\n")
	g.Expect(rows).To(HaveLen(1))
	g.Expect(rows[0].Problems).To(BeEmpty())
	g.Expect(rows[0].Fields).To(Equal([]Field{
		{"username", "ada.byron"},
		{"email", "ada@example.org"},
		{"state", "Suspended"},
		{"lastname", "Byron"},
		{"enableUserPortalMultifactor", "true"},
		{"unixUid", "1001"},
		{"unixGuid", "20"},
		{"externalPasswordExpirationDate", "2027-01-31T09:00:00Z"},
	}))
}

// The header is the one that New-JCImportTemplate -force writes, plus the columns that it adds
// on request.
func TestCSVReadsTheTemplateOfThePowerShellModule(t *testing.T) {
	g := NewWithT(t)
	header := "Username,FirstName,LastName,Password,Email,alternateEmail,manager,managedAppleId,middlename,preferredName,jobTitle,employeeIdentifier," +
		"department,costCenter,company,employeeType,description,location,home_streetAddress,home_city,home_state,home_postalCode,home_poBox,home_country," +
		"work_streetAddress,work_poBox,work_city,work_state,work_postalCode,work_country,mobile_number,home_number,work_number,work_mobile_number,work_fax_number," +
		"unix_guid,unix_uid,enable_user_portal_multifactor,EnrollmentDays,ldap_binding_user,ldapserver_id,account_locked,allow_public_key,enable_managed_uid," +
		"externally_managed,external_dn,external_source_type,passwordless_sudo,sudo,password_never_expires,SystemID,Administrator,Group1,Group2," +
		"Attribute1_name,Attribute1_value,Attribute2_name,Attribute2_value"
	record := "ada.byron,Ada,Byron,,ada@example.org,ada@home.example,chas@example.org,ada@apple.example,King,Countess,Analyst,0042," +
		"Engines,7,Analytical,Staff,First,London,hs,hc,hr,hp,hb,hk," +
		"ws,wb,wc,wr,wp,wk,1,2,3,4,5," +
		"20,1001,True,30,$false,,no,0,1," +
		"yes,CN=Ada,ad,False,True,TRUE,,,,," +
		"EmployeeID,0042,Floor,"
	rows, err := readCSV("Secret hires, key users.csv", []byte(header+"\r\n"+record+"\r\n"), true)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows).To(HaveLen(1))
	g.Expect(rows[0].Problems).To(BeEmpty())
	g.Expect(rows[0].Password).To(BeNil())
	g.Expect(values(rows[0])).To(Equal(map[string]string{
		"username": "ada.byron", "firstname": "Ada", "lastname": "Byron", "email": "ada@example.org",
		"alternateEmail": "ada@home.example", "manager": "chas@example.org", "managedAppleId": "ada@apple.example",
		"middlename": "King", "displayname": "Countess", "jobTitle": "Analyst", "employeeIdentifier": "0042",
		"department": "Engines", "costCenter": "7", "company": "Analytical", "employeeType": "Staff", "description": "First", "location": "London",
		"addresses.home.streetAddress": "hs", "addresses.home.locality": "hc", "addresses.home.region": "hr",
		"addresses.home.postalCode": "hp", "addresses.home.poBox": "hb", "addresses.home.country": "hk",
		"addresses.work.streetAddress": "ws", "addresses.work.poBox": "wb", "addresses.work.locality": "wc",
		"addresses.work.region": "wr", "addresses.work.postalCode": "wp", "addresses.work.country": "wk",
		"phoneNumbers.mobile": "1", "phoneNumbers.home": "2", "phoneNumbers.work": "3", "phoneNumbers.work_mobile": "4", "phoneNumbers.work_fax": "5",
		"unixGuid": "20", "unixUid": "1001", "enableUserPortalMultifactor": "true", "mfa.exclusionDays": "30", "ldapBindingUser": "false",
		"accountLocked": "false", "allowPublicKey": "false", "enableManagedUid": "true", "externallyManaged": "true",
		"externalDn": "CN=Ada", "externalSourceType": "ad", "passwordlessSudo": "false", "sudo": "true", "passwordNeverExpires": "true",
		"attributes.EmployeeID": "0042",
	}))
}

func TestCSVReadsOtherSpellingsOfColumns(t *testing.T) {
	for column, path := range map[string]string{
		"attributes.EmployeeID":        "attributes.EmployeeID",
		"Attributes.EmployeeID":        "attributes.EmployeeID",
		"home_locality":                "addresses.home.locality",
		"work_region":                  "addresses.work.region",
		"home_extendedAddress":         "addresses.home.extendedAddress",
		"addresses.home.locality":      "addresses.home.locality",
		"ADDRESSES.HOME.STREETADDRESS": "addresses.home.streetAddress",
		"addresses.Summer.locality":    "addresses.Summer.locality",
		"phonenumbers.Work_Fax":        "phoneNumbers.work_fax",
		"phoneNumbers.Pager":           "phoneNumbers.Pager",
		"managedAppleID":               "managedAppleId",
		"recoveryEmail":                "recoveryEmail.address",
		"recoveryEmail.address":        "recoveryEmail.address",
		"displayName":                  "displayname",
		"ssh":                          "",
	} {
		t.Run(column, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := readCSV(origin, []byte("username,"+column+"\nada,x@example.org\n"), false)
			if path == "" {
				g.Expect(err).To(HaveOccurred())
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(rows[0].Problems).To(BeEmpty())
			g.Expect(rows[0].Fields).To(ContainElement(Field{path, "x@example.org"}))
		})
	}
}

func TestCSVReadsWhatSpreadsheetsWrite(t *testing.T) {
	t.Run("byte order mark, CRLF, white space and empty lines", func(t *testing.T) {
		g := NewWithT(t)
		rows := parsed(t, "\xef\xbb\xbfusername, email\r\n ada ,ada@example.org\r\n\r\n,,,\r\nchas,\r\n")
		g.Expect(rows).To(HaveLen(2))
		g.Expect(rows[0].Fields).To(Equal([]Field{{"username", "ada"}, {"email", "ada@example.org"}}))
		g.Expect(rows[0].Origin).To(Equal(origin + ", line 2"))
		g.Expect(rows[1].Fields).To(Equal([]Field{{"username", "chas"}}), "an empty cell states nothing")
		g.Expect(rows[1].Origin).To(Equal(origin + ", line 5"))
	})
	t.Run("line breaks in quotes do not shift line numbers", func(t *testing.T) {
		g := NewWithT(t)
		rows := parsed(t, "username,description\nada,\"first\r\nsecond\nthird\"\nchas,\"a \"\"b\"\", c\"\n")
		g.Expect(rows).To(HaveLen(2))
		g.Expect(values(rows[0])["description"]).To(Equal("first\nsecond\nthird"))
		g.Expect(values(rows[1])["description"]).To(Equal(`a "b", c`))
		g.Expect(rows[1].Origin).To(Equal(origin + ", line 5"))
	})
	t.Run("a header alone", func(t *testing.T) {
		NewWithT(t).Expect(parsed(t, "username,email")).To(BeEmpty())
	})
}

func TestCSVRefusesSourcesThatCannotBeUnderstood(t *testing.T) {
	for name, test := range map[string]struct{ content, message string }{
		"empty":                {"", origin + ": is empty: the first line must name the columns"},
		"unknown column":       {"username,emial\n", `unknown column "emial" (did you mean "email"?)`},
		"many unknown columns": {"username,qqqqqqqq,wwwwwwww,zzzzzzzz,xxxxxxxx,vvvvvvvv\n", `"qqqqqqqq", "wwwwwwww", "zzzzzzzz", and 2 more columns`},
		"no header":            {"ada.byron,ada@example.org\n", "the first line must name the columns"},
		"unnamed column":       {"username,,email\n", "column 2 has no name"},
		"duplicate column":     {"username,email,UserName\n", `columns "username" and "UserName" mean the same`},
		"duplicate meaning":    {"username,home_city,addresses.home.locality\n", `columns "home_city" and "addresses.home.locality" mean the same`},
		"name without value":   {"username,attribute1_name\n", `column "attribute1_name" has no partner`},
		"value without name":   {"username,attribute2_value\n", `column "attribute2_value" has no partner`},
		"password":             {"username,Password\nada,hunter2\n", `passwords are read from Secrets only`},
		"two separators":       {"username;email,firstname\nada;ada@example.org,x\n", "separates columns of the first line in two ways"},
		"broken quotes":        {"username,email\nada,\"ada\" b\n", origin + ", line 2: is not CSV"},
		"open quotes":          {"username,email\nada,x\nchas,\"open\n\n", origin + ", line 3: is not CSV"},
		"UTF-16":               {"\xff\xfeu\x00s\x00a", "is not UTF-16, as its first bytes say: save it as UTF-8"},
		"half a character":     {"\xfe\xff\x00u\xd8\x00", "is not UTF-16, as its first bytes say: save it as UTF-8"},
		"UTF-16 without mark":  {"u\x00s\x00", "byte 1 is zero: save it as UTF-8"},
		"Latin-1":              {"username,lastname\nada,Byr\xf6n\n", "is not UTF-8 at byte 25, line 2: save it as UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows, err := readCSV(origin, []byte(test.content), false)
			g.Expect(rows).To(BeNil())
			g.Expect(err).To(BeAssignableToTypeOf(&SourceError{}))
			g.Expect(err).To(MatchError(ContainSubstring(test.message)))
			g.Expect(err.Error()).To(HavePrefix(origin))
			g.Expect(err.Error()).NotTo(Or(ContainSubstring("ada"), ContainSubstring("hunter2"), ContainSubstring("Byr")), "cells are about people")
		})
	}
}

func TestCSVAsExcelWritesIt(t *testing.T) {
	encoded := func(order binary.AppendByteOrder, text string) string {
		content := order.AppendUint16(nil, 0xfeff)
		for _, unit := range utf16.Encode([]rune(text)) {
			content = order.AppendUint16(content, unit)
		}
		return string(content)
	}
	const tabs = "username\temail\tlastname\r\nada\tada@example.org\tÄdä 😀\r\n"
	for name, content := range map[string]string{
		"semicolons":                  "\xef\xbb\xbfusername;email;lastname\r\nada;ada@example.org;Ädä 😀\r\n",
		"tabs":                        tabs,
		"UTF-16, little endian":       encoded(binary.LittleEndian, tabs),
		"UTF-16, big endian":          encoded(binary.BigEndian, tabs),
		"a comma in a quoted header":  "username;email;\"lastname\"\nada;ada@example.org;Ädä 😀\n",
		"other characters in records": "username,email,lastname\nada,ada@example.org,Ädä 😀\n",
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(values(parsed(t, content)[0])).To(Equal(map[string]string{
				"username": "ada", "email": "ada@example.org", "lastname": "Ädä 😀",
			}))
		})
	}
	g := NewWithT(t)
	g.Expect(values(parsed(t, "username,description\nada,a;b\tc\n")[0])["description"]).To(Equal("a;b\tc"))
	g.Expect(parsed(t, "username;email\nada;a;b\n")[0].Complaint()).To(ContainSubstring("quote cells that hold semicolons"))
}

func TestCSVMarksRowsThatCannotBeUnderstood(t *testing.T) {
	for name, test := range map[string]struct{ content, problem string }{
		"too few cells":            {"username,firstname,email\nada,Ada\n", "has 2 cells where the header has 3 columns"},
		"too many cells":           {"username,email\nada,ada@example.org,\n", "has 3 cells where the header has 2 columns"},
		"boolean":                  {"username,sudo\nada,perhaps\n", "sudo: must be true or false"},
		"integer":                  {"username,EnrollmentDays\nada,9/15/2022\n", "mfa.exclusionDays: must be a whole number"},
		"shortened number":         {"username,unix_uid\nada,1.23E+11\n", "unixUid: is a number that a spreadsheet has shortened"},
		"shortened identifier":     {"username,employeeIdentifier\nada,1.23E+11\n", "employeeIdentifier: is a number that a spreadsheet has shortened"},
		"shortened phone number":   {"username;mobile_number\nada;4,4207E+11\n", "phoneNumbers.mobile: is a number that a spreadsheet has shortened"},
		"time":                     {"username,external_password_expiration_date\nada,2027-01-31\n", "externalPasswordExpirationDate: must be a time"},
		"state":                    {"username,state\nada,Retired\n", "state: must be Staged, Activated or Suspended"},
		"list":                     {"username,relationships\nada,boss\n", "relationships: must be a list"},
		"group":                    {"username,Group1\nada,Engineers\n", "Group1: must be empty: groups are not joined by an import: add the user to the members of a UserGroup"},
		"system":                   {"username,SystemID\nada,5f0\n", "SystemID: must be empty: devices are not bound"},
		"administrator":            {"username,Administrator\nada,True\n", "declare sudo"},
		"LDAP server":              {"username,ldapserver_id\nada,5f0\n", "LDAP server"},
		"attribute without a name": {"username,attribute1_name,attribute1_value\nada,,0042\n", "attribute1_value: has a value and no name"},
		"attribute stated twice":   {"username,attribute1_name,attribute1_value,attributes.Floor\nada,Floor,1,2\n", "attributes.Floor: is stated more than once"},
		"names on one line":        {"username,attribute1_name,attribute1_value,attribute2_name,attribute2_value\nada,\"A\nB\",1,\"A\nB\",2\n", "attributes.A?B: is stated more than once"},
		"attribute stated 3 times": {"username,attribute1_name,attribute1_value,attribute2_name,attribute2_value\nada,A,1,A,2\n", "attributes.A: is stated more than once"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rows := parsed(t, test.content)
			g.Expect(rows).To(HaveLen(1))
			g.Expect(rows[0].Problems).To(HaveLen(1))
			g.Expect(rows[0].Complaint()).To(HavePrefix(origin + ", line 2: "))
			g.Expect(rows[0].Complaint()).To(ContainSubstring(test.problem))
		})
	}
}

func TestCSVKeepsPasswordsAsTheyAre(t *testing.T) {
	g := NewWithT(t)
	rows, err := readCSV("Secret hires, key users.csv", []byte("username,PASSWORD\nada, p \nchas,\n"), true)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows[0].Password.Reveal()).To(Equal(" p "))
	g.Expect(rows[0].Fields).To(Equal([]Field{{"username", "ada"}}))
	g.Expect(rows[1].Password).To(BeNil())
}

func TestCSVReadsListsAsJSON(t *testing.T) {
	g := NewWithT(t)
	rows := parsed(t, "username,relationships\n"+`ada,"[{""value"":""2"",""type"":""b""}, {""type"":""a"",""value"":""1""}]"`+"\n")
	g.Expect(values(rows[0])["relationships"]).To(Equal(`[{"type":"a","value":"1"},{"type":"b","value":"2"}]`))
}
