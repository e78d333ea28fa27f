package user_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func tenant(o *v1alpha1.User) {
	o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
}

// An object in another namespace than the Organization's may adopt an existing user only as
// granted, and keeps the user only as long as the grant lasts.
func TestATenantAdoptsAUserOnlyAsGranted(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		adopts := func(granted bool) {
			w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Adopt = granted })
			w.Rest()
		}
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(ContainSubstring("spec.allowedNamespaces.adopt of Organization identity/acme"))
		w.Expect(w.Get().Status.ID).To(BeEmpty())
		w.Expect(w.Sent()).To(BeEmpty())

		adopts(true)
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Adopted).To(BeTrue())
		w.Expect(w.live("ada", "department")).To(Equal([]any{"Looms"}))

		adopts(false)
		w.Edit(state(v1alpha1.UserStateSuspended))
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeFalse())
		w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
	}, tenant, working("Looms"), deletion(v1alpha1.DeletionPolicyDelete))
}

// An object in another namespace may state privileges only as granted.
func TestATenantStatesPrivilegesOnlyAsGranted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(ContainSubstring("spec.allowedNamespaces.privileged"))
		w.Expect(w.Org.Users()).To(BeEmpty())
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Privileged = true })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "sudo")).To(Equal([]any{true}))
	}, tenant, func(o *v1alpha1.User) { o.Spec.Sudo = new(true) })
}
