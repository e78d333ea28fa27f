package jumpcloudtest_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const groupsPath = "/api/v2/usergroups"

// classic returns a query of the first generation with one filter.
func classic(field, operator, value string) row {
	return row{"queryType": "FilterQuery", "filters": []row{{"field": field, "operator": operator, "value": value}}}
}

// newGroup creates a group through the API and returns its id.
func (s *site) newGroup(body row) string {
	created := s.send("POST", groupsPath, body)
	s.Expect(created.Status).To(Equal(201), created.Text)
	return created.object()["id"].(string)
}

func (s *site) putGroup(id string, body row, headers ...string) answer {
	return s.send("PUT", groupsPath+"/"+id, body, headers...)
}

// listNames returns the names in a v2 list.
func (a answer) listNames() []any {
	names := []any{}
	for _, row := range a.list() {
		names = append(names, row["name"])
	}
	return names
}

func TestPutGroupReplacesEverything(t *testing.T) {
	s := serve(t)
	rule := classic("department", "eq", "IT")
	id := s.newGroup(row{
		"name": "engines", "description": "d", "email": "engines@x.org", "memberSuggestionsNotify": true,
		"membershipMethod": "DYNAMIC_AUTOMATED", "memberQuery": rule, "memberQueryExemptions": []row{{"id": s.org.ID(), "type": "USER"}},
		"attributes": row{"sambaEnabled": true, "ldapGroups": []row{{"name": "other"}}, "something": "new"},
		"nonsense":   true,
	})
	s.Expect(s.get(groupsPath + "/" + id).object()).To(And(
		HaveKeyWithValue("organizationObjectId", s.org.ID()),
		HaveKeyWithValue("suggestionCounts", map[string]any{"add": 0.0, "remove": 0.0, "total": 0.0}),
		HaveKeyWithValue("attributes", map[string]any{"sambaEnabled": true, "something": "new", "ldapGroups": []any{map[string]any{"name": "other"}}}),
		Not(HaveKey("nonsense"))))

	renamed := s.putGroup(id, row{"name": "motors", "description": nil})
	s.Expect(renamed.Status).To(Equal(200))
	s.Expect(renamed.object()).To(And(
		HaveKeyWithValue("name", "motors"), HaveKeyWithValue("description", ""), HaveKeyWithValue("email", ""),
		HaveKeyWithValue("membershipMethod", "STATIC"), HaveKeyWithValue("memberSuggestionsNotify", false),
		HaveKeyWithValue("attributes", map[string]any{"ldapGroups": []any{map[string]any{"name": "engines"}}}),
		HaveKeyWithValue("memberQuery", HaveKey("filters")), HaveKeyWithValue("memberQueryExemptions", HaveLen(1))),
		"all is reset but the query and its exemptions, and ldapGroups keep the first name")

	cleared := s.putGroup(id, row{"name": "motors", "memberQuery": nil, "memberQueryExemptions": []row{}, "attributes": row{"ldapGroups": []row{}}})
	s.Expect(cleared.object()).To(And(
		HaveKeyWithValue("memberQuery", BeNil()), HaveKeyWithValue("memberQueryExemptions", BeEmpty()),
		HaveKeyWithValue("attributes", map[string]any{"ldapGroups": []any{}})))
	s.Expect(s.send("PATCH", groupsPath+"/"+id, row{"name": "x"}).Status).To(Equal(404), "withdrawn")
}

