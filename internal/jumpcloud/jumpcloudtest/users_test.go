package jumpcloudtest_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestPostUserReturnsTheWholeObject(t *testing.T) {
	s := serve(t)
	got := s.send("POST", "/api/systemusers", `{
		"username":"Ada.Byron","email":"Ada@Example.ORG","firstname":"Ada","password":"correct horse","unix_uid":5001,
		"attributes":[{"name":"EmployeeID","value":"0042"}],"recoveryEmail":{"address":"a@y.org"},
		"addresses":[{"type":"home","locality":"London","planet":"Earth"}],
		"phoneNumbers":[{"type":"mobile","number":"1"}],
		"nonsense":true}`)
	s.Expect(got.Status).To(Equal(200), "200, not 201")
	user := got.object()
	for name, want := range map[string]any{
		"username": "Ada.Byron", "email": "ada@example.org", "firstname": "Ada", "state": "STAGED", "suspended": false,
		"activated": true, "account_locked": false, "password_expired": false, "totp_enabled": false, "unix_uid": 5001.0,
		"organization": s.org.ID(), "created": "2026-05-04T09:00:00.000Z",
		"mfa":           map[string]any{"configured": false, "exclusion": false},
		"recoveryEmail": map[string]any{"address": "a@y.org", "verified": false},
	} {
		s.Expect(user).To(HaveKeyWithValue(name, want))
	}
	s.Expect(user).NotTo(Or(HaveKey("password"), HaveKey("nonsense"), HaveKey("department")))
	for list, key := range map[string]string{"attributes": "_id", "addresses": "id", "phoneNumbers": "id"} {
		item := user[list].([]any)[0].(map[string]any)
		s.Expect(item[key]).To(MatchRegexp("^[0-9a-f]{24}$"), list)
		s.Expect(item).NotTo(HaveKey("planet"))
	}
	id := user["_id"].(string)
	s.Expect(s.org.Password(id)).To(Equal("correct horse"))
	s.Expect(s.get("/api/systemusers/" + id).object()).To(Equal(user))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EmptyStrings = true })
	s.Expect(s.get("/api/systemusers/" + id).object()).To(HaveKeyWithValue("department", ""))
	s.Expect(s.get("/api/systemusers/" + id + "?fields=department").object()).To(HaveKeyWithValue("department", ""))
}

