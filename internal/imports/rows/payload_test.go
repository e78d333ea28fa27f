package rows

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const managerID = "65f1c0ffee65f1c0ffee0bbb"

// everything returns a row that states each field.
func everything() Row {
	r := row(
		"username", "ada.byron", "email", "ada@example.org", "state", "Activated",
		"firstname", "Ada", "middlename", "King", "lastname", "Byron", "displayname", "Countess",
		"attributes.EmployeeID", "0042", "attributes.Floor", "1",
		"addresses.home.streetAddress", "hs", "addresses.home.extendedAddress", "he", "addresses.home.poBox", "hb", "addresses.home.locality", "hl",
		"addresses.home.region", "hr", "addresses.home.postalCode", "hp", "addresses.home.country", "hc", "addresses.work.locality", "wl",
		"phoneNumbers.mobile", "1", "phoneNumbers.work_fax", "2",
		"company", "co", "costCenter", "cc", "department", "de", "employeeType", "et", "jobTitle", "jt", "location", "lo", "description", "ds",
		"employeeIdentifier", "7", "manager", managerID, "alternateEmail", "ada@home.example", "managedAppleId", "ma",
		"recoveryEmail.address", "ada@recovery.example",
		"mfa.configured", "true", "mfa.exclusion", "false", "mfa.exclusionDays", "30", "mfa.exclusionUntil", "2027-01-31T09:00:00Z",
		"enableUserPortalMultifactor", "true", "passwordNeverExpires", "true", "sudo", "true", "passwordlessSudo", "true", "allowPublicKey", "true",
		"ldapBindingUser", "true", "sambaServiceUser", "true", "enableManagedUid", "true", "disableDeviceMaxLoginAttempts", "true",
		"externallyManaged", "true", "accountLocked", "true", "publicKey", "pk", "unixUid", "1001", "unixGuid", "9007199254740993",
		"externalDn", "dn", "externalSourceType", "st", "externalPasswordExpirationDate", "2027-02-28T09:00:00Z",
		"delegatedAuthority", `{"id":"x","name":"ActiveDirectory"}`,
		"relationships", `[{"type":"a","value":"1"}]`,
		"restrictedFields", `[{"field":"email","id":"y","type":"scim"}]`,
	)
	r.Password = NewPassword("hunter2")
	return r
}

// comparableJSON is the part of everything that JumpCloud's create, update and read schemas
// share, in JumpCloud's words. It was written by hand from its schema, to reveal mistakes in
// the table of fields or in the client's types.
const comparableJSON = `
	"username":"ada.byron","email":"ada@example.org","firstname":"Ada","middlename":"King","lastname":"Byron","displayname":"Countess",
	"attributes":[{"name":"EmployeeID","value":"0042"},{"name":"Floor","value":"1"}],
	"addresses":[{"type":"home","streetAddress":"hs","extendedAddress":"he","poBox":"hb","locality":"hl","region":"hr","postalCode":"hp","country":"hc"},
		{"type":"work","locality":"wl"}],
	"phoneNumbers":[{"type":"mobile","number":"1"},{"type":"work_fax","number":"2"}],
	"company":"co","costCenter":"cc","department":"de","employeeType":"et","jobTitle":"jt","location":"lo","description":"ds",
	"employeeIdentifier":"7","manager":"65f1c0ffee65f1c0ffee0bbb","alternateEmail":"ada@home.example","managedAppleId":"ma",
	"enable_user_portal_multifactor":true,"password_never_expires":true,"sudo":true,"passwordless_sudo":true,"allow_public_key":true,
	"ldap_binding_user":true,"samba_service_user":true,"enable_managed_uid":true,"disableDeviceMaxLoginAttempts":true,
	"externally_managed":true,"account_locked":true,"public_key":"pk","unix_uid":1001,"unix_guid":9007199254740993,
	"external_dn":"dn","external_source_type":"st","external_password_expiration_date":"2027-02-28T09:00:00Z",
	"delegatedAuthority":{"id":"x","name":"ActiveDirectory"},
	"relationships":[{"type":"a","value":"1"}],
	"restrictedFields":[{"field":"email","id":"y","type":"scim"}]`