func TestGroupRules(t *testing.T) {
	status := func(change func(*jumpcloudtest.Behavior)) func(*jumpcloudtest.Behavior) { return change }
	for name, c := range map[string]struct {
		change  func(*jumpcloudtest.Behavior)
		body    row // over {"name": "new"}
		header  string
		status  int
		message string
	}{
		"minimal":                    {nil, row{}, "", 201, ""},
		"no name":                    {nil, row{"name": nil}, "", 400, "name is required"},
		"name is a number":           {nil, row{"name": 5}, "", 400, "name"},
		"name taken":                 {nil, row{"name": "taken"}, "", 409, "Already Exists"},
		"name taken, in other case":  {nil, row{"name": "Taken"}, "", 201, ""},
		"name taken, 400":            {status(func(b *jumpcloudtest.Behavior) { b.DuplicateGroupStatus = 400 }), row{"name": "taken"}, "", 400, "Already Exists"},
		"name taken, allowed":        {status(func(b *jumpcloudtest.Behavior) { b.DuplicateGroupStatus = 201 }), row{"name": "taken"}, "", 201, ""},
		"unknown method":             {nil, row{"membershipMethod": "static"}, "", 400, "membershipMethod"},
		"unknown member":             {nil, row{"nonsense": 1}, "", 201, ""},
		"unknown member, refused":    {func(b *jumpcloudtest.Behavior) { b.RejectUnknownFields = true }, row{"nonsense": 1}, "", 400, "nonsense"},
		"classic query":              {nil, row{"memberQuery": classic("department", "eq", "IT")}, "", 201, ""},
		"classic, nonsense operator": {nil, row{"memberQuery": classic("planet", "is", "IT")}, "", 201, ""},
		"classic with the header":    {nil, row{"memberQuery": classic("department", "eq", "IT")}, "x-query-dsl: v2", 201, ""},
		"the same, refused":          {func(b *jumpcloudtest.Behavior) { b.RefuseQueryTypeWithDSL = true }, row{"memberQuery": classic("department", "eq", "IT")}, "x-query-dsl: v2", 400, "queryType"},
		"unknown queryType":          {nil, row{"memberQuery": row{"queryType": "SQL"}}, "", 400, "queryType"},
		"DSL without the header":     {nil, row{"memberQuery": row{"filters": []row{}}}, "", 400, "memberQuery.queryType is required"},
		"DSL, another version":       {nil, row{"memberQuery": row{"filters": []row{}}}, "x-query-dsl: v3", 400, "memberQuery.queryType is required"},
		"DSL with the header":        {nil, row{"memberQuery": row{"filters": []row{}}}, "x-query-dsl: v2", 201, ""},
		"filters are an object":      {nil, row{"memberQuery": row{"filters": row{}}}, "x-query-dsl: v2", 400, "filters"},
		"null query":                 {nil, row{"memberQuery": nil}, "", 201, ""},
		"null query, refused":        {func(b *jumpcloudtest.Behavior) { b.NullQueryOnlyClears = true }, row{"memberQuery": nil}, "", 400, "memberQuery"},
		"filters as objects":         {func(b *jumpcloudtest.Behavior) { b.TextFilters = true }, row{"memberQuery": classic("department", "eq", "IT")}, "", 400, "array of strings"},
		"filters as text":            {func(b *jumpcloudtest.Behavior) { b.TextFilters = true }, row{"memberQuery": row{"queryType": "FilterQuery", "filters": []string{"department:$eq:IT"}}}, "", 201, ""},
		"exemption of type user":     {nil, row{"memberQueryExemptions": []row{{"id": "x", "type": "user"}}}, "", 400, "member query exemptions must be of type user"},
		"exemption of type USER":     {nil, row{"memberQueryExemptions": []row{{"id": "x", "type": "USER"}}}, "", 201, ""},
		"sudo is incomplete":         {nil, row{"attributes": row{"sudo": row{"enabled": true}}}, "", 400, "sudo"},
		"sudo without password only": {nil, row{"attributes": row{"sudo": row{"enabled": false, "withoutPassword": true}}}, "", 400, "withoutPassword"},
		"sudo":                       {nil, row{"attributes": row{"sudo": row{"enabled": true, "withoutPassword": true}}}, "", 201, ""},
		"posixGroups without id":     {nil, row{"attributes": row{"posixGroups": []row{{"name": "x"}}}}, "", 400, "posixGroups"},
		"radius":                     {nil, row{"attributes": row{"radius": row{"reply": []row{{"name": "a", "value": "b"}}}}}, "", 201, ""},
		"radius without value":       {nil, row{"attributes": row{"radius": row{"reply": []row{{"name": "a"}}}}}, "", 400, "radius"},
		"attributes are text":        {nil, row{"attributes": "x"}, "", 400, "attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "taken"})
			id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "mine"})
			if c.change != nil {
				s.org.Configure(c.change)
			}
			body := row{"name": "new"}
			maps.Copy(body, c.body)
			post := s.send("POST", groupsPath, body, append([]string{}, nonEmpty(c.header)...)...)
			s.Expect(post.Status).To(Equal(c.status), post.Text)
			if c.status == 201 {
				s.Expect(s.org.UserGroups()).To(HaveLen(3))
				s.Expect(s.org.DeleteUserGroup(post.object()["id"].(string))).To(BeTrue())
			} else {
				s.Expect(post.message()).To(ContainSubstring(c.message))
				s.Expect(s.org.UserGroups()).To(HaveLen(2))
			}
			put := s.putGroup(id, body, nonEmpty(c.header)...)
			s.Expect(put.Status).To(Equal(map[int]int{201: 200, 400: 400, 409: 409}[c.status]), put.Text)
			if c.status != 201 {
				s.Expect(s.org.UserGroup(id)).To(HaveKeyWithValue("name", "mine"))
			}
		})
	}
}

func nonEmpty(headers ...string) []string {
	return slices.DeleteFunc(headers, func(header string) bool { return header == "" })
}