func TestCreateRules(t *testing.T) {
	strict := func(b *jumpcloudtest.Behavior) { b.StrictUsernames = true }
	foldNames := func(b *jumpcloudtest.Behavior) { b.UsernamesIgnoreCase = true }
	known := func(b *jumpcloudtest.Behavior) { b.RejectUnknownFields = true }
	manager := func(b *jumpcloudtest.Behavior) { b.CheckManager = true }
	long := strings.Repeat("é", 1025)
	for name, c := range map[string]struct {
		change  func(*jumpcloudtest.Behavior)
		member  row    // over {"username":"new","email":"new@x.org"}
		message string // of the 400; "" for success
	}{
		"minimal":                     {nil, row{}, ""},
		"no username":                 {nil, row{"username": nil}, "username is required"},
		"empty username":              {nil, row{"username": ""}, "username is required"},
		"no email":                    {nil, row{"email": nil}, "email is required"},
		"email without @":             {nil, row{"email": "new"}, "email"},
		"username taken":              {nil, row{"username": "taken"}, "User already exists"},
		"username in another case":    {nil, row{"username": "TAKEN"}, ""},
		"the same, ignoring case":     {foldNames, row{"username": "TAKEN"}, "User already exists"},
		"email taken":                 {nil, row{"email": "taken@x.org"}, "User already exists"},
		"email taken in another case": {nil, row{"email": "TAKEN@x.org"}, "User already exists"},
		"employeeIdentifier taken":    {nil, row{"employeeIdentifier": "E1"}, "employeeIdentifier"},
		"empty employeeIdentifier":    {nil, row{"employeeIdentifier": ""}, ""},
		"employeeIdentifier too long": {nil, row{"employeeIdentifier": strings.Repeat("x", 257)}, "256"},
		"longest text":                {nil, row{"description": long[:2048]}, ""},
		"text too long":               {nil, row{"description": long}, "1024"},
		"text is a number":            {nil, row{"department": 5}, "department"},
		"flag is text":                {nil, row{"sudo": "yes"}, "sudo"},
		"unix_uid is 0":               {nil, row{"unix_uid": 0}, "unix_uid"},
		"unix_uid is text":            {nil, row{"unix_uid": "5"}, "unix_uid"},
		"attribute name with a space": {nil, row{"attributes": []row{{"name": "a b", "value": ""}}}, "Attribute names may not contain spaces"},
		"attribute name with a dash":  {nil, row{"attributes": []row{{"name": "a-b", "value": ""}}}, "Attribute names may only contain letters and numbers"},
		"attribute value null":        {nil, row{"attributes": []row{{"name": "ab", "value": nil}}}, "must be a string"},
		"attribute value too long":    {nil, row{"attributes": []row{{"name": "ab", "value": long}}}, "1024"},
		"attributes are an object":    {nil, row{"attributes": row{"a": "b"}}, "array"},
		"recoveryEmail":               {nil, row{"recoveryEmail": row{"address": "a@y.org"}}, ""},
		"recoveryEmail is empty":      {nil, row{"recoveryEmail": row{}}, ""},
		"its address is null":         {nil, row{"recoveryEmail": row{"address": nil}}, ""},
		"its address is a number":     {nil, row{"recoveryEmail": row{"address": 5}}, "recoveryEmail: address"},
		"recoveryEmail is text":       {nil, row{"recoveryEmail": "a@y.org"}, "recoveryEmail"},
		"mfa days as text":            {nil, row{"mfa": row{"exclusion": true, "exclusionDays": "7"}}, ""},
		"mfa days 0":                  {nil, row{"mfa": row{"exclusionDays": 0}}, "exclusionDays"},
		"state SUSPENDED":             {nil, row{"state": "SUSPENDED"}, ""},
		"state in lower case":         {nil, row{"state": "staged"}, "state"},
		"state and suspended agree":   {nil, row{"state": "SUSPENDED", "suspended": true}, ""},
		"state and suspended differ":  {nil, row{"state": "ACTIVATED", "suspended": true}, "conflicting state and suspended"},
		"weak password":               {nil, row{"password": "short"}, "Password validation fail"},
		"strict username":             {strict, row{"username": "a.b_c-9"}, ""},
		"username with a digit first": {strict, row{"username": "9a"}, "username"},
		"the same, not strict":        {nil, row{"username": "9a"}, ""},
		"unknown member":              {known, row{"employee_type": "x"}, "employee_type"},
		"member of updates only":      {known, row{"ssh_keys": []row{}}, "ssh_keys"},
		"manager is a username":       {manager, row{"manager": "taken"}, "manager"},
		"the same, unchecked":         {nil, row{"manager": "taken"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.org.AddUser(jumpcloudtest.User{"username": "taken", "email": "taken@x.org", "employeeIdentifier": "E1"})
			if c.change != nil {
				s.org.Configure(c.change)
			}
			body := newRow("new")
			for member, value := range c.member {
				body[member] = value
				if value == nil {
					delete(body, member)
				}
			}
			single := s.send("POST", "/api/systemusers", body)
			if c.message == "" {
				s.Expect(single.Status).To(Equal(200), single.Text)
				s.Expect(s.org.DeleteUser(single.object()["_id"].(string))).To(BeTrue())
				s.Expect(s.runJob("POST", body)).To(Equal([]string{"finished"}))
				return
			}
			s.Expect(single.Status).To(Equal(400), single.Text)
			s.Expect(single.message()).To(ContainSubstring(c.message))
			s.Expect(s.runJob("POST", body)).To(ConsistOf(And(HavePrefix("failed: "), ContainSubstring(c.message))))
			s.Expect(s.org.CountUsers()).To(Equal(1))
		})
	}
}

