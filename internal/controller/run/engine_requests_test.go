package run_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A person who corrects a user by hand, and asks for another look, sees that
// all is well.
func TestARequestAfterAFailureThatMendedItselfSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: hire(2), StatusMsg: "no"})
		w.rest()
		w.expect("False/RowsFailed")
		w.org.AddUser(jumpcloudtest.User{"username": hire(2), "email": hire(2) + "@example.org", "department": "Engines"})
		w.resyncs()
		w.expect("False/RowsFailed")
		w.request()
		w.rest()
		w.expect("True/Succeeded")
		status := w.get().Status
		w.Expect(status.Summary.Failed).To(BeZero())
		w.Expect(status.Failures).To(BeEmpty())
		w.Expect(w.org.Jobs()).To(HaveLen(1))
		w.resyncs()
		w.expect("True/Succeeded")
	})
}

func TestARequestWhilePausedIsCarriedOutLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		w.rest()
		w.expect("True/Succeeded")
		w.console(hire(1), jumpcloudtest.User{"department": "Elsewhere"})
		w.edit(func(o *v1alpha1.BulkUserImport) {
			metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.PausedAnnotation, "true")
			metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, "now")
		})
		w.rest()
		w.resyncs()
		w.Expect(w.get().Status.LastHandledReconcileAt).To(BeEmpty(), "it was not carried out")
		w.Expect(w.org.Jobs()).To(HaveLen(1))

		w.edit(func(o *v1alpha1.BulkUserImport) { delete(o.Annotations, v1alpha1.PausedAnnotation) })
		w.rest()
		w.expect("True/Succeeded")
		w.Expect(w.value(hire(1), "department")).To(Equal("Engines"))
		w.Expect(w.get().Status.LastHandledReconcileAt).To(Equal("now"))
	})
}
