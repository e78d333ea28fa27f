package scheduleduserstate_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// approve lets the object come to rest and approves what it plans then.
func (w *world) approve() {
	w.T.Helper()
	w.Rest()
	hash := w.Get().Status.Plan.Hash
	w.edit(func(s *spec) { s.ApprovedPlan = hash })
}

// moved is a story in which another date than the scheduled one was declared and approved, and
// is about to be sent.
func moved(t *testing.T, tell func(w *world), changes ...func(*spec)) {
	t.Helper()
	story(t, func(w *world) {
		w.approve()
		w.Rest()
		w.Expect(w.pending()).To(HaveLen(1))
		w.edit(starts(30 * time.Hour))
		w.approve()
		tell(w)
	}, append(changes, mode(v1alpha1.ModeApplyAfterApproval))...)
}

// The cancellation was approved together with the job's replacement. If that needs another
// approval, the job stays until then.
func TestAnApprovedCancellationWaitsForWhatReplacesTheJob(t *testing.T) {
	moved(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts, Times: 1}, Status: http.StatusBadRequest})
		w.Until(func() bool { return len(w.Sent()) == 2 })
		w.hire("joan") // so that another job is to be scheduled than was approved
		w.Resync()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
		w.Expect(w.Get().Status.Plan.Withheld).To(BeEquivalentTo(2))
		w.approve()
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(HaveLen(1))
	}, users("ada", "chas", "joan"))
}

// Abandoning the replacement of a job does not give up the job.
func TestAJobStaysWhereWhatReplacesItWasAbandoned(t *testing.T) {
	moved(t, func(w *world) {
		w.lose(3, false)
		w.Until(func() bool {
			return w.Condition(v1alpha1.StalledCondition).Reason == v1alpha1.SubmissionOutcomeUnknownReason
		})
		s := w.Get().Status.Submission
		w.Annotate(v1alpha1.ResolveSubmissionAnnotation, fmt.Sprintf("%d/%d=Abandon", s.Index, s.Attempt))
		w.Rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
	})
}

// A request stands until the object is at rest: what always comes to nothing must not be sent
// in every pass.
func TestARequestIsGoodForOneTry(t *testing.T) {
	story(t, func(w *world) {
		wrong := w.others("SUSPENDED", w.start.Add(time.Hour), "ada", "chas")
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts, Times: 10}, Status: http.StatusCreated,
			Body: fmt.Sprintf(`[{"scheduledJobId":%q,"systemUserId":%q,"scheduledDate":%q,"state":"SUSPENDED"}]`,
				wrong, w.ids["ada"], w.start.Add(time.Hour).Format(time.RFC3339)),
		})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.sleep(time.Minute)
		w.Sim.ForgetHistory()
		w.Request()
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodDelete}))
		w.Sim.ForgetHistory() // the job was made to look like an answer
	})
}

// JumpCloud schedules the same job twice if asked to.
func TestManyLikeJobsOfOthersFitIntoTheStatus(t *testing.T) {
	story(t, func(w *world) {
		const people, jobs, idLength = 200, 30, 25
		names := make([]string, people)
		for i := range names {
			names[i] = fmt.Sprintf("person%d", i)
			w.hire(names[i])
		}
		w.edit(users(names...))
		for range jobs {
			w.others("SUSPENDED", w.start, names...)
		}
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Get().Status.Jobs).To(HaveLen(jobs))
		size := 0
		for _, job := range w.Get().Status.Jobs {
			w.Expect(job.Users).To(BeEquivalentTo(people))
			size += len(job.UserIDs)
		}
		w.Expect(size).To(BeNumerically("<=", people*idLength))
		// Their time comes, and no user changes.
		for _, job := range w.Org.ScheduledJobs() {
			w.Expect(w.Org.RemoveScheduledJob(job.ID)).To(BeTrue())
		}
		w.sleep(25 * time.Hour)
		w.Rest()
		w.ExpectReady("False/ScheduleMissed")
	})
}