func TestDefaultStateOfSingleCreate(t *testing.T) {
	s := serve(t)
	create := func(name string) any { return s.send("POST", "/api/systemusers", newRow(name)).object()["state"] }
	s.Expect(create("a")).To(Equal("STAGED"))
	s.org.ChangeSettings(map[string]any{"newSystemUserStateDefaults": map[string]any{"manualEntry": "ACTIVATED"}})
	s.Expect(create("b")).To(Equal("ACTIVATED"))
	s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue("state", "STAGED"), "later creates only")
	s.org.ChangeSettings(map[string]any{"newSystemUserStateDefaults": nil})
	s.Expect(create("c")).To(Equal("ACTIVATED"), "organizations without the setting predate user states")
}

func TestPutUser(t *testing.T) {
	s := serve(t)
	s.org.AddUser(newRow("other"))
	id := s.org.AddUser(jumpcloudtest.User{
		"username": "a", "email": "a@x.org", "department": "IT", "jobTitle": "Programmer",
		"phoneNumbers": []row{{"type": "work", "number": "1"}, {"type": "home", "number": "2"}},
		"attributes":   []row{{"name": "one", "value": "1"}, {"name": "two", "value": "2"}},
	})
	put := func(body any) answer { return s.send("PUT", "/api/systemusers/"+id, body) }

	got := put(row{"department": "", "email": "NEW@x.org", "phoneNumbers": []row{{"type": "work", "number": "3"}}})
	s.Expect(got.Status).To(Equal(200))
	user := got.object()
	s.Expect(user).To(And(
		HaveKeyWithValue("department", ""), HaveKeyWithValue("jobTitle", "Programmer"), HaveKeyWithValue("email", "new@x.org"),
		HaveKeyWithValue("phoneNumbers", HaveLen(1)), HaveKeyWithValue("attributes", HaveLen(2))), "a merge; arrays whole")

	for name, c := range map[string]struct {
		body    any
		status  int
		message string
	}{
		"STAGED":                {row{"state": "STAGED"}, 400, "state"},
		"contradiction":         {row{"state": "SUSPENDED", "suspended": false}, 400, "conflicting"},
		"username of another":   {row{"username": "other"}, 400, "User already exists"},
		"own username":          {row{"username": "a"}, 200, ""},
		"empty username":        {row{"username": ""}, 400, "username is required"},
		"null email":            {row{"email": nil}, 400, "email is required"},
		"attribute name":        {row{"attributes": []row{{"name": "a b", "value": ""}}}, 400, "may not contain spaces"},
		"no object":             {"[]", 400, "JSON"},
		"activated is ignored":  {row{"activated": true}, 200, ""},
		"passwordless_sudo too": {row{"passwordless_sudo": true}, 200, ""},
	} {
		got := put(c.body)
		s.Expect(got.Status).To(Equal(c.status), name)
		if c.message != "" {
			s.Expect(got.message()).To(ContainSubstring(c.message), name)
		}
	}
	s.Expect(s.org.User(id)).To(And(HaveKeyWithValue("activated", false), Not(HaveKey("passwordless_sudo")), HaveKeyWithValue("username", "a")))
	s.Expect(s.send("PUT", "/api/systemusers/65f1c0ffee65f1c0ffee9999", "{}").Status).To(Equal(404))

	s.Expect(put(row{"ssh_keys": []row{{"name": "k", "public_key": "ssh-ed25519 A"}}}).object()["ssh_keys"]).
		To(ConsistOf(And(HaveKey("_id"), HaveKey("create_date"))))
	s.Expect(put(row{"username": "renamed"}).Status).To(Equal(200))
	s.Expect(s.get("/api/systemusers?filter=username:$eq:a").object()).To(HaveKeyWithValue("totalCount", 0.0))
	s.Expect(s.send("POST", "/api/systemusers", newRow("a")).Status).To(Equal(200), "the old name is free")
}

