package scheduleduserstate_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// If the CRD does not keep what announces a submission, nothing is sent until it does:
// whatever was sent is known to be ours.
func TestWhatIsNotKeptIsNotSent(t *testing.T) {
	for _, field := range []string{"status.submission", "status.submission.digest", "status.submission.intendedAt", "status.submission.userIDs"} {
		t.Run(field, func(t *testing.T) {
			story(t, func(w *world) {
				w.Lacking = []string{field}
				for range 2 {
					w.Until(w.outdated)
					w.Expect(w.Message()).To(HavePrefix("The CRD scheduleduserstates.jumpcloud-operator.io is older than this operator: it has no " + field + ". "))
					version, events := w.Get().ResourceVersion, len(w.Events)
					passes := 0
					w.Until(func() bool { passes++; return passes == 10 })
					w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written again and again")
					w.Expect(w.Events).To(HaveLen(events))
					w.Restart()
				}
				w.Expect(w.Sent()).To(BeEmpty())

				w.Lacking = nil
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.expectOneOfOurs()
			})
		})
	}
}

// The announcement keeps what an answer says if the rest of the status cannot.
func TestAnAnswerThatIsNotKeptWhole(t *testing.T) {
	for _, field := range []string{"status.jobs", "status.submission.jobID", "status.submission.submittedAt"} {
		for _, restarts := range []bool{false, true} {
			t.Run(field, func(t *testing.T) {
				story(t, func(w *world) {
					w.Lacking = []string{field}
					w.Until(w.outdated)
					w.Expect(w.Sent()).To(HaveLen(1))
					w.Lacking = nil
					if restarts {
						w.Restart()
					}
					w.Rest()
					w.ExpectReady("True/Scheduled")
					w.expectOneOfOurs()
				})
			})
		}
	}
}

// A deletion waits for the CRD, too, unless the object is abandoned.
func TestDeletionWaitsForTheCRD(t *testing.T) {
	for _, abandoned := range []bool{false, true} {
		story(t, func(w *world) {
			w.Rest()
			w.Lacking = []string{"status.submission"}
			w.edit(users("ada", "chas", "grace"))
			w.Until(w.outdated)
			w.Delete()
			w.Pass()
			w.Expect(w.Gone()).To(BeFalse())
			if abandoned {
				w.Annotate(v1alpha1.AbandonAnnotation, "true")
				w.Pass()
				w.Expect(w.pending()).To(HaveLen(1))
			} else {
				w.Lacking = nil
				w.Until(w.Gone)
				w.Expect(w.pending()).To(BeEmpty())
			}
			w.Expect(w.Gone()).To(BeTrue())
		})
	}
}

func (w *world) outdated() bool {
	return w.Condition(v1alpha1.StalledCondition).Reason == v1alpha1.SchemaOutdatedReason
}

func (w *world) expectOneOfOurs() {
	w.T.Helper()
	w.Expect(w.Sent()).To(HaveLen(1))
	w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
	w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeFalse(), "it is ours")
}
