package jumpcloudtest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// dynamic returns a group that a rule decides about.
func dynamic(query row, exempt ...string) row {
	exemptions := []row{}
	for _, id := range exempt {
		exemptions = append(exemptions, row{"id": id, "type": "USER"})
	}
	return row{"name": "dynamic", "membershipMethod": "DYNAMIC_AUTOMATED", "memberQuery": query, "memberQueryExemptions": exemptions}
}

func dsl(field, value string) row {
	return row{"filters": []row{{"field": field, "operation": "equals", "value": value}}}
}

func TestQueries(t *testing.T) {
	and := func(conditions ...row) row {
		var filters []row
		for _, c := range conditions {
			filters = append(filters, c["filters"].([]row)...)
		}
		return row{"queryType": "FilterQuery", "filters": filters}
	}
	for name, c := range map[string]struct {
		query row
		want  []string
	}{
		"eq":                 {classic("department", "eq", "IT"), []string{"a", "b"}},
		"eq, in other case":  {classic("department", "eq", "it"), nil},
		"ne":                 {classic("department", "ne", "IT"), []string{"c", "d"}},
		"in":                 {classic("department", "in", "HR,IT"), []string{"a", "b", "c"}},
		"co":                 {classic("department", "co", "I"), []string{"a", "b"}},
		"ge":                 {classic("department", "ge", "IT"), []string{"a", "b"}},
		"and":                {and(classic("department", "eq", "IT"), classic("location", "eq", "Bern")), []string{"b"}},
		"unknown field":      {classic("email", "eq", "a@x.org"), nil},
		"unknown operator":   {classic("department", "is", "IT"), nil},
		"one of them is odd": {and(classic("department", "eq", "IT"), classic("planet", "eq", "Earth")), nil},
		"userState":          {classic("userState", "eq", "suspended"), []string{"d"}},
		"userState in":       {classic("userState", "in", "active,staged"), []string{"a", "b", "c"}},
		"no filters":         {row{"queryType": "FilterQuery", "filters": []row{}}, nil},
		"strings":            {row{"queryType": "Filter", "filters": []string{"department:$eq:IT", "location:$eq:Bern"}}, []string{"b"}},
		"search filters":     {row{"queryType": "Search", "searchFilters": `{"filter":{"and":["department:$eq:IT","location:$co:er"]}}`}, []string{"b"}},
		"search, no JSON":    {row{"queryType": "Search", "searchFilters": `{`}, nil},
		"DSL":                {dsl("user.user_department", "IT"), []string{"a", "b"}},
		"DSL, state":         {dsl("user.user_state", "SUSPENDED"), []string{"d"}},
		"DSL, employee":      {dsl("user.employee_id", "E3"), []string{"c"}},
		"DSL, unknown field": {dsl("user.planet", "Earth"), nil},
		"DSL, classic field": {dsl("department", "IT"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			for _, u := range []jumpcloudtest.User{
				{"username": "a", "department": "IT", "location": "Basel"},
				{"username": "b", "department": "IT", "location": "Bern"},
				{"username": "c", "department": "HR", "employeeIdentifier": "E3", "state": "STAGED"},
				{"username": "d", "state": "SUSPENDED"},
			} {
				u["email"] = u["username"].(string) + "@x.org"
				s.org.AddUser(u)
			}
			created := s.send("POST", groupsPath, dynamic(c.query), "x-query-dsl: v2")
			s.Expect(created.Status).To(Equal(201), created.Text)
			s.clock.Advance(time.Second)
			var got []string
			for _, id := range s.members(created.object()["id"].(string)) {
				got = append(got, s.org.User(id)["username"].(string))
			}
			s.Expect(got).To(Equal(c.want))
		})
	}
}

// Every change makes the rules due for an evaluation some time later.
func TestRulesAreEvaluatedAfterChanges(t *testing.T) {
	s := serve(t, "a", "b")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EvaluationDelay = 10 * time.Second })
	id := s.newGroup(dynamic(classic("department", "eq", "IT")))
	expect := func(why string, before, after []string) {
		s.clock.Advance(10*time.Second - 1)
		s.Expect(s.members(id)).To(Equal(before), why+", not yet")
		s.clock.Advance(1)
		s.Expect(s.members(id)).To(Equal(after), why)
	}
	none := []string{}
	expect("creation of the group", none, none)
	s.Expect(s.send("PUT", "/api/systemusers/"+s.id("a"), row{"department": "IT"}).Status).To(Equal(200))
	expect("change of a user", none, []string{s.id("a")})
	s.org.AddUser(jumpcloudtest.User{"username": "c", "email": "c@x.org", "department": "IT"})
	expect("creation of a user", []string{s.id("a")}, []string{s.id("a"), s.id("c")})
	s.startJob("PATCH", row{"id": s.id("a"), "department": "HR"})
	s.clock.Advance(200 * time.Millisecond)
	expect("a job", []string{s.id("a"), s.id("c")}, []string{s.id("c")})
	s.Expect(s.putGroup(id, dynamic(classic("department", "eq", "HR"))).Status).To(Equal(200))
	expect("change of the group", []string{s.id("c")}, []string{s.id("a")})
	s.org.AddMember(id, "b")
	s.org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"description": "edited"})
	expect("somebody's addition", []string{s.id("a"), s.id("b")}, []string{s.id("a")})

	s.org.RemoveMember(id, "a")
	s.clock.Advance(time.Hour)
	s.Expect(s.members(id)).To(BeEmpty(), "nothing has changed that makes a rule decide")
	s.org.EvaluateRules()
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}), "until the night")

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EvaluationDelay = -1 })
	s.org.UpdateUser(s.id("b"), jumpcloudtest.User{"department": "HR"})
	s.Expect(s.members(id)).To(Equal([]string{s.id("a"), s.id("b")}), "at once")
}