const createOnlyJSON = `
	"state":"ACTIVATED",
	"recoveryEmail":{"address":"ada@recovery.example"},
	"mfa":{"configured":true,"exclusion":false,"exclusionDays":30,"exclusionUntil":"2027-01-31T09:00:00Z"}`

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return string(text)
}

func user(t *testing.T, record string) *jumpcloud.User {
	t.Helper()
	u := &jumpcloud.User{}
	NewWithT(t).Expect(json.Unmarshal([]byte(record), u)).To(Succeed())
	return u
}

func pathsOf(fields []Field) []string {
	all := make([]string, len(fields))
	for i := range fields {
		all[i] = fields[i].Path
	}
	return all
}

func TestEverythingStatesEachFieldThereIs(t *testing.T) {
	g := NewWithT(t)
	stated := map[string]bool{"password": true}
	for _, field := range everything().Fields {
		entry, ok := FieldOf(field.Path)
		g.Expect(ok).To(BeTrue(), field.Path)
		stated[entry.Path] = true
	}
	for _, entry := range v1alpha1.UserFields {
		g.Expect(stated).To(HaveKey(entry.Path))
	}
}

func TestEverythingIsCreated(t *testing.T) {
	r := everything()
	NewWithT(t).Expect(encoded(t, CreatePayload(&r, nil))).To(MatchJSON("{" + comparableJSON + "," + createOnlyJSON + `,"password":"hunter2"}`))
}

func TestEverythingComparableIsUpdated(t *testing.T) {
	r := everything()
	live := &jumpcloud.User{ID: "65f1c0ffee65f1c0ffee0aaa"}
	NewWithT(t).Expect(encoded(t, UpdatePayload(&r, live, pathsOf(r.Fields)))).To(MatchJSON(`{"id":"65f1c0ffee65f1c0ffee0aaa",` + comparableJSON + "}"))
}

func TestEverythingReturnedIsAsDeclared(t *testing.T) {
	g := NewWithT(t)
	flat := Flatten(user(t, "{"+comparableJSON+","+createOnlyJSON+`,"_id":"65f1c0ffee65f1c0ffee0aaa"}`))
	r := everything()
	for _, field := range r.Fields {
		g.Expect(flat).To(HaveKeyWithValue(field.Path, field.Value))
	}
	g.Expect(flat).To(HaveLen(len(r.Fields)))
}

func TestFlattenNormalises(t *testing.T) {
	g := NewWithT(t)
	flat := Flatten(user(t, `{"_id":"x","email":"Ada@Example.org","state":"SUSPENDED","department":"","sudo":null,"unix_uid":7,
		"attributes":[{"_id":"1","name":"B","value":"b"},{"name":"A","value":"a"},{"name":"A","value":"second"},{"name":"E","value":""}],
		"addresses":[{"id":"2","type":"home","locality":"London","region":""},{"type":"","locality":"nowhere"}],
		"external_password_expiration_date":"2027-02-28T10:00:00.000+01:00","relationships":[{"type":"b","value":"2"},{"type":"a","value":"1"}],
		"restrictedFields":[],"delegatedAuthority":null,"mfa":{"exclusion":true},"admin":{"id":"y"}}`))
	for path, value := range flat {
		if value == "false" {
			delete(flat, path)
		}
	}
	g.Expect(flat).To(Equal(map[string]string{
		"email": "ada@example.org", "state": "Suspended", "unixUid": "7", "attributes.A": "a", "attributes.B": "b", "addresses.home.locality": "London",
		"externalPasswordExpirationDate": "2027-02-28T09:00:00Z", "relationships": `[{"type":"a","value":"1"},{"type":"b","value":"2"}]`, "mfa.exclusion": "true",
	}))

	flat = Flatten(user(t, `{"_id":"x","state":"NEW","external_password_expiration_date":"2027-02-28"}`))
	g.Expect(flat).To(HaveKeyWithValue("sudo", "false"), "a flag that was never set")
	g.Expect(flat).NotTo(HaveKey("mfa.exclusion"), "not compared")
	g.Expect(flat).To(HaveKeyWithValue("state", "NEW"))
	g.Expect(flat).To(HaveKeyWithValue("externalPasswordExpirationDate", "2027-02-28"))
}

