package oneshot_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestARunMayHaveMoreJobsThanAStatusLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(105))
		w.batches(1)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.Jobs()).To(HaveLen(105))
		w.Expect(w.Get().Status.Jobs).To(HaveLen(100))
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(105))
		w.expectEachSentOnce()
	})
}

// Each run numbers its jobs again, so that a decision about a job of one run would fit a job
// of the next.
func TestADecisionIsAboutTheRunInWhichItWasMade(t *testing.T) {
	for _, decision := range []string{"Resubmit", "Abandon"} {
		t.Run(decision, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(2))
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				w.rest()
				w.ExpectReady("Unknown/JobTimedOut")
				w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1="+decision)
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
				w.rest()
				w.Expect(w.Get().Status.CompletionTime).NotTo(BeNil(), w.About("the first run ended"))

				jobs := len(w.Org.Jobs())
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				w.source(append(hires(2), "another,another@example.org,Engines")...)
				w.Until(w.sent(jobs + 1))
				w.Restart()
				w.rest()
				w.ExpectReady("Unknown/JobTimedOut")
				w.resyncs()
				w.ExpectReady("Unknown/JobTimedOut")
				w.Expect(w.Org.Jobs()).To(HaveLen(jobs + 1))
			})
		})
	}
}

// The process ends at any write after the refusal; in the end the rows report what JumpCloud
// said about the job.
func TestRowsOfARejectedJobSayThatItWasRejected(t *testing.T) {
	for death := range 6 {
		t.Run(fmt.Sprintf("death at write %d", death), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(3))
				refusal := w.Sim.Script(jumpcloudtest.Fault{
					Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: -1},
					Status: http.StatusBadRequest, Body: `{"message":"no more licences"}`,
				})
				writes := 0
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if refusal.Caught() > 0 && c.Writes() {
						w.Dead = writes == death
						writes++
					}
					if w.Dead {
						return enginetest.ErrDead
					}
					return do()
				}
				w.rest()
				w.ExpectReady("False/SubmissionRejected")
				for username, entry := range w.entries() {
					w.Expect(entry.Reason).To(Equal(v1alpha1.SubmissionRejectedReason), username)
				}
				for _, failure := range w.Get().Status.Failures {
					w.Expect(failure.Reason).To(Equal(v1alpha1.SubmissionRejectedReason))
				}
				w.Expect(w.Get().Status.Failures).To(HaveLen(3))
				w.Expect(w.Org.Jobs()).To(BeEmpty())
			})
		})
	}
}

// An import that is deleted together with its Organization must not wait forever: without the
// Organization, nothing can be learned about the job.
func TestADeletionWithoutOrganizationEnds(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"accepted": func(*world) {},
		"answer lost": func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(2))
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				prepare(w)
				w.Until(w.sent(1))
				sentAt := time.Now()
				organization := &v1alpha1.Organization{}
				w.Expect(w.API.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, organization)).To(Succeed())
				w.Expect(w.API.Delete(t.Context(), organization)).To(Succeed())
				w.Pool.Remove(client.ObjectKeyFromObject(organization))
				w.Expect(w.API.Delete(t.Context(), w.Get())).To(Succeed())

				gone := func() bool {
					return apierrors.IsNotFound(w.API.Get(t.Context(), w.Key, &v1alpha1.BulkUserImport{}))
				}
				w.Until(gone)
				w.Expect(time.Since(sentAt)).To(And(
					BeNumerically(">=", timing.JobTimeout), BeNumerically("<=", timing.JobTimeout+2*enginetest.AtRest)))
			})
		})
	}
}

func TestANameConflictLeavesNoFinalizer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		foreign := configMap("identity", "hires-import-results-000", map[string]string{"theirs": "stays"})
		w.Expect(w.API.Create(t.Context(), foreign)).To(Succeed())
		for range 2 {
			w.rest()
			w.ExpectReady("False/NameConflict")
			w.Expect(w.Finalized()).To(BeFalse(), "nothing is open that a deletion would have to wait for")
			w.Restart()
		}
		w.Expect(w.Get().Status.StartTime).To(BeNil())
		w.Expect(w.Org.Jobs()).To(BeEmpty())
		w.Expect(w.API.Get(t.Context(), client.ObjectKeyFromObject(foreign), foreign)).To(Succeed())
		w.Expect(foreign.Data).To(Equal(map[string]string{"theirs": "stays"}))

		w.Expect(w.API.Delete(t.Context(), foreign)).To(Succeed())
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Finalized()).To(BeFalse())
	})
}

// Somebody else may create a user after a row was planned. A process that restarts looks at
// the directory again before the row's job is sent, and must not claim what it finds.
func TestUsersOfOthersAreNotReportedAsCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(5))
		w.batches(2)
		w.Until(w.sent(1))
		w.Org.AddUser(jumpcloudtest.User{"username": hire(3), "email": hire(3) + "@example.org", "department": "Engines"})
		w.Org.AddUser(jumpcloudtest.User{"username": hire(4), "email": hire(4) + "@example.org", "department": "Elsewhere"})
		w.Restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{
			hire(1): ledger.OutcomeCreated, hire(2): ledger.OutcomeCreated,
			hire(3): ledger.OutcomeUnchanged, hire(4): ledger.OutcomeUpdated, hire(5): ledger.OutcomeCreated,
		}))
		w.Expect(w.value(hire(4), "department")).To(Equal("Engines"))
		summary := w.Get().Status.Summary
		w.Expect(summary.Created).To(BeEquivalentTo(3))
		w.Expect(summary.Updated).To(BeEquivalentTo(1))
		w.Expect(summary.Unchanged).To(BeEquivalentTo(1))
	})
}
