package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Rows from another namespace than the Organization's may state privileges only with the
// grant. The other rows are not held up.
func TestRowsStatePrivilegesOnlyAsGranted(t *testing.T) {
	lines := []string{"username,email,sudo,ldapBindingUser", "ada,ada@example.org,true,", "chas,chas@example.org,,", "eva,eva@example.org,,false"}
	for name, c := range map[string]struct {
		namespace string
		grant     bool
		failed    int32
	}{
		"at home":              {namespace: "identity"},
		"a tenant":             {namespace: "sales", failed: 2},
		"a tenant, as granted": {namespace: "sales", grant: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lines, func(o *v1alpha1.BulkUserImport) { o.Namespace = c.namespace })
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Privileged = c.grant })
				w.rest()
				w.Expect(w.Get().Status.Summary.Failed).To(Equal(c.failed), w.Describe)
				w.Expect(w.Get().Status.Summary.Created).To(Equal(3 - c.failed))
				if c.failed > 0 {
					failure := w.Get().Status.Failures[0]
					w.Expect(failure.Reason).To(Equal(v1alpha1.ProtectedUserReason))
					w.Expect(failure.Message).To(ContainSubstring("sudo: spec.allowedNamespaces.privileged of Organization identity/acme"))
				}
			})
		})
	}
}

// Rows do not adopt users: a tenant's import changes users that it did not create, without the
// grant that a User object needs for that. The grant of kinds decides whether a tenant may
// have imports.
func TestRowsAboutExistingUsersNeedTheKindOnly(t *testing.T) {
	for name, c := range map[string]struct {
		kinds []string
		ready string
		email string
	}{
		"every kind":   {ready: "True/Succeeded", email: "new@example.org"},
		"imports":      {kinds: []string{"BulkUserImport"}, ready: "True/Succeeded", email: "new@example.org"},
		"another kind": {kinds: []string{"User"}, ready: "False/PermissionDenied", email: "ada@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email", "ada,new@example.org"}, func(o *v1alpha1.BulkUserImport) { o.Namespace = "sales" })
				w.Org.AddUser(map[string]any{"username": "ada", "email": "ada@example.org"})
				w.EditOrganization(func(o *v1alpha1.Organization) {
					o.Spec.AllowedNamespaces.Kinds, o.Spec.AllowedNamespaces.Adopt = c.kinds, false
				})
				w.rest()
				w.ExpectReady(c.ready)
				w.Expect(w.value("ada", "email")).To(Equal(c.email))
			})
		})
	}
}