func TestStateAndSuspendedKeepStep(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		change row
		state  string
	}{
		"suspend by state":           {"ACTIVATED", row{"state": "SUSPENDED"}, "SUSPENDED"},
		"suspend by flag":            {"ACTIVATED", row{"suspended": true}, "SUSPENDED"},
		"suspend staged":             {"STAGED", row{"state": "SUSPENDED"}, "SUSPENDED"},
		"resume by state":            {"SUSPENDED", row{"state": "ACTIVATED"}, "ACTIVATED"},
		"resume by flag":             {"SUSPENDED", row{"suspended": false}, "ACTIVATED"},
		"flag false changes nothing": {"STAGED", row{"suspended": false}, "STAGED"},
		"activate staged":            {"STAGED", row{"state": "ACTIVATED"}, "ACTIVATED"},
		"both":                       {"ACTIVATED", row{"state": "SUSPENDED", "suspended": true}, "SUSPENDED"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			id := s.org.AddUser(jumpcloudtest.User{"username": "a", "email": "a@x.org", "state": c.before})
			got := s.send("PUT", "/api/systemusers/"+id, c.change).object()
			s.Expect(got).To(And(HaveKeyWithValue("state", c.state), HaveKeyWithValue("suspended", c.state == "SUSPENDED")))
		})
	}
	s := serve(t)
	id := s.org.AddUser(jumpcloudtest.User{"username": "a", "email": "a@x.org", "state": "STAGED"})
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RefuseSuspendStaged = true })
	s.Expect(s.send("PUT", "/api/systemusers/"+id, row{"state": "SUSPENDED"}).Status).To(Equal(400))
	s.Expect(s.send("POST", "/api/systemusers/"+id+"/state/suspend", nil).Status).To(Equal(400))
}

func TestStagedInAnUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		accept bool
		before string
		status int
		row    string
	}{
		"of a staged user":              {false, "STAGED", 400, "failed: state is not one of the allowed values"},
		"of a staged user, accepted":    {true, "STAGED", 200, "finished"},
		"of an active user, accepted":   {true, "ACTIVATED", 400, "failed: state is not one of the allowed values"},
		"of a suspended user, accepted": {true, "SUSPENDED", 400, "failed: state is not one of the allowed values"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.org.Configure(func(b *jumpcloudtest.Behavior) { b.AcceptStagedWhileStaged = c.accept })
			id := s.org.AddUser(jumpcloudtest.User{"username": "a", "email": "a@x.org", "state": c.before})
			s.Expect(s.send("PUT", "/api/systemusers/"+id, row{"state": "STAGED"}).Status).To(Equal(c.status))
			s.Expect(s.send("PUT", "/api/systemusers/"+id, row{"state": "STAGED", "suspended": true}).Status).To(Equal(400))
			s.Expect(s.runJob("PATCH", row{"id": id, "state": "STAGED"})).To(Equal([]string{c.row}))
			s.Expect(s.org.User(id)).To(HaveKeyWithValue("state", c.before))
			s.Expect(s.org.Mails()).To(BeEmpty())
		})
	}
}

func TestPasswordPolicy(t *testing.T) {
	s := serve(t)
	s.org.ChangeSettings(map[string]any{"passwordPolicy": map[string]any{
		"minLength": 6, "needsLowercase": true, "needsUppercase": true, "needsNumeric": true, "needsSymbolic": true, "allowUsernameSubstring": false,
	}})
	violations := func(query, password string) (answer, []string) {
		got := s.send("POST", "/api/systemusers"+query, row{"username": "ada", "email": "ada@x.org", "password": password})
		var found []string
		if details, ok := got.object()["details"].([]any); ok {
			for _, v := range details[0].(map[string]any)["fieldViolationsList"].([]any) {
				found = append(found, v.(map[string]any)["description"].(string))
			}
		}
		return got, found
	}
	for password, want := range map[string][]string{
		"aB3$":      {"minLength"},
		"AB345$":    {"lowercase"},
		"ab345$":    {"uppercase"},
		"abCDE$":    {"number"},
		"abCD34":    {"specialCharacter"},
		"x3$ADAada": {"usernameSubstring"},
		"":          {"minLength", "lowercase", "uppercase", "number", "specialCharacter"},
	} {
		got, found := violations("?fullValidationDetails=password", password)
		s.Expect(got.Status).To(Equal(400), password)
		s.Expect(found).To(Equal(want), password)
		s.Expect(got.object()).To(And(HaveKeyWithValue("code", 400.0), HaveKeyWithValue("status", "INVALID_ARGUMENT")))
	}
	got, found := violations("", "aB3$")
	s.Expect(got.object()).To(Equal(map[string]any{"message": "Password validation fail"}))
	s.Expect(found).To(BeNil())
	got, _ = violations("", "aB3$xyz")
	s.Expect(got.Status).To(Equal(200))
}