func TestCreatesAreStagedUnlessTheyStateOtherwise(t *testing.T) {
	g := NewWithT(t)
	r := row("username", "ada", "email", "ada@x")
	g.Expect(encoded(t, CreatePayload(&r, nil))).To(MatchJSON(`{"username":"ada","email":"ada@x","state":"STAGED"}`))
	g.Expect(*CreatePayload(&r, []Field{{"state", "Activated"}}).State).To(Equal(jumpcloud.StateActivated))
	r = row("username", "ada", "email", "ada@x", "state", "Suspended")
	g.Expect(*CreatePayload(&r, []Field{{"state", "Activated"}}).State).To(Equal(jumpcloud.StateSuspended))
}

func TestDefaultsFillWhatTheRowDoesNotState(t *testing.T) {
	g := NewWithT(t)
	r := row("username", "ada", "email", "ada@x", "department", "Engines", "company", "", "attributes.Floor", "1", "addresses.home.locality", "London")
	defaults := []Field{
		{"attributes.Badge", "yes"}, {"attributes.Floor", "0"}, {"addresses.home.country", "GB"}, {"addresses.work.country", "GB"},
		{"company", "Analytical"}, {"department", "Sales"}, {"location", "x"}, {"description", ""},
	}
	g.Expect(encoded(t, CreatePayload(&r, defaults))).To(MatchJSON(`{"username":"ada","email":"ada@x","state":"STAGED","department":"Engines","location":"x",
		"attributes":[{"name":"Floor","value":"1"},{"name":"Badge","value":"yes"}],
		"addresses":[{"type":"home","locality":"London","country":"GB"},{"type":"work","country":"GB"}]}`))
}

func TestManagersAreSentByIDOnly(t *testing.T) {
	g := NewWithT(t)
	for manager, sent := range map[string]bool{managerID: true, "chas": false, "chas@example.org": false, strings.ToUpper(managerID): false} {
		r := row("username", "ada", "manager", manager)
		g.Expect(CreatePayload(&r, nil).Manager != nil).To(Equal(sent), manager)
		g.Expect(UpdatePayload(&r, &jumpcloud.User{}, []string{"manager"}).Manager != nil).To(Equal(sent), manager)
		g.Expect(CreatePayload(&r, []Field{{"manager", managerID}}).Manager != nil).To(Equal(sent), "the row overrides the default")
	}
}

func TestUpdatesSendOnlyWhatChanged(t *testing.T) {
	g := NewWithT(t)
	r := everything()
	live := user(t, `{"_id":"u","department":"old","company":"old"}`)
	g.Expect(encoded(t, UpdatePayload(&r, live, []string{"department"}))).To(MatchJSON(`{"id":"u","department":"de"}`))
	g.Expect(encoded(t, UpdatePayload(&r, live, []string{"state", "mfa.exclusion", "recoveryEmail.address", "password", "nonsense"}))).To(MatchJSON(`{"id":"u"}`))
	g.Expect(encoded(t, UpdatePayload(&r, live, nil))).To(MatchJSON(`{"id":"u"}`))

	r = row("username", "ada", "department", "", "alternateEmail", "", "phoneNumbers.home", "", "manager", "")
	g.Expect(encoded(t, UpdatePayload(&r, live, pathsOf(r.Fields)))).To(MatchJSON(
		`{"id":"u","username":"ada","department":"","alternateEmail":"","manager":"","phoneNumbers":[{"type":"home","number":""}]}`), "cleared is sent")
}

