package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Rows of another namespace than the Organization's state privileges only with
// the grant. The others go on.
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
				w.Expect(w.Get().Status.Summary.Failed).To(Equal(c.failed), w.Describe())
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
