package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestDeletionWithoutFinalizerIsNoWork(t *testing.T) {
	w := newWorld(t, anImport(deleting), anOrganization())
	w.Expect(w.pass()).To(Equal(reconcile.Result{}))
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.writes).To(BeEmpty())
}

func TestDeletionEndsWithDone(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting), anOrganization())
	w.connect(anOrganization(), organizationID)
	outcome := Progressing(v1alpha1.DeletingReason, "a job is open", time.Second)
	w.actuator.finalize = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session).NotTo(BeNil())
		return outcome
	}
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/Deleting", "Reconciling=True/Deleting"}))
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))

	outcome = done
	w.Expect(w.pass()).To(Equal(reconcile.Result{}))
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(w.actuator.forgotten).NotTo(BeEmpty())
	w.Expect(w.events()).To(BeEmpty())
}

// The cache may still show the finalizer that a pass has just removed.
func TestNothingIsFinalizedTwice(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.finalize = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { return done }
	old := w.get()
	w.pass()
	w.freeze(old)
	w.Expect(w.pass().RequeueAfter).To(BeNumerically("<", time.Second))
	w.Expect(w.actuator.passes).To(Equal(1))
}

func TestDeletionWithoutOrganization(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting))
	w.actuator.finalize = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session).To(BeNil())
		return pass.NoSession
	}
	w.pass()
	w.Expect(apimeta.FindStatusCondition(w.get().Status.Conditions, v1alpha1.ReadyCondition).Message).
		To(And(HavePrefix("Organization identity/acme does not exist: create it."), ContainSubstring(v1alpha1.AbandonAnnotation)))

	w.actuator.finalize = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { return done }
	w.pass()
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}), "nothing to do there never waits")
}

func TestPausedObjectsAreNotFinalized(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting, annotated(v1alpha1.PausedAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))
	w.Expect(shown(w.get().Common())).To(ContainElement("Paused=True/Paused"))
}

func TestAbandonedObjectsGoAtOnce(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting,
		annotated(v1alpha1.PausedAnnotation, "true"), annotated(v1alpha1.AbandonAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(w.transport.calls).To(BeZero())
}

func TestAbandonIsForDeletionOnly(t *testing.T) {
	w := newWorld(t, anImport(finalized, annotated(v1alpha1.AbandonAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))
}
