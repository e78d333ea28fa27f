package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Mode Plan stops an open run between its jobs, and mode Apply lets it continue.
func TestModePlanStopsAnOpenRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(4))
		w.batches(2)
		w.Until(w.sent(1))
		w.Edit(setMode(v1alpha1.ModePlan))
		w.Pass()
		w.Expect(w.Finalized()).To(BeTrue(), "a deletion waits for the job that is open")
		w.rest()
		w.ExpectReady("False/PlanOnly")
		w.Expect(w.Finalized()).To(BeFalse(), "no job is open")
		w.resyncs()
		w.ExpectReady("False/PlanOnly")
		w.Expect(w.Finalized()).To(BeFalse())
		w.Expect(w.Org.CountUsers()).To(Equal(2))

		w.Edit(setMode(v1alpha1.ModeApply))
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.CountUsers()).To(Equal(4))
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(4))
		w.Expect(w.Finalized()).To(BeFalse())
		w.expectEachSentOnce()
	})
}

// A run that has nothing more to send also ends in mode Plan.
func TestModePlanLetsAFinishedRunFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(3))
		w.Until(w.sent(1))
		w.Edit(setMode(v1alpha1.ModePlan))
		w.rest()
		status := w.Get().Status
		w.Expect(status.CompletionTime).NotTo(BeNil(), w.Describe)
		w.Expect(status.Summary.Created).To(BeEquivalentTo(3))
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Finalized()).To(BeFalse())
		w.resyncs()
		w.ExpectReady("True/Succeeded")
		w.expectEachSentOnce()
	})
}

func setMode(mode v1alpha1.Mode) func(*v1alpha1.BulkUserImport) {
	return func(o *v1alpha1.BulkUserImport) { o.Spec.Mode = mode }
}
