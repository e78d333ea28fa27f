package lifecycle

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestPausedObjects(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	w.change(annotated(v1alpha1.PausedAnnotation, "true"))
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Paused).To(BeTrue())
		pass.Object.Status.RunNumber = 2
		return stalled
	}
	w.pass()
	object := w.get()
	w.Expect(shown(object.Common())).To(Equal([]string{"Ready=True/Succeeded", "Paused=True/Paused"}))
	w.Expect(object.Status.RunNumber).To(Equal(int64(2)), "what was polled is kept")

	w.change(func(o *v1alpha1.BulkUserImport) { delete(o.Annotations, v1alpha1.PausedAnnotation) })
	w.answer(stalled)
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=False/InvalidRows", "Stalled=True/InvalidRows"}))
}

func TestARequestIsEchoedWhenItIsDone(t *testing.T) {
	w := newWorld(t, anImport(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "now")), anOrganization())
	w.connect(anOrganization(), organizationID)
	for _, step := range []struct {
		outcome   Outcome
		requested bool
		echo      string
	}{
		{progressing, true, ""},
		{retrying, true, ""},
		{Failed(&jumpcloud.Error{Class: jumpcloud.RateLimited}), true, ""},
		{stalled, true, "now"},
		{done, false, "now"},
	} {
		w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
			w.Expect(pass.Requested).To(Equal(step.requested))
			return step.outcome
		}
		w.pass()
		w.Expect(w.get().Status.LastHandledReconcileAt).To(Equal(step.echo))
	}

	w.change(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "again"))
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Requested).To(BeTrue())
		pass.AcknowledgeRequest()
		w.Expect(pass.Requested).To(BeFalse())
		return progressing
	}
	w.pass()
	w.Expect(w.get().Status.LastHandledReconcileAt).To(Equal("again"))
}

func TestARequestWaitsForTheOrganization(t *testing.T) {
	w := newWorld(t, anImport(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "now")))
	w.pass()
	w.Expect(w.get().Status.LastHandledReconcileAt).To(BeEmpty())
}
