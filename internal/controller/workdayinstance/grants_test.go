package workdayinstance_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// In another namespace than the Organization's, a WorkdayInstance needs the grant of
// privileges, and the grant to adopt if the instance already exists.
func TestATenantHasAWorkdayInstanceOnlyAsGranted(t *testing.T) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant", Name: "workday-isu", UID: "tenant-secret-uid"},
		Data:       map[string][]byte{"username": []byte(isu), "password": []byte(password)},
	}
	const prefix = "spec.allowedNamespaces."
	storyWith(t, []client.Object{object("home", 1), secret}, func(w *world) {
		mine := w.Key
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(HavePrefix(prefix + "privileged of Organization identity/acme does not admit a Workday instance from namespace tenant."))
		w.Expect(w.Sim.History()).To(BeEmpty())

		w.Key = client.ObjectKey{Namespace: "identity", Name: "home"}
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())

		w.Key = mine
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Privileged = true })
		sent := len(w.Sim.MutatingRequests())
		w.Rest()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(HavePrefix(prefix + "adopt of"))
		w.Expect(w.Get().Status.ID).To(BeEmpty())
		w.Expect(w.Sim.MutatingRequests()).To(HaveLen(sent))

		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Adopt = true })
		w.Rest()
		w.Expect(w.Get().Status.Adopted).To(BeTrue())
	}, func(o *v1alpha1.WorkdayInstance) {
		o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
	})
}
