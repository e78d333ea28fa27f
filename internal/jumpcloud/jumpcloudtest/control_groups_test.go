package jumpcloudtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestControlSeedOfEverything(t *testing.T) {
	s := serve(t)
	const id = "65f1c0ffee65f1c0ffee9000"
	s.control(204, "POST", "seed", `{"organizations": [{
		"id": "`+id+`",
		"directory": [{"username": "ada", "email": "ada@x.org"}, {"username": "bob", "email": "bob@x.org"}],
		"userGroups": [{"name": "engines", "description": "d", "members": ["bob", "ada"]}, {"name": "empty"}],
		"scheduledStates": [{"users": ["ada"], "state": "SUSPENDED", "date": "2026-12-31T22:00:00Z"}],
		"pushEndpoints": {"ada": [{"name": "Phone"}, {"state": "inactive"}]}
	}]}`)
	org := s.sim.Organization(id)
	ada, bob := org.UserByUsername("ada")["_id"].(string), org.UserByUsername("bob")["_id"].(string)
	group := org.UserGroupByName("engines")
	s.Expect(group).To(HaveKeyWithValue("description", "d"))
	s.Expect(group).NotTo(HaveKey("members"))
	s.Expect(org.Members(group["id"].(string))).To(Equal([]string{bob, ada}))
	s.Expect(org.UserGroups()).To(HaveLen(2))
	s.Expect(org.ScheduledStates()).To(HaveLen(1))
	s.Expect(org.PushEndpoints(ada)).To(HaveLen(2))

	for name, part := range map[string]string{
		"member unknown":         `"userGroups": [{"name": "g", "members": ["nobody"]}]`,
		"member is a number":     `"userGroups": [{"name": "g", "members": [5]}]`,
		"group without a name":   `"userGroups": [{}]`,
		"state unknown":          `"scheduledStates": [{"users": ["ada"], "state": "STAGED"}]`,
		"member of state":        `"scheduledStates": [{"user": "ada"}]`,
		"push endpoint's user":   `"pushEndpoints": {"nobody": [{}]}`,
		"push endpoint as a map": `"pushEndpoints": {"ada": {}}`,
	} {
		refused := s.control(400, "POST", "seed", `{"organizations": [{"directory": [{"username": "ada", "email": "ada@x.org"}], `+part+`}]}`)
		s.Expect(refused.object()).To(HaveKey("error"), name)
	}
}

func TestControlGroups(t *testing.T) {
	s := serve(t, "a", "b")
	base := "organizations/" + s.org.ID() + "/usergroups"
	added := s.control(200, "POST", base, []row{{"name": "engines", "members": []string{"a"}}, {"name": "motors"}})
	id := added.object()["ids"].([]any)[0].(string)
	s.control(400, "POST", base, []row{{"description": "nameless"}})
	s.control(400, "POST", base, row{"name": "no list"})
	s.Expect(s.control(200, "GET", base, nil).list()).To(HaveLen(2))
	s.control(204, "PUT", base+"/"+id+"/members/b", nil)
	s.control(404, "PUT", base+"/"+id+"/members/b", nil)
	s.control(204, "DELETE", base+"/"+id+"/members/"+s.id("a"), nil)
	s.control(404, "DELETE", base+"/"+id+"/members/a", nil)
	s.control(204, "PATCH", base+"/"+id, row{"description": "edited"})
	s.control(404, "PATCH", base+"/x", row{})
	s.Expect(s.control(200, "GET", base+"?name=engines", nil).list()).To(ConsistOf(And(
		HaveKeyWithValue("id", id), HaveKeyWithValue("description", "edited"), HaveKeyWithValue("members", []any{s.id("b")}))))
	s.Expect(s.control(200, "GET", base+"?name=motors", nil).list()).To(ConsistOf(HaveKeyWithValue("members", BeEmpty())))
	s.control(204, "DELETE", base+"/"+id, nil)
	s.control(404, "DELETE", base+"/"+id, nil)
}

func TestControlSchedulesAndPushEndpoints(t *testing.T) {
	s := serve(t, "a")
	jobs := "organizations/" + s.org.ID() + "/scheduled-jobs"
	s.Expect(s.control(200, "GET", jobs, nil).Text).To(Equal("[]\n"))
	id := s.control(200, "POST", jobs, row{"users": []string{"a"}, "state": "SUSPENDED", "date": "2026-12-31T22:00:00Z"}).object()["id"].(string)
	s.control(400, "POST", jobs, row{"users": []string{"nobody"}, "state": "SUSPENDED"})
	s.control(400, "POST", jobs, row{"user_ids": []string{"a"}})
	s.Expect(s.control(200, "GET", jobs, nil).list()).To(ConsistOf(And(
		HaveKeyWithValue("id", id), HaveKeyWithValue("pending", []any{s.id("a")}), Not(HaveKey("executedAt")))))
	s.control(204, "DELETE", jobs+"/"+id, nil)
	s.control(404, "DELETE", jobs+"/"+id, nil)

	endpoints := "organizations/" + s.org.ID() + "/users/" + s.id("a") + "/push-endpoints"
	id = s.control(200, "POST", endpoints, row{"name": "Phone"}).object()["id"].(string)
	s.control(400, "POST", "organizations/"+s.org.ID()+"/users/nobody/push-endpoints", row{})
	s.control(400, "POST", endpoints, "[]")
	s.Expect(s.control(200, "GET", endpoints, nil).list()).To(ConsistOf(HaveKeyWithValue("id", id)))
	s.control(204, "DELETE", endpoints+"/"+id, nil)
	s.control(404, "DELETE", endpoints+"/"+id, nil)
}