// JumpCloud replaces these arrays as a whole: entries that the row does not name must be sent
// back unchanged.
func TestUpdatesMergeListsOverTheLiveOnes(t *testing.T) {
	g := NewWithT(t)
	live := user(t, `{"_id":"u",
		"attributes":[{"_id":"1","name":"Keep","value":"k"},{"_id":"2","name":"Change","value":"old"}],
		"addresses":[{"id":"3","type":"work","streetAddress":"s","locality":"l"},{"id":"4","type":"home","locality":"hl"},{"id":"5","type":"work","locality":"second"}],
		"phoneNumbers":[{"id":"6","type":"mobile","number":"1"}]}`)
	r := row("attributes.Change", "new", "attributes.Add", "a", "addresses.work.locality", "new", "addresses.other.country", "GB",
		"phoneNumbers.work", "2", "phoneNumbers.mobile", "9")
	g.Expect(encoded(t, UpdatePayload(&r, live, []string{"attributes.Change", "attributes.Add", "addresses.work.locality", "addresses.other.country"}))).To(MatchJSON(`{"id":"u",
		"attributes":[{"name":"Keep","value":"k"},{"name":"Change","value":"new"},{"name":"Add","value":"a"}],
		"addresses":[{"type":"work","streetAddress":"s","locality":"new"},{"type":"home","locality":"hl"},{"type":"work","locality":"second"},{"type":"other","country":"GB"}]}`))
	g.Expect(encoded(t, UpdatePayload(&r, live, []string{"phoneNumbers.work"}))).To(MatchJSON(
		`{"id":"u","phoneNumbers":[{"type":"mobile","number":"1"},{"type":"work","number":"2"}]}`))
	g.Expect(live.Attributes[1].Value).To(Equal("old"), "the live record is only read")
	g.Expect(*live.Addresses[0].Locality).To(Equal("l"))
}

func TestUpdatedListsAreThenAsDeclared(t *testing.T) {
	g := NewWithT(t)
	r := row("attributes.A", "", "addresses.home.locality", "", "addresses.home.region", "r", "phoneNumbers.work", "2", "relationships", `[{"type":"a","value":"1"}]`)
	live := user(t, `{"_id":"u","attributes":[{"name":"A","value":"x"}],"addresses":[{"type":"home","locality":"x"}]}`)
	payload := UpdatePayload(&r, live, pathsOf(r.Fields))
	after := Flatten(&jumpcloud.User{ID: "u", UserAttributes: payload.UserAttributes})
	for _, field := range r.Fields {
		g.Expect(after[field.Path]).To(Equal(field.Value), field.Path)
	}
}

func TestComparable(t *testing.T) {
	g := NewWithT(t)
	for _, path := range []string{"username", "attributes.Floor", "addresses.a.b.locality", "phoneNumbers.mobile", "relationships"} {
		g.Expect(Comparable(path)).To(BeTrue(), path)
	}
	for _, path := range []string{"password", "mfa.exclusion", "recoveryEmail.address", "nonsense", "attributes.", "addresses.home.city", "addresses.locality"} {
		g.Expect(Comparable(path)).To(BeFalse(), path)
	}
}

// Home and home are the same address, in any spelling and from any source.
func TestTypesOfTheConsoleHaveOneSpelling(t *testing.T) {
	g := NewWithT(t)
	rows, err := readYAML(documentOrigin, []byte("[{username: ada, addresses: [{type: HOME, locality: London}], phoneNumbers: [{type: Work_Fax, number: \"1\"}, {type: Pager, number: \"2\"}]}]"), false)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(values(rows[0])).To(Equal(map[string]string{
		"username": "ada", "addresses.home.locality": "London", "phoneNumbers.work_fax": "1", "phoneNumbers.Pager": "2",
	}))

	live := &jumpcloud.User{ID: managerID}
	live.Addresses = []jumpcloud.Address{{Type: "Home", Locality: new("Paris"), Region: new("F")}}
	g.Expect(Flatten(live)).To(HaveKeyWithValue("addresses.home.locality", "Paris"))
	g.Expect(UpdatePayload(&rows[0], live, []string{"addresses.home.locality"}).Addresses).To(Equal(
		[]jumpcloud.Address{{Type: "Home", Locality: new("London"), Region: new("F")}}))
}

func TestBriefTexts(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Brief(strings.Repeat("a", 256))).To(Equal(strings.Repeat("a", 256)))
	g.Expect(Brief(strings.Repeat("a", 600_000))).To(Equal(strings.Repeat("a", 253) + "…"))
	g.Expect(Brief(strings.Repeat("é", 300))).To(Equal(strings.Repeat("é", 126) + "…"))
}