func TestActivate(t *testing.T) {
	type mails = []jumpcloudtest.Mail
	mail := func(kind jumpcloudtest.MailKind, to string) mails {
		return mails{{At: start, Kind: kind, To: to, Username: "a"}}
	}
	for name, c := range map[string]struct {
		user   row
		body   string
		other  int
		status int
		want   mails
	}{
		"no body":                     {row{}, ``, 0, 200, mail(jumpcloudtest.MailActivation, "a@x.org")},
		"empty body":                  {row{}, `{}`, 0, 200, mail(jumpcloudtest.MailActivation, "a@x.org")},
		"no mail":                     {row{}, `{"email":false}`, 0, 200, nil},
		"mail":                        {row{}, `{"email":true}`, 0, 200, mail(jumpcloudtest.MailActivation, "a@x.org")},
		"to an address":               {row{}, `{"email":"b@x.org"}`, 0, 200, mail(jumpcloudtest.MailActivation, "b@x.org")},
		"alternate email first":       {row{"alternateEmail": "c@x.org"}, `{}`, 0, 200, mail(jumpcloudtest.MailActivation, "c@x.org")},
		"with a password":             {row{"password": "p", "alternateEmail": "c@x.org"}, `{}`, 0, 200, mail(jumpcloudtest.MailWelcome, "a@x.org")},
		"with a password, to address": {row{"password": "p"}, `{"email":"b@x.org"}`, 0, 200, mail(jumpcloudtest.MailWelcome, "b@x.org")},
		"active":                      {row{"state": "ACTIVATED"}, `{}`, 0, 400, nil},
		"active, 409":                 {row{"state": "ACTIVATED"}, `{}`, 409, 409, nil},
		"suspended":                   {row{"state": "SUSPENDED"}, `{}`, 0, 400, nil},
		"suspended, allowed":          {row{"state": "SUSPENDED"}, `{}`, 200, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ActivateOther = c.other })
			user := jumpcloudtest.User{"username": "a", "email": "a@x.org", "state": "STAGED"}
			maps.Copy(user, c.user)
			id := s.org.AddUser(user)
			got := s.send("POST", "/api/systemusers/"+id+"/state/activate", c.body)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.status == 200 {
				s.Expect(s.org.User(id)).To(HaveKeyWithValue("state", "ACTIVATED"))
			} else {
				s.Expect(s.org.User(id)).To(HaveKeyWithValue("state", user["state"]))
			}
			for i := range c.want {
				c.want[i].UserID = id
			}
			s.Expect(s.org.Mails()).To(Equal(c.want))
		})
	}
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ActivateRefusesOrgHeader = true })
	s.Expect(s.send("POST", "/api/systemusers/"+s.id("a")+"/state/activate", nil, "x-org-id: "+s.org.ID()).Status).To(Equal(403))
	s.Expect(s.send("POST", "/api/systemusers/65f1c0ffee65f1c0ffee9999/state/activate", nil).Status).To(Equal(404))
}

func TestSuspendExpireUnlock(t *testing.T) {
	s := serve(t, "a")
	id := s.id("a")
	post := func(action string) answer { return s.send("POST", "/api/systemusers/"+id+"/"+action, nil) }

	for status, want := range map[int]string{404: "ACTIVATED", 403: "ACTIVATED", 204: "SUSPENDED", 0: "SUSPENDED"} {
		s.org.UpdateUser(id, jumpcloudtest.User{"state": "ACTIVATED"})
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.SuspendStatus = status })
		got := post("state/suspend")
		if status == 0 {
			status = 200
		}
		s.Expect(got.Status).To(Equal(status))
		s.Expect(s.org.User(id)).To(HaveKeyWithValue("state", want))
	}

	s.Expect(post("expire").Status).To(Equal(200))
	s.Expect(s.org.User(id)).To(HaveKeyWithValue("password_expired", true))

	s.org.UpdateUser(id, jumpcloudtest.User{"account_locked": true, "state": "SUSPENDED"})
	got := post("unlock")
	s.Expect(got.Status).To(Equal(200))
	s.Expect(got.Header.Get("Content-Type")).To(HavePrefix("text/plain"))
	s.Expect(s.org.User(id)).To(And(HaveKeyWithValue("account_locked", false), HaveKeyWithValue("state", "SUSPENDED")))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.UnlockJSON = true })
	s.Expect(post("unlock").Header.Get("Content-Type")).To(HavePrefix("application/json"))

	id = "65f1c0ffee65f1c0ffee9999"
	for _, action := range []string{"state/suspend", "expire", "unlock"} {
		s.Expect(post(action).Status).To(Equal(404), action)
	}
}

