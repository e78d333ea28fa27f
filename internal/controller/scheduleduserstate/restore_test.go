package scheduleduserstate_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// loseStatus restores the object as from a backup, which has no status.
func (w *world) loseStatus() {
	w.T.Helper()
	o := w.Get()
	o.Status = v1alpha1.ScheduledUserStateStatus{}
	w.Expect(w.API.Status().Update(w.T.Context(), o)).To(Succeed())
	w.Restart()
}

// Jobs of an object that lost its status would suspend people on a day that no manifest names
// any more: the object reports them, and takes them over when asked.
func TestAfterARestoreTheJobsAreTakenOver(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		job := w.Get().Status.Jobs[0].ScheduledJobID
		w.loseStatus()
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(HaveLen(1), "nobody is scheduled twice")
		w.Expect(w.Message()).To(And(ContainSubstring("2 by jobs of others: "+job), ContainSubstring(v1alpha1.AdoptAnnotation)))
		w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeTrue())

		w.Annotate(v1alpha1.AdoptAnnotation, "true")
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Message()).NotTo(ContainSubstring(job))
		w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
		w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeFalse())
		w.Expect(w.Finalized()).To(BeTrue(), "it has something to cancel")

		w.edit(starts(30 * time.Hour))
		later := time.Now().Add(30 * time.Hour)
		w.Rest()
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", later, "ada", "chas")))
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(BeEmpty())
	})
}

// The date may have changed before the annotation is set.
func TestARestoredJobOfAFormerDateIsCancelledOnceItIsTakenOver(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.loseStatus()
		w.Rest()
		w.Annotate(v1alpha1.AdoptAnnotation, "true")
		w.edit(starts(30 * time.Hour))
		later := time.Now().Add(30 * time.Hour)
		w.Rest()
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", later, "ada", "chas")))
	})
}

// A job is deleted as a whole, so one with other users is not taken over.
func TestAJobWithOtherUsersIsNotTakenOver(t *testing.T) {
	story(t, func(w *world) {
		w.others("SUSPENDED", w.start, "ada", "grace")
		w.Rest()
		w.Annotate(v1alpha1.AdoptAnnotation, "true")
		w.Rest()
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(ConsistOf("(" + scheduled("SUSPENDED", w.start, "ada", "grace") + ")"))
	})
}
