package jumpcloudtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestPushEndpoints(t *testing.T) {
	s := serve(t, "a", "b")
	path := "/api/v2/users/" + s.id("a") + "/pushendpoints"
	s.Expect(s.get(path).Text).To(Equal("[]\n"))
	phone := s.org.AddPushEndpoint("a", jumpcloudtest.PushEndpoint{"name": "Ada's phone", "lastUsedDate": "2026-05-01T08:00:00Z"})
	for range 11 {
		s.org.AddPushEndpoint(s.id("a"), nil)
	}
	s.Expect(s.get(path+"?limit=1&skip=1").list()).To(HaveLen(12), "unpaged")
	s.Expect(s.get(path).Header).NotTo(HaveKey("X-Total-Count"))
	want := map[string]any{
		"id": phone, "name": "Ada's phone", "state": "active",
		"enrollmentDate": "2026-05-04T09:00:00.000Z", "lastUsedDate": "2026-05-01T08:00:00Z",
		"device": map[string]any{"appVersion": "2.0.0", "make": "Acme", "model": "One", "os": "iOS", "osVersion": "18.1", "uvEnabled": true},
	}
	s.Expect(s.get(path + "/" + phone).object()).To(Equal(want))

	patch := func(body any) answer { return s.send("PATCH", path+"/"+phone, body) }
	for name, body := range map[string]any{
		"state of a user": row{"state": "INACTIVE"}, "unknown member": row{"state": "active", "device": row{}},
		"name is null": row{"name": nil}, "no object": "[]",
	} {
		s.Expect(patch(body).Status).To(Equal(400), name)
	}
	s.Expect(s.get(path + "/" + phone).object()).To(Equal(want))
	s.Expect(patch(row{}).object()).To(Equal(want))
	want["state"], want["name"] = "inactive", "Old phone"
	s.Expect(patch(row{"state": "inactive", "name": "Old phone"}).object()).To(Equal(want))
	s.Expect(s.get(path).list()).To(ContainElement(want), "inactive ones are listed")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.HideInactivePushEndpoints = true })
	s.Expect(s.get(path).list()).To(HaveLen(11))
	s.Expect(s.get(path + "/" + phone).Status).To(Equal(200))

	s.Expect(s.get("/api/v2/users/"+s.id("b")+"/pushendpoints/"+phone).Status).To(Equal(404), "somebody else's")
	deleted := s.send("DELETE", path+"/"+phone, nil)
	s.Expect(deleted.Status).To(Equal(200))
	s.Expect(deleted.object()).To(Equal(want))
	s.Expect(s.send("DELETE", path+"/"+phone, nil).message()).To(Equal("Not Found"))
	s.Expect(s.send("POST", path, row{}).Status).To(Equal(404), "nobody can enroll by a request")
	const nobody = "/api/v2/users/65f1c0ffee65f1c0ffee9999/pushendpoints"
	s.Expect(s.get(nobody).Status).To(Equal(404))
	s.Expect(s.send("DELETE", nobody+"/"+phone, nil).Status).To(Equal(404))

	id := s.id("a")
	s.Expect(s.org.DeleteUser(id)).To(BeTrue())
	s.Expect(s.org.PushEndpoints(id)).To(BeEmpty())
}

// A device that was never used has no date of its last use: the schema allows neither null nor
// a text that is not a date.
func TestPushEndpointThatWasNeverUsed(t *testing.T) {
	s := serve(t, "a")
	path := "/api/v2/users/" + s.id("a") + "/pushendpoints"
	id := s.org.AddPushEndpoint("a", nil)
	for never, want := range map[jumpcloudtest.NeverUsed]types.GomegaMatcher{
		jumpcloudtest.NeverUsedMissing: Not(HaveKey("lastUsedDate")),
		jumpcloudtest.NeverUsedNull:    HaveKeyWithValue("lastUsedDate", BeNil()),
		jumpcloudtest.NeverUsedEmpty:   HaveKeyWithValue("lastUsedDate", ""),
	} {
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.NeverUsed = never })
		s.Expect(s.get(path).list()).To(ConsistOf(want), "%q", never)
		s.Expect(s.get(path+"/"+id).object()).To(want, "%q", never)
		s.Expect(s.send("PATCH", path+"/"+id, row{"name": "Phone"}).object()).To(want, "%q", never)
	}
	s.Expect(s.send("DELETE", path+"/"+id, nil).object()).To(HaveKey("id"))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.NeverUsed = jumpcloudtest.NeverUsedNull })
	used := s.org.AddPushEndpoint("a", jumpcloudtest.PushEndpoint{"lastUsedDate": "2026-05-01T08:00:00Z"})
	s.Expect(s.get(path + "/" + used).object()).To(HaveKeyWithValue("lastUsedDate", "2026-05-01T08:00:00Z"))
	s.Expect(s.org.UpdatePushEndpoint(s.id("a"), used, jumpcloudtest.PushEndpoint{"lastUsedDate": nil})).To(BeTrue())
	s.Expect(s.org.PushEndpoints(s.id("a"))).To(ConsistOf(Not(HaveKey("lastUsedDate"))), "a nil takes it away")
}

func TestSeededPushEndpoints(t *testing.T) {
	s := serve(t, "a")
	a := s.id("a")
	id := s.org.AddPushEndpoint(a, jumpcloudtest.PushEndpoint{"state": "inactive"})
	s.Expect(s.org.UpdatePushEndpoint(a, id, jumpcloudtest.PushEndpoint{"lastUsedDate": "2026-05-04T10:00:00Z", "id": "ignored"})).To(BeTrue())
	s.Expect(s.org.UpdatePushEndpoint(a, "x", nil)).To(BeFalse())
	s.Expect(s.org.PushEndpoints(a)).To(ConsistOf(And(
		HaveKeyWithValue("id", id), HaveKeyWithValue("state", "inactive"), HaveKeyWithValue("lastUsedDate", "2026-05-04T10:00:00Z"))))
	s.org.PushEndpoints(a)[0]["device"].(map[string]any)["os"] = "changed"
	s.Expect(s.org.PushEndpoints(a)[0]["device"]).To(HaveKeyWithValue("os", "iOS"), "what is returned is a copy")
	s.Expect(s.org.RemovePushEndpoint(a, id)).To(BeTrue())
	s.Expect(s.org.RemovePushEndpoint(a, id)).To(BeFalse())
	s.Expect(func() { s.org.AddPushEndpoint("x", nil) }).To(Panic())
	s.Expect(func() { s.org.AddPushEndpoint("a", jumpcloudtest.PushEndpoint{"id": "x"}) }).To(Panic())
}
