package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var _ = Describe("PushEndpoint", Label("push"), func() {
	withOperator()
	DescribeTable("story:", func(story func(*world)) {
		story(newWorld(spec(), 5, often))
	},
		Entry("adopts by name", adoptsPush),
		Entry("adopts by id", adoptsPushByID),
		Entry("renames and deactivates", changesPush),
		Entry("an ambiguous name", refusesAmbiguousPush),
		Entry("an endpoint that is not there", awaitsPush),
		Entry("a user who is not there", awaitsPushUser),
		Entry("keeps without its object", retainsPush),
		Entry("keeps, if nothing is said", retainsAdoptedPush),
		Entry("a protected user", protectsPush),
		Entry("an answer that is lost", retriesPush),
		Entry("a deletion whose answer was lost", retriesPushDeletion),
	)
})

// phone enrolls a device of the first user and returns its id.
func (w *world) phone(name string) string {
	w.Helper()
	return w.org.AddPushEndpoint(w.idOf(username(1)), jumpcloudtest.PushEndpoint{
		"name": name, "lastUsedDate": "2026-05-01T08:00:00Z",
		"device": map[string]any{"appVersion": "2.0.0", "make": "Acme", "model": "One", "os": "iOS", "osVersion": "18.1", "uvEnabled": true},
	})
}

// ofFirst completes a spec for a device of the first user.
func ofFirst(spec v1alpha1.PushEndpointSpec) v1alpha1.PushEndpointSpec {
	spec.User = users(1)[0]
	if spec.Endpoint == (v1alpha1.PushEndpointReference{}) {
		spec.Endpoint.Name = "Phone"
	}
	return spec
}

// livePush returns a device of the first user at JumpCloud, or nil.
func (w *world) livePush(id string) jumpcloudtest.PushEndpoint {
	w.Helper()
	for _, endpoint := range w.org.PushEndpoints(w.idOf(username(1))) {
		if endpoint["id"] == id {
			return endpoint
		}
	}
	return nil
}

func adoptsPush(w *world) {
	id := w.phone("Phone")
	w.phone("Tablet")
	object := isReady(w, w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{})))
	w.Expect(object.Status).To(And(HaveField("ID", id), HaveField("UserID", w.idOf(username(1))), HaveField("State", "Active"),
		HaveField("Device", HaveValue(And(HaveField("Make", "Acme"), HaveField("OSVersion", "18.1")))), HaveField("LastUsedDate", Not(BeNil()))))
	w.Expect(object.Finalizers).To(BeEmpty())
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
}

func adoptsPushByID(w *world) {
	w.phone("Phone")
	id := w.phone("Phone")
	object := isReady(w, w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{
		Endpoint: v1alpha1.PushEndpointReference{ID: id}, State: v1alpha1.PushEndpointInactive,
	})))
	w.Expect(object.Status.State).To(Equal("Inactive"))
	w.Expect(w.livePush(id)).To(HaveKeyWithValue("state", "inactive"))
	w.Expect(w.mutations()).To(Equal(1))
}

func changesPush(w *world) {
	id := w.phone("Phone")
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{Name: "Ada's phone", State: v1alpha1.PushEndpointInactive}))
	isReady(w, key)
	w.Expect(w.livePush(id)).To(And(HaveKeyWithValue("name", "Ada's phone"), HaveKeyWithValue("state", "inactive")))
	amend(w, key, func(p *v1alpha1.PushEndpoint) { p.Spec.State = v1alpha1.PushEndpointActive })
	isReady(w, key)
	w.Expect(w.livePush(id)).To(And(HaveKeyWithValue("name", "Ada's phone"), HaveKeyWithValue("state", "active")))
	w.org.UpdatePushEndpoint(w.idOf(username(1)), id, jumpcloudtest.PushEndpoint{"name": "Else", "state": "inactive"})
	w.Eventually(func() jumpcloudtest.PushEndpoint { return w.livePush(id) }).Should(
		And(HaveKeyWithValue("name", "Ada's phone"), HaveKeyWithValue("state", "active")))
	w.silent()
}

func refusesAmbiguousPush(w *world) {
	one, two := w.phone("Phone"), w.phone("Phone")
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive, DeletionPolicy: v1alpha1.DeletionPolicyDelete}))
	object := reaches(w, key, v1alpha1.RemoteConflictReason)
	w.Expect(readyMessage(object)).To(And(ContainSubstring(one), ContainSubstring(two)))
	w.silent()
	w.remove(key)
	w.Expect(w.mutations()).To(BeZero())
}

