package run_test

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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestARunMayHaveMoreJobsThanAStatusLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(105))
		w.batches(1)
		w.rest()
		w.expect("True/Succeeded")
		w.Expect(w.org.Jobs()).To(HaveLen(105))
		w.Expect(w.get().Status.Jobs).To(HaveLen(100))
		w.Expect(w.get().Status.Summary.Created).To(BeEquivalentTo(105))
		w.expectEachSentOnce()
	})
}

// Jobs are numbered anew in each run, so that what a person said about a job
// of one run would fit a job of the next.
func TestADecisionIsAboutTheRunInWhichItWasMade(t *testing.T) {
	for _, decision := range []string{"Resubmit", "Abandon"} {
		t.Run(decision, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(2))
				w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				w.rest()
				w.expect("Unknown/JobTimedOut")
				w.annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1="+decision)
				w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
				w.rest()
				w.Expect(w.get().Status.CompletionTime).NotTo(BeNil(), "the first run ended: %s", w.describe())

				jobs := len(w.org.Jobs())
				w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				w.source(append(hires(2), "another,another@example.org,Engines")...)
				w.until(w.sent(jobs + 1))
				w.restart()
				w.rest()
				w.expect("Unknown/JobTimedOut")
				w.resyncs()
				w.expect("Unknown/JobTimedOut")
				w.Expect(w.org.Jobs()).To(HaveLen(jobs + 1))
			})
		})
	}
}

// The process ends at any write after the refusal; what JumpCloud said of the
// job is what its rows say in the end.
func TestRowsOfARejectedJobSayThatItWasRejected(t *testing.T) {
	for death := range 6 {
		t.Run(fmt.Sprintf("death at write %d", death), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(3))
				refusal := w.sim.Script(jumpcloudtest.Fault{
					Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: -1},
					Status: http.StatusBadRequest, Body: `{"message":"no more licences"}`,
				})
				writes := 0
				w.onCall = func(c call, do func() error) error {
					if refusal.Caught() > 0 && c.writes() {
						w.dead = writes == death
						writes++
					}
					if w.dead {
						return errDead
					}
					return do()
				}
				w.rest()
				w.expect("False/SubmissionRejected")
				for username, entry := range w.entries() {
					w.Expect(entry.Reason).To(Equal(v1alpha1.SubmissionRejectedReason), username)
				}
				for _, failure := range w.get().Status.Failures {
					w.Expect(failure.Reason).To(Equal(v1alpha1.SubmissionRejectedReason))
				}
				w.Expect(w.get().Status.Failures).To(HaveLen(3))
				w.Expect(w.org.Jobs()).To(BeEmpty())
			})
		})
	}
}

// Whoever deletes an import and its Organization together must not wait for
// ever: without the Organization nothing can be learned about the job.
func TestADeletionWithoutOrganizationEndsAfterTheJobTimeout(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"accepted": func(*world) {},
		"answer lost": func(w *world) {
			w.sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset, Commit: true,
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(2))
				w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				prepare(w)
				w.until(w.sent(1))
				sentAt := time.Now()
				organization := &v1alpha1.Organization{}
				w.Expect(w.api.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, organization)).To(Succeed())
				w.Expect(w.api.Delete(t.Context(), organization)).To(Succeed())
				w.pool.Remove(client.ObjectKeyFromObject(organization))
				w.Expect(w.api.Delete(t.Context(), w.get())).To(Succeed())

				gone := func() bool {
					return apierrors.IsNotFound(w.api.Get(t.Context(), w.key, &v1alpha1.BulkUserImport{}))
				}
				w.until(gone)
				w.Expect(time.Since(sentAt)).To(And(
					BeNumerically(">=", timing.JobTimeout), BeNumerically("<=", timing.JobTimeout+2*atRest)))
			})
		})
	}
}

func TestANameConflictLeavesNoFinalizer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2))
		foreign := configMap("identity", "hires-import-results-000", map[string]string{"theirs": "stays"})
		w.Expect(w.api.Create(t.Context(), foreign)).To(Succeed())
		for range 2 {
			w.rest()
			w.expect("False/NameConflict")
			w.Expect(w.finalized()).To(BeFalse(), "nothing is open that a deletion would have to wait for")
			w.restart()
		}
		w.Expect(w.get().Status.StartTime).To(BeNil())
		w.Expect(w.org.Jobs()).To(BeEmpty())
		w.Expect(w.api.Get(t.Context(), client.ObjectKeyFromObject(foreign), foreign)).To(Succeed())
		w.Expect(foreign.Data).To(Equal(map[string]string{"theirs": "stays"}))

		w.Expect(w.api.Delete(t.Context(), foreign)).To(Succeed())
		w.rest()
		w.expect("True/Succeeded")
		w.Expect(w.finalized()).To(BeFalse())
	})
}

// Somebody else may create a user after a row was planned. Who restarts looks
// at the directory again before the row's job is sent, and must not take for
// its own what it finds.
func TestUsersWhomSomebodyElseCreatedAreNotReportedAsCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(5))
		w.batches(2)
		w.until(w.sent(1))
		w.org.AddUser(jumpcloudtest.User{"username": hire(3), "email": hire(3) + "@example.org", "department": "Engines"})
		w.org.AddUser(jumpcloudtest.User{"username": hire(4), "email": hire(4) + "@example.org", "department": "Elsewhere"})
		w.restart()
		w.rest()
		w.expect("True/Succeeded")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{
			hire(1): ledger.OutcomeCreated, hire(2): ledger.OutcomeCreated,
			hire(3): ledger.OutcomeUnchanged, hire(4): ledger.OutcomeUpdated, hire(5): ledger.OutcomeCreated,
		}))
		w.Expect(w.value(hire(4), "department")).To(Equal("Engines"))
		summary := w.get().Status.Summary
		w.Expect(summary.Created).To(BeEquivalentTo(3))
		w.Expect(summary.Updated).To(BeEquivalentTo(1))
		w.Expect(summary.Unchanged).To(BeEquivalentTo(1))
	})
}