func TestPosixGroupsAreImmutable(t *testing.T) {
	s := serve(t)
	posix := []row{{"id": 7001, "name": "engines"}}
	id := s.newGroup(row{"name": "engines"})
	s.Expect(s.putGroup(id, row{"name": "engines", "attributes": row{"posixGroups": posix}}).Status).To(Equal(200), "it may be set later")
	s.Expect(s.putGroup(id, row{"name": "motors", "attributes": row{"posixGroups": posix}}).Status).To(Equal(200))
	for name, attributes := range map[string]row{
		"dropped": nil, "emptied": {"posixGroups": []row{}}, "other id": {"posixGroups": []row{{"id": 7002, "name": "engines"}}},
	} {
		got := s.putGroup(id, row{"name": "motors", "attributes": attributes})
		s.Expect(got.Status).To(Equal(400), name)
		s.Expect(got.message()).To(Equal("existing attribute posixGroups may not be changed"), name)
	}
}

func TestUnknownGroup(t *testing.T) {
	s := serve(t)
	const unknown = groupsPath + "/65f1c0ffee65f1c0ffee9999"
	for _, c := range []struct{ method, path string }{
		{"GET", unknown}, {"PUT", unknown}, {"DELETE", unknown}, {"GET", unknown + "/members"}, {"GET", unknown + "/membership"},
		{"GET", unknown + "/suggestions"}, {"POST", unknown + "/suggestions"},
		{"GET", unknown + "/associations?targets=system"}, {"POST", unknown + "/associations"},
		{"GET", groupsPath + "/engines"},
	} {
		got := s.send(c.method, c.path, row{"name": "x"})
		s.Expect(got.Status).To(Equal(404), c.method+c.path)
		s.Expect(got.message()).To(Equal("Not Found"), c.method+c.path)
	}
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.MalformedIDStatus = 400 })
	s.Expect(s.get(groupsPath + "/engines").Status).To(Equal(400))
	s.Expect(s.get(unknown).Status).To(Equal(404))
	s.Expect(s.org.UserGroup("x")).To(BeNil())
	s.Expect(s.org.UserGroupByName("x")).To(BeNil())
	s.Expect(s.org.Members("x")).To(BeEmpty())
	s.Expect(s.org.DeleteUserGroup("x")).To(BeFalse())
	s.Expect(s.org.UpdateUserGroup("x", nil)).To(BeFalse())
}

func TestDeleteGroup(t *testing.T) {
	s := serve(t, "a")
	id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines"}, "a")
	got := s.send("DELETE", groupsPath+"/"+id, nil)
	s.Expect(got.Status).To(Equal(204))
	s.Expect(got.Text).To(BeEmpty())
	s.Expect(s.org.UserByUsername("a")).NotTo(BeNil())
	s.Expect(s.get("/api/v2/users/" + s.id("a") + "/memberof").Text).To(Equal("[]\n"))
	s.Expect(s.send("DELETE", groupsPath+"/"+id, nil).Status).To(Equal(404))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.DeleteGroupStatus = 200 })
	id = s.newGroup(row{"name": "engines"})
	s.Expect(s.send("DELETE", groupsPath+"/"+id, nil).object()).To(HaveKeyWithValue("id", id))
}

func TestGroupList(t *testing.T) {
	s := serve(t)
	for _, name := range []string{"b", "a,b", "ab", "a", "a*"} {
		s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": name, "description": "about " + name})
	}
	s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "rule", "membershipMethod": "DYNAMIC_AUTOMATED"})
	for query, want := range map[string][]any{
		"":                           {"b", "a,b", "ab", "a", "a*", "rule"},
		"filter=name:eq:a":           {"a"},
		"filter=name:eq:A":           {},
		"filter=name:eq:a*":          {"a,b", "ab", "a", "a*"}, // a wildcard, even though a group has this name
		"filter=name:eq:a,b":         {"a"},                    // split: name:eq:a, and a part that is not a filter
		"filter=name:ne:a*":          {"b", "rule"},
		"filter=name:in:a|b":         {"b", "a"},
		"filter=name:search:UL":      {"rule"},
		"filter=name:between:aa|b":   {"b", "ab"},
		"filter=name:ge:b":           {"b", "rule"},
		"filter=name:le:a":           {"a"},
		"filter=name:gt:a,name:lt:b": {"a,b", "ab", "a*"},
		"filter=membershipMethod:eq:DYNAMIC_AUTOMATED": {"rule"},
		"filter=suggestionCounts.total:gt:0":           {},
		"filter=planet:eq:Earth":                       {},
		"filter=name:is:a":                             {"b", "a,b", "ab", "a", "a*", "rule"},
		"sort=name&limit=2":                            {"a", "a*"},
		"sort=-name&limit=2&skip=1":                    {"b", "ab"},
		"sort=nothing":                                 {"b", "a,b", "ab", "a", "a*", "rule"},
	} {
		got := s.get(groupsPath + "?" + escape(query))
		s.Expect(got.Status).To(Equal(200), query)
		s.Expect(got.listNames()).To(Equal(want), query)
	}
	page := s.get(groupsPath + "?limit=2&skip=4")
	s.Expect(page.Header.Get("X-Total-Count")).To(Equal("6"))
	s.Expect(page.list()[0]).To(HaveLen(5), "a summary: id, name, description, email, type")
	s.Expect(s.get(groupsPath + "?limit=1&fields=name,membershipMethod").list()[0]).To(Equal(map[string]any{"id": s.org.UserGroupByName("b")["id"], "name": "b"}))
	s.Expect(s.get(groupsPath + "?limit=0").Status).To(Equal(400))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true })
	s.Expect(s.get(groupsPath + "?filter=name:eq:a,b").Status).To(Equal(400))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ShuffleUnsorted, b.OmitTotalHeader = true, true })
	shuffled := s.get(groupsPath)
	s.Expect(shuffled.listNames()).To(ConsistOf("b", "a,b", "ab", "a", "a*", "rule"))
	s.Expect(shuffled.Header).NotTo(HaveKey("X-Total-Count"))
}