func TestMailsOfSingleChanges(t *testing.T) {
	for name, c := range map[string]struct {
		create row
		then   row
		want   []jumpcloudtest.MailKind
	}{
		"staged":                  {row{"state": "STAGED"}, nil, nil},
		"active without password": {row{"state": "ACTIVATED"}, nil, []jumpcloudtest.MailKind{"activation"}},
		"active with password":    {row{"state": "ACTIVATED", "password": "long enough"}, nil, []jumpcloudtest.MailKind{"welcome"}},
		"suspended":               {row{"state": "SUSPENDED"}, nil, nil},
		"staged, then active":     {row{"state": "STAGED"}, row{"state": "ACTIVATED"}, []jumpcloudtest.MailKind{"activation"}},
		"suspended, then active":  {row{"state": "SUSPENDED"}, row{"state": "ACTIVATED"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			body := newRow("a")
			maps.Copy(body, c.create)
			s.Expect(s.send("POST", "/api/systemusers", body).Status).To(Equal(200))
			if c.then != nil {
				s.Expect(s.send("PUT", "/api/systemusers/"+s.id("a"), c.then).Status).To(Equal(200))
			}
			var kinds []jumpcloudtest.MailKind
			for _, mail := range s.org.Mails() {
				kinds = append(kinds, mail.Kind)
			}
			s.Expect(kinds).To(Equal(c.want))
		})
	}
}

func TestDeleteUser(t *testing.T) {
	for name, c := range map[string]struct {
		cascade func(*site) string
		status  int
		manager string // of the report afterwards; "": none
	}{
		"no cascade":     {func(*site) string { return "" }, 409, "boss"},
		"to nobody":      {func(*site) string { return "?cascade_manager=null" }, 200, ""},
		"to another":     {func(s *site) string { return "?cascade_manager=" + s.id("next") }, 200, "next"},
		"to an unknown":  {func(*site) string { return "?cascade_manager=65f1c0ffee65f1c0ffee9999" }, 400, "boss"},
		"to the deleted": {func(s *site) string { return "?cascade_manager=" + s.id("boss") }, 400, "boss"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "boss", "next")
			boss := s.id("boss")
			report := s.org.AddUser(jumpcloudtest.User{"username": "report", "email": "r@x.org", "manager": boss})
			s.org.UpdateUser(s.id("next"), jumpcloudtest.User{"manager": boss})
			got := s.send("DELETE", "/api/systemusers/"+boss+c.cascade(s), nil)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.status == 200 {
				s.Expect(got.object()).To(HaveKeyWithValue("username", "boss"), "the deleted user")
				s.Expect(s.get("/api/systemusers/" + boss).Status).To(Equal(404))
				s.Expect(s.org.UserByUsername("next")).NotTo(HaveKey("manager"), "no user is their own manager")
			}
			if c.manager == "" {
				s.Expect(s.org.User(report)).NotTo(HaveKey("manager"))
			} else {
				s.Expect(s.org.User(report)).To(HaveKeyWithValue("manager", s.id(c.manager)))
			}
		})
	}
	s := serve(t, "a")
	id := s.id("a")
	s.Expect(s.send("DELETE", "/api/systemusers/"+id, nil).Status).To(Equal(200))
	s.Expect(s.send("DELETE", "/api/systemusers/"+id, nil).Status).To(Equal(404))
	s.Expect(s.send("POST", "/api/systemusers", newRow("a")).Status).To(Equal(200), "name and email are free again")
	s.clock.Advance(time.Second)
	s.Expect(s.id("a")).NotTo(Equal(id))
}
