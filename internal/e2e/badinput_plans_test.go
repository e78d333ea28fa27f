package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// badPlans are plans that are not carried out as they are.
var badPlans = map[string]func(*badWorld){
	"An approval of another plan": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{
			Mode: v1alpha1.ModeApplyAfterApproval, ApprovedPlan: "sha256:" + strings.Repeat("0", 64),
		}, people(3)...)
		w.refused()
	},
	"30 suspensions in one file": func(w *badWorld) {
		lines := []string{"username,email,state"}
		for i := 1; i <= 30; i++ {
			lines = append(lines, fmt.Sprintf("user%06d,user%06d@example.org,Suspended", i, i))
		}
		w.hires(v1alpha1.BulkUserImportSpec{StateOnUpdate: v1alpha1.StateOnUpdateApply}, lines...)
		waiting := w.refused()
		w.change("hires", func(i *v1alpha1.BulkUserImport) { i.Spec.ApprovedPlan = waiting.Status.Plan.Hash })
		w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("30 users: 30 updated"))
		w.Expect(w.org.Users()).To(ContainElements(HaveKeyWithValue("state", "SUSPENDED")))
	},
	"An Organization that only observes": func(w *badWorld) {
		w.readerOf(w.org.ID())
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Credentials, o.Spec.ReadCredentials = nil, reader() })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.refused()
	},
	"An Organization in mode Plan": func(w *badWorld) {
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.refused()
	},
	"A ConfigMap of somebody else where the results would be": func(w *badWorld) {
		somebodys := &corev1.ConfigMap{ObjectMeta: w.meta("hires-import-results-000"), Data: map[string]string{"mine": "yes"}}
		w.create(somebodys)
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.refused()
		w.Expect(get(w.world, &corev1.ConfigMap{}, somebodys.Name).Data).To(Equal(somebodys.Data))
		w.Expect(plane.Client.Delete(w.Context(), somebodys)).To(Succeed())
		w.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "free")
		w.await("hires", v1alpha1.SucceededReason)
	},
}