func TestNewGroupsMayBeMissingFromLists(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.GroupVisibilityLag = time.Minute })
	id := s.newGroup(row{"name": "engines"})
	s.Expect(s.get(groupsPath).list()).To(BeEmpty())
	s.Expect(s.get(groupsPath + "/" + id).Status).To(Equal(200))
	s.Expect(s.send("POST", groupsPath, row{"name": "engines"}).Status).To(Equal(409))
	s.clock.Advance(time.Minute)
	s.Expect(s.get(groupsPath).listNames()).To(Equal([]any{"engines"}))
}

func TestSeededGroups(t *testing.T) {
	s := serve(t, "a")
	id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines", "memberQueryErrorFlags": []string{"CYCLE"}}, "a")
	s.Expect(s.get(groupsPath + "/" + id).object()).To(And(
		HaveKeyWithValue("memberQueryErrorFlags", ConsistOf("CYCLE")), HaveKeyWithValue("membershipMethod", "STATIC"),
		HaveKeyWithValue("attributes", HaveKeyWithValue("ldapGroups", HaveLen(1)))))
	s.Expect(s.get(groupsPath + "?filter=memberQueryErrorFlags:CO:CYCLE").list()).To(HaveLen(1))
	s.Expect(s.get(groupsPath + "?filter=memberQueryErrorFlags:NCO:CYCLE").list()).To(BeEmpty())
	s.Expect(s.org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"description": "edited", "id": "ignored"})).To(BeTrue())
	s.Expect(s.org.UserGroup(id)).To(And(HaveKeyWithValue("description", "edited"), HaveKeyWithValue("name", "engines")))
	for name, add := range map[string]func(){
		"no name":      func() { s.org.AddUserGroup(nil) },
		"id taken":     func() { s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "x", "id": id}) },
		"malformed id": func() { s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "x", "id": "x"}) },
		"no such user": func() { s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "x"}, "nobody") },
		"no JSON":      func() { s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": func() {}}) },
	} {
		s.Expect(add).To(Panic(), name)
	}
	copied := s.org.UserGroup(id)
	copied["attributes"].(map[string]any)["ldapGroups"] = nil
	s.Expect(s.org.UserGroup(id)["attributes"]).To(HaveKeyWithValue("ldapGroups", HaveLen(1)), "what is returned is a copy")
}

func TestMembersOfALargeGroup(t *testing.T) {
	s := serve(t)
	s.org.Generate(250)
	id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "all"})
	var want []string
	for i := range 250 {
		s.Expect(s.org.AddMember(id, fmt.Sprintf("user%06d", i+1))).To(BeTrue())
		want = append(want, s.id(fmt.Sprintf("user%06d", i+1)))
	}
	var got []string
	for skip := 0; skip < 300; skip += 100 {
		page := s.get(fmt.Sprintf("%s/%s/members?limit=100&skip=%d&sort=-id", groupsPath, id, skip))
		s.Expect(page.Header.Get("X-Total-Count")).To(Equal("250"))
		for _, row := range page.list() {
			s.Expect(row).To(HaveLen(1))
			got = append(got, row["to"].(map[string]any)["id"].(string))
		}
	}
	s.Expect(got).To(Equal(want), "in the order in which they came: there is no sort")
	s.Expect(s.get(groupsPath + "/" + id + "/membership?limit=1&sort=-id").list()).To(ConsistOf(HaveKeyWithValue("id", want[249])))
	s.Expect(s.get(groupsPath + "/" + id + "/membership?filter=object_id:eq:" + want[7]).list()).To(ConsistOf(
		And(HaveKeyWithValue("id", want[7]), Not(HaveKey("object_id")))))
}
