package e2e

import (
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// abroad continues the story in another namespace than the Organization's, which the
// Organization admits, and returns the reference to the Organization.
func (w *badWorld) abroad(grants ...func(*v1alpha1.OrganizationSpec)) v1alpha1.OrganizationReference {
	w.Helper()
	w.changeOrganization(func(o *v1alpha1.Organization) {
		o.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll
		for _, grant := range grants {
			grant(&o.Spec)
		}
	})
	home := w.namespace
	w.namespace = plane.Namespace(w.TB)
	w.names = append(w.names, home, "identity", w.namespace, "people")
	return v1alpha1.OrganizationReference{Name: "acme", Namespace: home}
}

// badTenantGroup creates a group in another namespace and waits until it has the promised
// condition. Nothing may be sent.
func (w *badWorld) badTenantGroup(attributes *v1alpha1.GroupAttributes, grants ...func(*v1alpha1.OrganizationSpec)) {
	w.Helper()
	group := &v1alpha1.UserGroup{Spec: v1alpha1.UserGroupSpec{OrganizationRef: w.abroad(grants...), Attributes: attributes}}
	group.ObjectMeta = w.meta("engineers")
	w.create(group)
	tells(w, group)
	w.Expect(w.mutations()).To(BeZero())
}

// badTenants are objects that need more than the Organization grants to other namespaces.
var badTenants = map[string]func(*badWorld){
	"A group that exists, from another namespace": func(w *badWorld) {
		w.there(jumpcloudtest.UserGroup{"name": "engineers"})
		w.badTenantGroup(nil)
	},
	"A group with sudo, from another namespace": func(w *badWorld) {
		w.badTenantGroup(&v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: true, WithoutPassword: true}})
	},
	"A group whose name is not granted": func(w *badWorld) {
		w.badTenantGroup(nil, func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Groups = []string{"people-*"} })
	},
	"A protected group, from another namespace": func(w *badWorld) {
		w.badTenantGroup(nil, func(s *v1alpha1.OrganizationSpec) { s.ProtectedGroups = []string{"eng*"} })
	},
	"A kind that is not granted": func(w *badWorld) {
		w.badTenantGroup(nil, func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Kinds = []string{"BulkUserImport"} })
	},
	"A device, from another namespace": func(w *badWorld) {
		phone := &v1alpha1.PushEndpoint{Spec: ofFirst(v1alpha1.PushEndpointSpec{})}
		phone.Spec.OrganizationRef = w.abroad()
		phone.ObjectMeta = w.meta("phone")
		w.create(phone)
		tells(w, phone)
	},
	"A connection to Workday, from another namespace": func(w *badWorld) {
		instance := &v1alpha1.WorkdayInstance{Spec: v1alpha1.WorkdayInstanceSpec{
			OrganizationRef: w.abroad(), ReportURL: "https://wd.workday.com/report?format=json",
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "workday"},
		}}
		instance.ObjectMeta = w.meta("workday")
		w.create(instance)
		tells(w, instance)
		w.Expect(w.mutations()).To(BeZero())
	},
}
