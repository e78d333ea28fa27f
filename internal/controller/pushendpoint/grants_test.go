package pushendpoint_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func tenant(o *v1alpha1.PushEndpoint) {
	o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
}

// A device exists before its object, so an object in another namespace than the Organization's
// needs the grant to adopt.
func TestATenantAdoptsADeviceOnlyAsGranted(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.ForgetHistory()
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(HavePrefix("spec.allowedNamespaces.adopt of Organization identity/acme does not admit " +
			"the adoption of what exists at JumpCloud from namespace tenant. Nothing is sent."))
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Expect(w.Finalized()).To(BeFalse())

		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Adopt = true })
		w.Rest()
		w.ExpectReady("True/UpToDate")
	}, tenant, deactivated, deletes)
}

// An older object that names the same device in another way learns that only from JumpCloud.
// It does not take the device from the object that has it, however often it looks.
func TestWhoHasADeviceKeepsIt(t *testing.T) {
	younger := object("younger", 1, func(o *v1alpha1.PushEndpoint) { o.Spec.User = v1alpha1.UserReference{Email: "ada@example.org"} })
	storyWith(t, []client.Object{younger}, func(w *world) {
		w.Key.Name = "younger"
		w.Rest()
		w.ExpectReady("True/UpToDate")
		for range 3 {
			w.Key.Name = "phone"
			w.Resync()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(ContainSubstring("PushEndpoint identity/younger already stands for"))
			w.Expect(w.Get().Status.ID).To(BeEmpty())
			w.Key.Name = "younger"
			w.Resync()
			w.ExpectReady("True/UpToDate")
		}
		w.Expect(w.Sent()).To(BeEmpty())
	}, deactivated)
}
