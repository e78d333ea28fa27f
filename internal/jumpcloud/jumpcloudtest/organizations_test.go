package jumpcloudtest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestOrganizations(t *testing.T) {
	s := serve(t)
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{
		ID: "65f1c0ffee65f1c0ffee9000", Name: "Other", Settings: map[string]any{"contactName": "Ada", "passwordPolicy": nil},
	})
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: "both", Organizations: []string{s.org.ID(), other.ID()}})

	s.Expect(s.get("/api/organizations").object()).To(Equal(map[string]any{"totalCount": 1.0, "results": []any{
		map[string]any{"_id": s.org.ID(), "displayName": "Example Org", "logoUrl": ""},
	}}))
	s.Expect(s.get("/api/organizations", "x-api-key: both").column("displayName")).To(Equal([]any{"Example Org", "Other"}))
	s.Expect(s.get("/api/organizations?limit=1&skip=1&fields=logoUrl", "x-api-key: both").object()).To(Equal(map[string]any{
		"totalCount": 2.0, "results": []any{map[string]any{"_id": other.ID(), "logoUrl": ""}},
	}))
	s.Expect(s.get("/api/organizations?skip=-1").Status).To(Equal(400))
	s.Expect(s.get("/api/organizations?search=OTH", "x-api-key: both").object()).To(Equal(map[string]any{
		"totalCount": 1.0, "results": []any{map[string]any{"_id": other.ID(), "displayName": "Other", "logoUrl": ""}},
	}))
	s.Expect(s.get("/api/organizations?search=nothing").object()).To(Equal(map[string]any{"totalCount": 0.0, "results": []any{}}))

	got := s.get("/api/organizations/"+other.ID(), "x-api-key: both")
	s.Expect(got.object()).To(Equal(map[string]any{
		"_id": other.ID(), "displayName": "Other", "logoUrl": "", "created": "2026-05-04T09:00:00.000Z",
		"settings": map[string]any{
			"contactName":                "Ada",
			"newSystemUserStateDefaults": map[string]any{"manualEntry": "STAGED", "csvImport": "STAGED", "applicationImport": "ACTIVATED"},
		},
	}))
	s.Expect(s.get("/api/organizations/" + s.org.ID() + "?fields=displayName").object()).To(HaveLen(2))
}

func TestPutOrganizationMergesSettings(t *testing.T) {
	s := serve(t)
	path := "/api/organizations/" + s.org.ID()
	got := s.send("PUT", path, `{"settings":{"newSystemUserStateDefaults":{"csvImport":"ACTIVATED"}}}`)
	s.Expect(got.Status).To(Equal(200))
	defaults := got.object()["settings"].(map[string]any)["newSystemUserStateDefaults"]
	s.Expect(defaults).To(Equal(map[string]any{"manualEntry": "STAGED", "csvImport": "ACTIVATED", "applicationImport": "ACTIVATED"}))
	s.Expect(s.runJob("POST", newRow("a"))).To(Equal([]string{"finished"}))
	s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue("state", "ACTIVATED"))
	s.Expect(s.send("PUT", path, `[]`).Status).To(Equal(400))
}

func TestAddOrganizationRefusesAnIDTwice(t *testing.T) {
	s := serve(t)
	for _, id := range []string{s.org.ID(), "acme", "65F1C0FFEE65F1C0FFEE9000"} {
		s.Expect(func() { s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{ID: id}) }).To(Panic(), id)
	}
	s.Expect(s.sim.Organizations()).To(HaveLen(1))
	s.Expect(s.sim.Organization(s.org.ID())).To(BeIdenticalTo(s.org))
	s.Expect(s.sim.Organization("acme")).To(BeNil())
}

func TestAddUserKeepsTheDirectoryConsistent(t *testing.T) {
	s := serve(t, "a")
	for name, u := range map[string]jumpcloudtest.User{
		"username taken": {"username": "a", "email": "b@x.org"},
		"email taken":    {"username": "b", "email": "a@x.org"},
		"no email":       {"username": "b"},
		"id taken":       {"username": "b", "email": "b@x.org", "_id": s.id("a")},
		"id malformed":   {"username": "b", "email": "b@x.org", "_id": "b"},
	} {
		s.Expect(func() { s.org.AddUser(u) }).To(Panic(), name)
	}
	id := s.org.AddUser(jumpcloudtest.User{"username": "b", "email": "b@x.org", "admin": map[string]any{"id": "x"}})
	s.Expect(s.get("/api/systemusers/" + id).object()).To(HaveKeyWithValue("admin", map[string]any{"id": "x"}))
	s.Expect(s.org.UpdateUser(id, jumpcloudtest.User{"admin": nil, "username": "c"})).To(BeTrue())
	s.Expect(s.get("/api/systemusers/" + id).object()).To(And(Not(HaveKey("admin")), HaveKeyWithValue("username", "c")))
	s.Expect(s.org.UserByUsername("b")).To(BeNil())
	s.Expect(s.org.UpdateUser("nobody", jumpcloudtest.User{})).To(BeFalse())
	s.Expect(s.org.DeleteUser("nobody")).To(BeFalse())

	copied := s.org.User(id)
	copied["attributes"] = append(copied["attributes"].([]any), "changed")
	s.Expect(s.org.User(id)).To(HaveKeyWithValue("attributes", BeEmpty()))
}