func TestRuledMembersCannotBeChangedByHand(t *testing.T) {
	s := serve(t, "a", "b", "c", "d")
	s.org.UpdateUser(s.id("a"), jumpcloudtest.User{"department": "IT"})
	s.org.UpdateUser(s.id("c"), jumpcloudtest.User{"department": "IT"})
	rule := classic("department", "eq", "IT")
	id := s.newGroup(dynamic(rule, s.id("c"), s.id("d")))
	s.clock.Advance(time.Second)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}), "the exempt one is left as it was")
	s.member(204, "add", id, s.id("b"))
	s.member(204, "remove", id, s.id("a"))
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}), "no effect")
	s.member(204, "add", id, s.id("d"))
	s.member(409, "add", id, s.id("d"))
	s.clock.Advance(time.Second)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a"), s.id("d")}), "pinned in")
	s.Expect(s.org.User(s.id("d"))).NotTo(HaveKey("department"))

	s.Expect(s.putGroup(id, row{"name": "static"}).object()).To(HaveKeyWithValue("memberQuery", Not(BeNil())))
	s.org.UpdateUser(s.id("a"), jumpcloudtest.User{"department": "HR"})
	s.clock.Advance(time.Second)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a"), s.id("d")}), "members stay when the rule goes")
	s.member(204, "remove", id, s.id("a"))
}

// A rule that was due when its group became static must not be applied.
func TestPlannedEvaluationOfAGroupThatBecameStatic(t *testing.T) {
	s := serve(t, "a")
	id := s.org.AddUserGroup(dynamic(classic("department", "eq", "IT")), "a")
	s.Expect(s.putGroup(id, row{"name": "static"}).Status).To(Equal(200))
	s.clock.Advance(time.Minute)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}))
}

func TestSuggestions(t *testing.T) {
	s := serve(t, "a", "b", "c")
	s.org.UpdateUser(s.id("a"), jumpcloudtest.User{"department": "IT"})
	body := dynamic(classic("department", "eq", "IT"))
	body["membershipMethod"] = "DYNAMIC_REVIEW_REQUIRED"
	id := s.org.AddUserGroup(body, "b", "c")
	s.clock.Advance(time.Second)
	path := groupsPath + "/" + id
	s.Expect(s.members(id)).To(Equal([]string{s.id("b"), s.id("c")}))
	s.Expect(s.get(path).object()).To(HaveKeyWithValue("suggestionCounts", map[string]any{"add": 1.0, "remove": 2.0, "total": 3.0}))
	s.Expect(s.get(groupsPath + "?filter=suggestionCounts.total:gt:2").list()).To(HaveLen(1))
	page := s.get(path + "/suggestions?limit=2")
	s.Expect(page.Header.Get("X-Total-Count")).To(Equal("3"))
	s.Expect(page.list()).To(Equal([]map[string]any{
		{"op": "add", "object": map[string]any{"id": s.id("a"), "type": "user"}},
		{"op": "remove", "object": map[string]any{"id": s.id("b"), "type": "user"}},
	}))
	s.member(204, "add", id, s.id("a"))
	s.Expect(s.get(path+"/suggestions").list()).To(HaveLen(3), "no effect")

	applied := s.send("POST", path+"/suggestions", row{"user_ids": []string{s.id("a"), s.id("b"), "x"}})
	s.Expect(applied.object()).To(Equal(map[string]any{"suggestions_found": []any{s.id("a"), s.id("b")}, "suggestions_not_found": []any{"x"}}))
	s.Expect(s.members(id)).To(Equal([]string{s.id("c"), s.id("a")}))
	s.Expect(s.get(path + "/suggestions").list()).To(ConsistOf(HaveKeyWithValue("op", "remove")))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ReviewGroupsByHand = true })
	s.member(204, "remove", id, s.id("c"))
	s.org.AddMember(id, "c")
	s.clock.Advance(time.Second)
	c := s.id("c")
	s.Expect(s.org.DeleteUser(c)).To(BeTrue())
	s.Expect(s.send("POST", path+"/suggestions", row{"user_ids": []string{c}}).object()).To(HaveKeyWithValue("suggestions_not_found", []any{c}))
	s.org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"membershipMethod": "STATIC"})
	s.Expect(s.get(path + "/suggestions").Text).To(Equal("[]\n"))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.NoSuggestions = true })
	s.Expect(s.get(path + "/suggestions").Status).To(Equal(404))
	s.Expect(s.send("POST", path+"/suggestions", row{}).Status).To(Equal(404))
}

func TestQuerySwitches(t *testing.T) {
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) {
		b.QueryImpliesDynamic, b.EmptyQueryMatchesAll, b.HideDSLQueries = true, true, true
	})
	created := s.send("POST", groupsPath, row{"name": "all", "memberQuery": row{"filters": []row{}}}, "x-query-dsl: v2")
	s.Expect(created.object()).To(HaveKeyWithValue("membershipMethod", "DYNAMIC_AUTOMATED"))
	id := created.object()["id"].(string)
	s.clock.Advance(time.Second)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}))
	s.Expect(s.get(groupsPath + "/" + id).object()).To(HaveKeyWithValue("memberQuery", BeNil()))
	s.Expect(s.get(groupsPath+"/"+id, "x-query-dsl: v2").object()).To(HaveKeyWithValue("memberQuery", HaveKey("filters")))
}