func awaitsPush(w *world) {
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive}))
	reaches(w, key, v1alpha1.RemoteNotFoundReason)
	id := w.phone("Phone")
	w.Expect(isReady(w, key).Status.ID).To(Equal(id))
	w.org.RemovePushEndpoint(w.idOf(username(1)), id)
	reaches(w, key, v1alpha1.RemoteNotFoundReason)
	w.silent()
}

func awaitsPushUser(w *world) {
	spec := ofFirst(v1alpha1.PushEndpointSpec{})
	spec.User = v1alpha1.UserReference{Username: "late"}
	key := w.push("phone", spec)
	reaches(w, key, v1alpha1.UsersNotFoundReason)
	w.org.AddPushEndpoint(w.newcomer("late", nil), jumpcloudtest.PushEndpoint{"name": "Phone"})
	isReady(w, key)
}

func retainsPush(w *world) {
	id := w.phone("Phone")
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete}))
	w.Expect(isReady(w, key).Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	amend(w, key, func(p *v1alpha1.PushEndpoint) { p.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
	w.Eventually(func() []string { return get(w, &v1alpha1.PushEndpoint{}, "phone").Finalizers }).Should(BeEmpty())
	w.remove(key)
	w.Expect(w.livePush(id)).NotTo(BeNil())
	w.Expect(w.mutations()).To(BeZero())
}

func retainsAdoptedPush(w *world) {
	id := w.phone("Phone")
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive}))
	isReady(w, key)
	w.remove(key)
	w.Expect(w.livePush(id)).To(HaveKeyWithValue("state", "inactive"))
}

func protectsPush(w *world) {
	admin := w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
	w.org.AddPushEndpoint(admin, jumpcloudtest.PushEndpoint{"name": "Phone"})
	key := w.push("phone", v1alpha1.PushEndpointSpec{
		User: v1alpha1.UserReference{Username: "root.admin"}, Endpoint: v1alpha1.PushEndpointReference{Name: "Phone"},
		State: v1alpha1.PushEndpointInactive, DeletionPolicy: v1alpha1.DeletionPolicyDelete,
	})
	reaches(w, key, v1alpha1.ProtectedUserReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	w.Expect(w.org.PushEndpoints(admin)).To(ConsistOf(HaveKeyWithValue("state", "active")))
}

func retriesPush(w *world) {
	id := w.phone("Phone")
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "PATCH"}, Kind: jumpcloudtest.FaultReset})
	isReady(w, w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive})))
	w.Expect(w.livePush(id)).To(HaveKeyWithValue("state", "inactive"))
	w.Expect(w.sent("PATCH", "/users/*/pushendpoints/*")).To(HaveLen(2))
}

func retriesPushDeletion(w *world) {
	id := w.phone("Phone")
	key := w.push("phone", ofFirst(v1alpha1.PushEndpointSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete}))
	isReady(w, key)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "DELETE"}, Kind: jumpcloudtest.FaultReset, Commit: true})
	w.remove(key)
	w.Expect(w.livePush(id)).To(BeNil())
	w.Expect(w.sent("DELETE", "/users/*/pushendpoints/*")).To(HaveLen(1))
}

var pushKind = livingKind{
	object: func(w *world, name string, mode v1alpha1.Mode) livingObject {
		if len(w.org.PushEndpoints(w.idOf(username(1)))) == 0 {
			w.org.AddPushEndpoint(w.idOf(username(1)), jumpcloudtest.PushEndpoint{"name": "Phone"})
		}
		return &v1alpha1.PushEndpoint{ObjectMeta: w.meta(name), Spec: v1alpha1.PushEndpointSpec{
			OrganizationRef: toAcme, User: users(1)[0], Endpoint: v1alpha1.PushEndpointReference{Name: "Phone"},
			State: v1alpha1.PushEndpointInactive, DeletionPolicy: v1alpha1.DeletionPolicyDelete, Mode: mode,
		}}
	},
	keep: func(o livingObject) { o.(*v1alpha1.PushEndpoint).Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain },
	changed: func(w *world) bool {
		endpoints := w.org.PushEndpoints(w.idOf(username(1)))
		return len(endpoints) == 1 && endpoints[0]["state"] == "inactive"
	},
	undo: func(w *world) {
		user := w.idOf(username(1))
		w.org.UpdatePushEndpoint(user, w.org.PushEndpoints(user)[0]["id"].(string), jumpcloudtest.PushEndpoint{"state": "active"})
	},
	cleaned: func(w *world) bool { return len(w.org.PushEndpoints(w.idOf(username(1)))) == 0 },
}
