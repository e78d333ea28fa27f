package e2e

import (
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// userNamed creates the User "ada", which declares the user with that username and the email
// of a generated user.
func (w *badWorld) userNamed(username string, change ...func(*v1alpha1.User)) *v1alpha1.User {
	w.Helper()
	return w.userCalled("ada", username, change...)
}

func (w *badWorld) userCalled(name, username string, change ...func(*v1alpha1.User)) *v1alpha1.User {
	w.Helper()
	o := w.userObject(name)
	o.Spec = v1alpha1.UserSpec{OrganizationRef: toAcme, UserRow: v1alpha1.UserRow{Username: &username, Email: new(username + "@example.org")}}
	for _, c := range change {
		c(o)
	}
	w.create(o)
	return o
}

// badUser waits until a User has the promised condition, and asserts that nothing was sent.
func (w *badWorld) badUser(object *v1alpha1.User) {
	w.Helper()
	tells(w, object)
	w.Expect(w.mutations()).To(BeZero())
}

func withEmail(email string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.Email = &email }
}

func withState(state v1alpha1.UserState) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.State = &state }
}

func withDeletion(policy v1alpha1.DeletionPolicy) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.DeletionPolicy = policy }
}

// badUsers are Users that cannot be carried out, or not without a person.
var badUsers = map[string]func(*badWorld){
	"A User whose username differs only by case": func(w *badWorld) {
		w.badUser(w.userNamed("User000001"))
	},
	"A User with the email of another user": func(w *badWorld) {
		w.badUser(w.userNamed("ada.byron", withEmail("USER000001@example.org")))
	},
	"A User with the employee identifier of another user": func(w *badWorld) {
		w.badUser(w.userNamed("ada.byron", func(o *v1alpha1.User) { o.Spec.EmployeeIdentifier = new("E000001") }))
	},
	"A User with an email that is none": func(w *badWorld) {
		w.badUser(w.userNamed("ada.byron", withEmail("nobody")))
	},
	"A User who is an administrator": func(w *badWorld) {
		w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
		w.badUser(w.userNamed("root.admin", func(o *v1alpha1.User) { o.Spec.Department = new("Looms") }))
	},
	"Two Users for one person": func(w *badWorld) {
		older := w.userCalled("countess", "user000001")
		isReady(w.world, older)
		w.grown(older)
		w.badUser(w.userNamed("user000001"))
	},
	"A User and a row of an import about one person": func(w *badWorld) {
		isReady(w.world, w.userNamed("user000001"))
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email,department", "user000001,user000001@example.org,Looms")
		w.fails()
		w.Expect(w.mutations()).To(BeZero())
	},
	"A User whom somebody suspended": func(w *badWorld) {
		object := w.userNamed("user000001", withState(v1alpha1.UserStateActivated))
		isReady(w.world, object)
		w.Expect(w.org.UpdateUser(w.idOf("user000001"), jumpcloudtest.User{"state": "SUSPENDED"})).To(BeTrue())
		mark(w.world, object, v1alpha1.ReconcileRequestedAtAnnotation, "look")
		w.badUser(object)
	},
	"A deletion of a manager": func(w *badWorld) {
		object := w.userNamed("user000001", withDeletion(v1alpha1.DeletionPolicyDelete))
		isReady(w.world, object)
		w.Expect(w.org.UpdateUser(w.idOf("user000002"), jumpcloudtest.User{"manager": w.idOf("user000001")})).To(BeTrue())
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
		tells(w, object)
		w.Expect(w.org.UserByUsername("user000001")).NotTo(BeNil())
	},
	"More Users deleted that say Suspend than the guard allows": func(w *badWorld) {
		var objects []*v1alpha1.User
		for _, name := range usernames(first(30)...) {
			objects = append(objects, w.userCalled(name, name, withDeletion(v1alpha1.DeletionPolicySuspend)))
		}
		for _, object := range objects {
			isReady(w.world, object)
		}
		for _, object := range objects {
			w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
		}
		w.Eventually(func() int { return len(w.remaining()) }).Should(Equal(20), "ten are always allowed")
		last := w.remaining()[0]
		w.names = append(w.names, last.Name, "user000030")
		tells(w, &last)
	},
}

// remaining returns the Users that still exist.
func (w *badWorld) remaining() []v1alpha1.User {
	w.Helper()
	list := &v1alpha1.UserList{}
	w.Expect(w.list(list)).To(Succeed())
	return list.Items
}
