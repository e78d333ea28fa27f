package jumpcloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/gomega"
)

// jsonTypes has values of every JSON type, including edge cases.
var jsonTypes = []string{
	`null`, `true`, `false`, `0`, `-1`, `1.5`, `1e400`, `12345678901234567890`, `""`, `"text"`, `[]`, `[null]`, `[1]`, `["a"]`, `[{}]`, `[{"a":1}]`,
	`{}`, `{"a":1}`, `{"id":7}`, `{"id":"x"}`, `[[[]]]`,
}

// record is a kind of record: a sample that can be read, and the type it decodes to.
type record struct {
	sample string
	fresh  func() any
}

// recordKinds are all kinds of records that lists and single answers have.
var recordKinds = map[string]record{
	"user": {`{"_id":"u1","username":"ada","email":"a@x","state":"STAGED","admin":{"id":"a1"},"attributes":[{"name":"A","value":"b"}],
		"addresses":[{"type":"home"}],"phoneNumbers":[{"type":"home","number":"1"}],"mfa":{"configured":true},"unix_uid":5,"sudo":true}`,
		func() any { return new(User) }},
	"user group": {`{"id":"g1","name":"engineers","description":"d","attributes":{"sudo":{}},"memberQuery":{"queryType":"x"},
		"memberQueryExemptions":[{"id":"u1","type":"USER"}]}`, func() any { return new(UserGroup) }},
	"user group summary":   {`{"id":"g1","name":"engineers","description":"d","email":"e"}`, func() any { return new(UserGroupSummary) }},
	"graph object":         {`{"id":"u1","type":"user","attributes":{"a":1}}`, func() any { return new(GraphObject) }},
	"graph connection":     {`{"from":{"id":"g1","type":"group"},"to":{"id":"u1","type":"user"}}`, func() any { return new(GraphConnection) }},
	"scheduled state":      {`{"scheduledJobId":"j1","systemUserId":"u1","scheduledDate":"2027-01-31T09:00:00Z","state":"SUSPENDED"}`, func() any { return new(ScheduledState) }},
	"push endpoint":        {`{"id":"p1","name":"phone","state":"active","enrollmentDate":"2027-01-31T09:00:00Z","device":{"make":"x","uvEnabled":true}}`, func() any { return new(PushEndpoint) }},
	"push device":          {`{"make":"x","uvEnabled":true}`, func() any { return new(PushDevice) }},
	"job record":           {`{"id":"r1","status":"finished","statusMsg":"m","meta":{"a":1},"persistedFields":[]}`, func() any { return new(JobResult) }},
	"Workday worker":       {`{"email":"a@x","username":"ada","firstName":"A","lastName":"B","attributes":{"a":1}}`, func() any { return new(WorkdayWorker) }},
	"Workday instance":     {`{"id":"w1","name":"n","reportUrl":"u","lastImport":"l","auth":{"basic":{"isValid":true}}}`, func() any { return new(WorkdayInstance) }},
	"Workday auth":         {`{"basic":{"isValid":true},"oauth":{"message":"m"}}`, func() any { return new(WorkdayAuth) }},
	"Workday credentials":  {`{"isValid":true,"expiry":"e","message":"m"}`, func() any { return new(WorkdayAuthInfo) }},
	"organization":         {`{"_id":"o1","displayName":"d"}`, func() any { return new(Organization) }},
	"user after a change":  {`{"_id":"u1","username":"ada","state":"SUSPENDED"}`, func() any { return new(changedUser) }},
	"administrator's link": {`{"id":"a1"}`, func() any { return new(Admin) }},
}

// withoutUnread are the kinds of records that do not report unread members themselves, and why.
var withoutUnread = map[string]string{
	"graph connection":     "its two objects do",
	"Workday auth":         "its two parts do",
	"push device":          "it is only displayed",
	"job record":           "texts of any type are read, and what a job did is proved by looking",
	"organization":         "nothing but its id matters",
	"administrator's link": "that there is one is all that matters",
}

// Objects compare records with what they declare: each kind of record reports what is unknown.
func TestRecordsReportWhatIsUnknown(t *testing.T) {
	for title, kind := range recordKinds {
		_, exempt := withoutUnread[title]
		_, reports := reflect.TypeOf(kind.fresh()).Elem().FieldByName("Unread")
		if reports == exempt {
			t.Errorf("%s: reports unread members: %t, exempt: %t", title, reports, exempt)
		}
	}
}

