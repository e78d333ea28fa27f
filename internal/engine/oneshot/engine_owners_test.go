package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// A row and a User object about one person would undo each other's changes: the row fails, and
// the others are carried out.
func TestARowAboutTheUserOfAUserObjectFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,department", "ada,ada@example.org,Looms", "new,new@example.org,Looms"})
		id := w.Org.AddUser(map[string]any{"username": "ada", "email": "ada@example.org", "department": "Engines"})
		object := &v1alpha1.User{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "countess"}}
		object.Status.ID, object.Status.Username, object.Status.OrganizationID = id, "ada", w.Org.ID()
		w.Expect(w.API.Create(t.Context(), object)).To(Succeed())
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.Get().Status.Failures).To(ConsistOf(And(
			HaveField("Reason", v1alpha1.RemoteConflictReason), HaveField("Message", ContainSubstring("User identity/countess stands for this user")))))
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeFailed, "new": ledger.OutcomeCreated}))
		w.Expect(w.value("ada", "department")).To(Equal("Engines"))

		w.Expect(w.API.Delete(t.Context(), object)).To(Succeed())
		w.Request()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value("ada", "department")).To(Equal("Looms"))
	})
}

// A User object that may change nothing has nothing that a row could undo.
func TestARowAboutTheUserOfAUserObjectThatMayNotChangeThem(t *testing.T) {
	for name, c := range map[string]struct {
		user         func(*v1alpha1.User)
		organization func(*v1alpha1.Organization)
		fails        bool
	}{
		"it may":                               {fails: true},
		"paused":                               {user: func(u *v1alpha1.User) { u.Annotations = map[string]string{v1alpha1.PausedAnnotation: "true"} }, fails: true},
		"in mode Plan":                         {user: func(u *v1alpha1.User) { u.Spec.Mode = v1alpha1.ModePlan }},
		"beneath an Organization in mode Plan": {user: func(u *v1alpha1.User) { u.Spec.OrganizationRef.Name = "planned" }},
		"of a namespace that is not admitted any more": {
			user:         func(u *v1alpha1.User) { u.Namespace = "sales" },
			organization: func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromSame },
		},
		"that adopted without the grant": {user: func(u *v1alpha1.User) { u.Namespace, u.Status.Adopted = "sales", true }},
		"whose Organization was deleted": {user: func(u *v1alpha1.User) { u.Spec.OrganizationRef.Name = "deleted" }, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email,department", "ada,ada@example.org,Looms"})
				id := w.Org.AddUser(map[string]any{"username": "ada", "email": "ada@example.org", "department": "Engines"})
				planned := w.Organization()
				planned.ObjectMeta = metav1.ObjectMeta{Namespace: planned.Namespace, Name: "planned"}
				planned.Spec.Mode = v1alpha1.ModePlan
				w.Expect(w.API.Create(t.Context(), planned)).To(Succeed())
				object := &v1alpha1.User{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "countess"}}
				object.Spec.OrganizationRef = w.Get().Spec.OrganizationRef
				object.Status.ID, object.Status.Username, object.Status.OrganizationID = id, "ada", w.Org.ID()
				if c.user != nil {
					c.user(object)
				}
				w.Expect(w.API.Create(t.Context(), object)).To(Succeed())
				if c.organization != nil {
					w.EditOrganization(c.organization)
				}
				w.rest()
				if c.fails {
					w.ExpectReady("False/RowsFailed")
					w.Expect(w.value("ada", "department")).To(Equal("Engines"))
					return
				}
				w.ExpectReady("True/Succeeded")
				w.Expect(w.value("ada", "department")).To(Equal("Looms"))
			})
		})
	}
}
