package jumpcloudtest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// member changes one member of a group and expects a status.
func (s *site) member(status int, op, groupID, userID string) answer {
	got := s.send("POST", groupsPath+"/"+groupID+"/members", row{"op": op, "type": "user", "id": userID})
	s.Expect(got.Status).To(Equal(status), got.Text)
	return got
}

// members returns the ids of the members that the API lists.
func (s *site) members(groupID string) []string {
	ids := []string{}
	for _, row := range s.get(groupsPath + "/" + groupID + "/members?limit=100").list() {
		ids = append(ids, row["to"].(map[string]any)["id"].(string))
	}
	return ids
}

func TestMembers(t *testing.T) {
	s := serve(t, "a", "b")
	id := s.newGroup(row{"name": "engines"})
	const unknown = "65f1c0ffee65f1c0ffee9999"
	s.Expect(s.member(204, "add", id, s.id("a")).Text).To(BeEmpty())
	s.Expect(s.member(409, "add", id, s.id("a")).Text).To(MatchJSON(`{"message":"Already Exists"}`))
	s.Expect(s.member(404, "add", id, unknown).Text).To(MatchJSON(`{"message":"Not Found"}`))
	s.Expect(s.member(404, "remove", id, s.id("b")).Text).To(MatchJSON(`{"message":"Not Found"}`))
	s.Expect(s.member(400, "add", unknown, s.id("a")).Text).To(MatchJSON(`{"error":"INVALID_ARGUMENT","message":"user_group not found"}`))
	s.member(400, "remove", unknown, s.id("a"))
	s.member(400, "put", id, s.id("b"))
	s.member(204, "update", id, s.id("a"))
	s.member(404, "update", id, s.id("b"))
	s.Expect(s.send("POST", groupsPath+"/"+id+"/members", row{"op": "add", "type": "system", "id": s.id("b")}).Status).To(Equal(400))
	s.Expect(s.send("POST", groupsPath+"/"+id+"/members", "[]").Status).To(Equal(400))
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}))
	s.member(204, "add", id, s.id("b"))
	s.member(204, "remove", id, s.id("a"))
	s.Expect(s.org.Members(id)).To(Equal([]string{s.id("b")}))

	var committed []int
	for _, r := range s.sim.MutatingRequests() {
		if r.Committed {
			committed = append(committed, r.Number)
		}
	}
	s.Expect(committed).To(HaveLen(4), "the group, two additions, one removal")

	s.org.Configure(func(b *jumpcloudtest.Behavior) {
		b.DuplicateMemberStatus, b.MissingMemberStatus, b.VerboseConnections = 204, 204, true
	})
	s.member(204, "add", id, s.id("b"))
	s.member(204, "remove", id, s.id("a"))
	s.Expect(s.get(groupsPath + "/" + id + "/members").Text).To(MatchJSON(`[{"to":{"id":"` + s.id("b") + `","type":"user"},
		"from":{"id":"` + id + `","type":"user_group"},"attributes":null}]`))
}

func TestDeletedUsersLeaveTheirGroups(t *testing.T) {
	for name, remove := range map[string]func(s *site, id string){
		"by a request": func(s *site, id string) {
			s.Expect(s.send("DELETE", "/api/systemusers/"+id, nil).Status).To(Equal(200))
		},
		"behind the back":    func(s *site, id string) { s.Expect(s.org.DeleteUser(id)).To(BeTrue()) },
		"by the control API": func(s *site, id string) { s.control(204, "DELETE", "organizations/"+s.org.ID()+"/users/"+id, nil) },
	} {
		s := serve(t, "a", "b")
		group := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines"}, "a", "b")
		remove(s, s.id("a"))
		s.Expect(s.members(group)).To(Equal([]string{s.id("b")}), name)
	}
}

func TestMemberOf(t *testing.T) {
	s := serve(t, "a")
	first := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "first"}, "a")
	s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "empty"})
	last := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "last"}, "a")
	memberOf := func(query string) []any {
		ids := []any{}
		for _, row := range s.get("/api/v2/users/" + s.id("a") + "/memberof?" + query).list() {
			ids = append(ids, row["id"])
		}
		return ids
	}
	s.Expect(memberOf("")).To(Equal([]any{first, last}))
	s.Expect(memberOf("sort=-id")).To(Equal([]any{last, first}))
	s.Expect(memberOf("filter=object_id:eq:" + last)).To(Equal([]any{last}))
	s.Expect(memberOf("filter=type:eq:system_group")).To(BeEmpty())
	unknown := s.get("/api/v2/users/65f1c0ffee65f1c0ffee9999/memberof")
	s.Expect(unknown.Status).To(Equal(200), "not 404")
	s.Expect(unknown.Text).To(Equal("[]\n"))
}

func TestReadsOfMembersMayLag(t *testing.T) {
	s := serve(t, "a", "b")
	id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines"}, "b")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.MemberLag = time.Minute })
	s.member(204, "add", id, s.id("a"))
	s.member(204, "remove", id, s.id("b"))
	s.member(409, "add", id, s.id("a"))
	s.Expect(s.members(id)).To(Equal([]string{s.id("b")}))
	s.Expect(s.get("/api/v2/users/" + s.id("a") + "/memberof").list()).To(BeEmpty())
	s.Expect(s.org.Members(id)).To(Equal([]string{s.id("a")}), "the truth")
	s.clock.Advance(time.Minute)
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}))
}

func TestAssociations(t *testing.T) {
	s := serve(t, "a")
	group := groupsPath + "/" + s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines"})
	for _, owner := range []string{group, "/api/v2/users/" + s.id("a")} {
		path := owner + "/associations"
		operate := func(op, kind string) int {
			return s.send("POST", path, row{"op": op, "type": kind, "id": "65f1c0ffee65f1c0ffee4001", "attributes": row{"op": op}}).Status
		}
		for _, query := range []string{"", "?targets=user", "?targets=system,application"} {
			s.Expect(s.get(path+query).Status).To(Equal(400), path+query)
		}
		s.Expect(operate("add", "system")).To(Equal(204))
		s.Expect(operate("add", "system")).To(Equal(409))
		s.Expect(operate("add", "user")).To(Equal(400))
		s.Expect(operate("update", "system")).To(Equal(204))
		s.Expect(operate("update", "application")).To(Equal(404))
		s.Expect(s.get(path + "?targets=system").list()).To(ConsistOf(And(
			HaveKeyWithValue("to", map[string]any{"id": "65f1c0ffee65f1c0ffee4001", "type": "system"}),
			HaveKeyWithValue("attributes", map[string]any{"op": "update"}))))
		s.Expect(s.get(path + "?targets=application").Text).To(Equal("[]\n"))
		s.Expect(operate("remove", "system")).To(Equal(204))
		s.Expect(operate("remove", "system")).To(Equal(404))
	}
	s.Expect(s.get("/api/v2/users/65f1c0ffee65f1c0ffee9999/associations?targets=system").Status).To(Equal(404))
}
