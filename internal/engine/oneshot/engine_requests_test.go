package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A person corrects a user by hand and requests another look: the run then succeeds.
func TestARequestAfterAFailureThatMendedItselfSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(2), StatusMsg: "no"})
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Org.AddUser(jumpcloudtest.User{"username": hire(2), "email": hire(2) + "@example.org", "department": "Engines"})
		w.resyncs()
		w.ExpectReady("False/RowsFailed")
		w.Request()
		w.rest()
		w.ExpectReady("True/Succeeded")
		status := w.Get().Status
		w.Expect(status.Summary.Failed).To(BeZero())
		w.Expect(status.Failures).To(BeEmpty())
		w.Expect(w.Org.Jobs()).To(HaveLen(1))
		w.resyncs()
		w.ExpectReady("True/Succeeded")
	})
}

func TestARequestWhilePausedIsCarriedOutLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.console(hire(1), jumpcloudtest.User{"department": "Elsewhere"})
		w.Edit(func(o *v1alpha1.BulkUserImport) {
			metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.PausedAnnotation, "true")
			metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "now")
		})
		w.rest()
		w.resyncs()
		w.Expect(w.Get().Status.LastHandledReconcileAt).To(BeEmpty(), "it was not carried out")
		w.Expect(w.Org.Jobs()).To(HaveLen(1))

		w.Edit(func(o *v1alpha1.BulkUserImport) { delete(o.Annotations, v1alpha1.PausedAnnotation) })
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value(hire(1), "department")).To(Equal("Engines"))
		w.Expect(w.Get().Status.LastHandledReconcileAt).To(Equal("now"))
	})
}