// namesOf returns the members that the documentation or the sample has.
func namesOf(kind record) []string {
	var sample map[string]json.RawMessage
	if err := json.Unmarshal([]byte(kind.sample), &sample); err != nil {
		panic(err)
	}
	names := slices.Collect(maps.Keys(sample))
	for _, field := range reflect.VisibleFields(reflect.TypeOf(kind.fresh()).Elem()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Whatever one member contains, the others are as they would be without it, and the record
// reports that the member is unknown.
func TestOneOddMemberHidesNothingElse(t *testing.T) {
	for title, kind := range recordKinds {
		for _, member := range namesOf(kind) {
			for _, odd := range jsonTypes {
				var sample map[string]json.RawMessage
				_ = json.Unmarshal([]byte(kind.sample), &sample)
				delete(sample, member)
				without, sound := decoded(t, kind, sample)
				sample[member] = json.RawMessage(odd)
				with, read := decoded(t, kind, sample)
				if !sound {
					continue // Without its id, the record does not exist.
				}
				compareMembers(t, fmt.Sprintf("%s: %s is %s", title, member, odd), member, odd, with, without, read)
			}
		}
	}
}

// decoded decodes a record, which never fails, and reports whether all of it was read.
func decoded(t *testing.T, kind record, members map[string]json.RawMessage) (reflect.Value, bool) {
	t.Helper()
	encoded, err := json.Marshal(members)
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	into := kind.fresh()
	gomega.NewWithT(t).Expect(json.Unmarshal(encoded, into)).To(gomega.Succeed(), string(encoded))
	value := reflect.ValueOf(into).Elem()
	unread := value.FieldByName("Unread")
	return value, !unread.IsValid() || unread.IsNil()
}

func compareMembers(t *testing.T, what, member, odd string, with, without reflect.Value, read bool) {
	t.Helper()
	for _, field := range reflect.VisibleFields(with.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || !field.IsExported() {
			continue
		}
		a, b := with.FieldByIndex(field.Index), without.FieldByIndex(field.Index)
		if name != member {
			if !cmp.Equal(a.Interface(), b.Interface(), cmp.Exporter(func(reflect.Type) bool { return true })) {
				t.Errorf("%s: %s is %v and not %v", what, name, a, b)
			}
			continue
		}
		// Devices are only displayed, so they do not report unread members; for an object
		// without any documented member, all members are absent.
		told := name != "device" && (a.Kind() != reflect.Struct || !strings.HasPrefix(odd, "{"))
		lost := told && a.IsZero() && odd != "null" && !isZeroJSON(odd)
		if unread := with.FieldByName("Unread"); unread.IsValid() && lost && read {
			t.Errorf("%s: it is taken for absent", what)
		}
	}
}

// isZeroJSON reports whether a value is equivalent to an absent one.
func isZeroJSON(text string) bool {
	return slices.Contains([]string{`""`, `false`, `0`, `{}`, `[]`, `{"a":1}`, `[{}]`, `[null]`}, text)
}

func TestUnreadMembers(t *testing.T) {
	g := gomega.NewWithT(t)
	var u User
	g.Expect(json.Unmarshal([]byte(`{"_id":"u1","username":"ada","employeeIdentifier":42,"MFA":"x","attributes":[{"name":"A","value":1}],"later":1}`), &u)).To(gomega.Succeed())
	g.Expect(u.ID).To(gomega.Equal("u1"))
	g.Expect(u.Username).To(gomega.HaveValue(gomega.Equal("ada")))
	g.Expect(u.EmployeeIdentifier).To(gomega.BeNil())
	g.Expect(u.Attributes).To(gomega.BeNil())
	g.Expect(u.Unread.Has("employeeIdentifier")).To(gomega.BeTrue())
	g.Expect(u.Unread.Has("attributes", "state")).To(gomega.BeTrue())
	g.Expect(u.Unread.Has("username", "state", "later")).To(gomega.BeFalse())

	g.Expect(u.Unread.Has("mfa")).To(gomega.BeTrue(), "names of members match in any case")
	g.Expect(u.Unread).To(gomega.Equal(Unread{"attributes", "employeeIdentifier", "mfa"}))

	for _, odd := range jsonTypes[:18] {
		g.Expect(json.Unmarshal([]byte(odd), &u)).To(gomega.Succeed())
		g.Expect(u.Unread.Has("username")).To(gomega.BeTrue(), odd)
		g.Expect(u.ID).To(gomega.BeEmpty())
	}
	g.Expect(json.Unmarshal([]byte(`{"username":"ada"}`), &u)).To(gomega.Succeed())
	g.Expect(u.Unread).To(gomega.Equal(Unread{"_id"}))
}

// Whether credentials work is unknown wherever the odd value is; null is an absent value.
func TestUnreadValidity(t *testing.T) {
	for auth, unread := range map[string]bool{
		`5`: true, `[]`: true, `{"basic":"x"}`: true, `{"basic":{"isValid":1}}`: true, `{"basic":{"isValid":""}}`: true,
		`null`: false, `{}`: false, `{"basic":null}`: false, `{"basic":{}}`: false, `{"basic":{"isValid":null}}`: false,
		`{"basic":{"isValid":false,"expiry":{}}}`: false, `{"basic":{"isValid":"true"}}`: false, `{"oauth":7}`: false,
	} {
		g := gomega.NewWithT(t)
		var w WorkdayInstance
		g.Expect(json.Unmarshal([]byte(`{"id":"w1","auth":`+auth+`}`), &w)).To(gomega.Succeed())
		g.Expect(w.Unread).To(gomega.BeNil(), auth)
		g.Expect(w.Auth.Basic.Unread.Has("isValid")).To(gomega.Equal(unread), auth)
	}
}

// A user with an unreadable link to an administrator counts as linked to one.
func TestAnUnreadableAdministratorIsOne(t *testing.T) {
	for _, odd := range jsonTypes[1:] {
		g := gomega.NewWithT(t)
		var u User
		g.Expect(json.Unmarshal([]byte(`{"_id":"u1","admin":`+odd+`}`), &u)).To(gomega.Succeed())
		g.Expect(u.Admin).NotTo(gomega.BeNil(), odd)
	}
}

func TestAGroupThatIsNotKnownWhollyIsNotWritable(t *testing.T) {
	for body, writable := range map[string]bool{
		`{"id":"g","name":"n"}`: true, `{"id":"g","name":"n","suggestionCounts":"x"}`: true,
		`{"id":"g","name":"n","description":7}`: false, `{"id":"g","name":"n","attributes":[]}`: false,
		`{"id":"g","name":"n","memberQueryExemptions":[{"id":7}]}`: false, `{"id":"g","name":"n","memberQueryExemptions":[7]}`: false,
	} {
		g := gomega.NewWithT(t)
		var group UserGroup
		g.Expect(json.Unmarshal([]byte(body), &group)).To(gomega.Succeed())
		g.Expect(group.Writable()).To(gomega.Equal(writable), body)
	}
}

func TestCounts(t *testing.T) {
	for text, want := range map[string]int{
		`3`: 3, `"3"`: 3, `3.0`: 3, `0`: 0, `-1`: -1, `1.5`: -1, `"x"`: -1, `null`: -1, `[]`: -1, `{}`: -1, `true`: -1, `1e400`: -1, `"NaN"`: -1,
	} {
		var c count
		g := gomega.NewWithT(t)
		g.Expect(json.Unmarshal([]byte(text), &c)).To(gomega.Succeed())
		g.Expect(c.orUnknown()).To(gomega.Equal(want), text)
	}
}

func FuzzDecoders(f *testing.F) {
	for _, kind := range recordKinds {
		f.Add([]byte(kind.sample))
	}
	for _, odd := range jsonTypes {
		f.Add([]byte(odd))
		f.Add([]byte(`{"totalCount":` + odd + `,"results":` + odd + `,"jobId":` + odd + `}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for title, kind := range recordKinds {
			into := kind.fresh()
			if err := json.Unmarshal(body, into); err != nil && json.Valid(body) {
				t.Fatalf("%s: %v", title, err)
			}
		}
		for _, answer := range []any{
			new(list[User]), new(list[Organization]), new(startedJob), new(scheduledRows),
			new(records[UserGroupSummary]), new(records[GraphConnection]), new(records[PushEndpoint]), new(records[JobResult]), new(records[WorkdayWorker]),
		} {
			err := json.Unmarshal(body, answer)
			if valid, ok := answer.(validator); ok && err == nil {
				_ = valid.valid()
			}
		}
	})
}
