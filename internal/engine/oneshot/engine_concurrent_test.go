package oneshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// concurrentJobs lets this many jobs run side by side, each with this many rows.
func (w *world) concurrentJobs(jobs, rows int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Limits.ConcurrentJobs, o.Spec.Limits.BulkBatchSize = jobs, rows
	})
}

// jobsTake sets how long jobs take at JumpCloud.
func (w *world) jobsTake(d time.Duration) {
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = d })
}

// overlap returns how many jobs were open at JumpCloud at the same time at most, and reports
// whether jobs of two kinds were.
func (w *world) overlap() (most int, mixed bool) {
	jobs := w.Org.Jobs()
	for _, at := range jobs {
		open := 0
		for _, j := range jobs {
			if j.AcceptedAt.After(at.AcceptedAt) || !j.EndedAt.IsZero() && !j.EndedAt.After(at.AcceptedAt) {
				continue
			}
			open++
			mixed = mixed || j.Kind != at.Kind
		}
		most = max(most, open)
	}
	return most, mixed
}

// polls counts requests for results.
func (w *world) polls() (n int) {
	for _, r := range w.Sim.History() {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/results") {
			n++
		}
	}
	return n
}

func TestJobsRunSideBySide(t *testing.T) {
	for _, limit := range []int32{1, 2, 4, 8} {
		t.Run(fmt.Sprintf("limit %d", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(24))
				w.concurrentJobs(limit, 2)
				w.jobsTake(2 * time.Minute)
				began := time.Now()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectEachSentOnce()
				most, _ := w.overlap()
				w.Expect(most).To(BeEquivalentTo(limit))
				rounds := (12 + limit - 1) / limit
				w.Expect(time.Since(began)).To(BeNumerically("<", time.Duration(rounds)*(2*time.Minute+20*time.Second)))
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(24))
			})
		})
	}
}

// Polls cost requests: a job beside others is not polled more often than one alone.
func TestJobsSideBySideAreNotPolledMoreOften(t *testing.T) {
	polls := map[int32]int{}
	for _, limit := range []int32{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(16))
			w.concurrentJobs(limit, 2)
			w.jobsTake(2 * time.Second)
			w.rest()
			w.ExpectReady("True/Succeeded")
			polls[limit] = w.polls()
		})
	}
	NewWithT(t).Expect(polls[4]).To(And(BeNumerically(">", 0), BeNumerically("<=", polls[1]+8)), "%v", polls)
}

func TestCreatesEndBeforeUpdatesBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(hires(5), moves(5)[1:]...))
		w.Org.Generate(10)
		w.concurrentJobs(8, 1)
		w.jobsTake(time.Minute)
		w.rest()
		w.ExpectReady("True/Succeeded")
		most, mixed := w.overlap()
		w.Expect(most).To(Equal(5))
		w.Expect(mixed).To(BeFalse(), "creates and updates at the same time")
		w.Expect(w.Org.Jobs()[4].Kind).To(Equal(jumpcloudtest.JobCreate))
		w.Expect(w.Org.Jobs()[5].Kind).To(Equal(jumpcloudtest.JobUpdate))
	})
}

// The outcome of the second job is unknown: no other job is begun, the open ones are followed
// to their end, and the second is not sent again while one of them runs, because it may be
// queued behind that one.
func TestAfterALostAnswerNoJobIsBegun(t *testing.T) {
	for name, arrived := range map[string]bool{"accepted": true, "never arrived": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(8))
				w.concurrentJobs(3, 2)
				w.jobsTake(10 * time.Minute)
				w.Until(w.sent(1))
				w.Lose(http.MethodPost, "/api/v2/bulk/users", arrived)
				accepted := len(w.Org.Jobs())
				w.Until(func() bool { return len(w.Get().Status.Jobs) == 2 })
				w.Expect(w.Describe()).To(ContainSubstring("answer to job 2, attempt 1"))
				w.Until(func() bool { return w.Get().Status.Jobs[0].State == v1alpha1.JobFinished })
				if arrived {
					accepted++
				}
				w.Expect(w.Org.Jobs()).To(HaveLen(accepted), "nothing was begun meanwhile")
				w.complete()
				w.ExpectReady("True/Succeeded")
				w.expectEachSentOnce()
			})
		})
	}
}

// JumpCloud runs the jobs one after another, although the limit says otherwise. The job whose
// answer was lost waits behind others for longer than any absence proves, and is not sent
// again.
func TestJobsThatAreQueuedAreNotSentAgain(t *testing.T) {
	for lost := range 3 {
		t.Run(fmt.Sprintf("job %d is lost", lost+1), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(8))
				w.concurrentJobs(3, 2)
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration, b.JobsInTurn = 5*time.Minute, lost > 0 })
				if lost == 0 {
					// No open job shows how long a job takes: jobs are quick.
					w.jobsTake(20 * time.Second)
				}
				if lost > 0 {
					w.Until(w.sent(lost))
				}
				w.Lose(http.MethodPost, "/api/v2/bulk/users", true)
				w.complete()
				w.ExpectReady("True/Succeeded")
				w.expectEachSentOnce()
				w.Expect(w.Org.Jobs()).To(HaveLen(4))
			})
		})
	}
}

func TestBesideAJobThatTimesOutOthersAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(8))
		w.concurrentJobs(3, 2)
		w.jobsTake(50 * time.Minute)
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(1), Record: jumpcloudtest.RecordPending})
		w.Until(w.sent(1))
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		sent := time.Now()
		w.Until(func() bool { return time.Since(sent) > 20*time.Minute })
		w.Annotate(v1alpha1.PausedAnnotation, "false")
		w.Until(w.sent(3)) // they run for longer than the first one may
		w.rest()
		w.ExpectReady("Unknown/JobTimedOut")
		states := []v1alpha1.JobState{}
		for _, job := range w.Get().Status.Jobs {
			states = append(states, job.State)
		}
		w.Expect(states).To(Equal([]v1alpha1.JobState{v1alpha1.JobTimedOut, v1alpha1.JobFinished, v1alpha1.JobFinished}))
		w.Expect(w.Org.Jobs()).To(HaveLen(3), "no other is begun")

		w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1=Abandon")
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.expectEachSentOnce()
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(7))
		w.Expect(w.outcomes()).To(HaveKeyWithValue(hire(1), ledger.OutcomeFailed))
	})
}

// An object that is deleted waits for all its jobs, and nothing more is sent.
func TestADeletionWaitsForAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(8))
		w.concurrentJobs(3, 2)
		w.jobsTake(10 * time.Minute)
		w.Until(w.sent(3))
		w.Expect(w.API.Delete(t.Context(), w.Get())).To(Succeed())
		w.Pass()
		w.Expect(w.Describe()).To(ContainSubstring("The deletion waits for the open jobs"))
		w.Until(w.Gone)
		for _, job := range w.Org.Jobs() {
			w.Expect(job.EndedAt).NotTo(BeZero(), "it ended before the object went")
		}
		w.Expect(w.Org.Jobs()).To(HaveLen(3))
	})
}

// Whatever keeps the next job from being sent, the open ones are followed on time, and the
// finalizer stays until they have ended.
func TestWhatKeepsTheNextJobKeepsNoOpenOne(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		told   string
	}{
		"paused":    {func(w *world) { w.Annotate(v1alpha1.PausedAnnotation, "true") }, "Paused=True"},
		"mode Plan": {func(w *world) { w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Mode = v1alpha1.ModePlan }) }, "PlanOnly: The mode is Plan now"},
		"may not write": {func(w *world) {
			w.Unwritable = "the key may only read"
			w.Connect()
		}, "OrganizationNotReady"},
		"forbidden": {func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{
				Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: -1},
				Status: http.StatusForbidden, Body: `{"message":"no"}`,
			})
		}, "PermissionDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(8))
				w.concurrentJobs(3, 2)
				w.jobsTake(3 * time.Minute)
				w.Until(w.sent(1))
				c.change(w)
				finished := func() bool { return w.Get().Status.Jobs[0].State == v1alpha1.JobFinished }
				for !finished() {
					w.Expect(w.Finalized()).To(BeTrue())
					w.Pass()
					if !finished() {
						w.Expect(w.After).To(BeNumerically("<=", 20*time.Second), w.Describe)
						<-time.After(w.After)
					}
				}
				w.rest()
				w.Expect(w.Org.Jobs()).To(HaveLen(1))
				w.Expect(time.Since(w.Org.Jobs()[0].EndedAt)).To(BeNumerically("<", time.Minute))
				w.Expect(w.Describe()).To(ContainSubstring(c.told))
			})
		})
	}
}

// A source changes while jobs run side by side: the jobs end, and the rest belongs to another
// run.
func TestASourceChangesWhileJobsRunSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(8))
		w.concurrentJobs(3, 2)
		w.jobsTake(time.Minute)
		w.Until(w.sent(2))
		w.source(hires(5)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectEachSentOnce()
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(1))
		w.Expect(w.Get().Status.Summary.Unchanged).To(BeEquivalentTo(4))
	})
}

// A restart loses the decisions about rows that were not sent. Running jobs are followed, and
// nothing is sent twice.
func TestARestartWhileJobsRunSideBySide(t *testing.T) {
	for _, lost := range []string{"nothing", "the ledger"} {
		t.Run(lost, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(12))
				w.concurrentJobs(3, 2)
				w.jobsTake(time.Minute)
				w.Until(w.sent(3))
				w.Restart()
				if lost == "the ledger" {
					w.Expect(w.API.Delete(t.Context(), configMap("identity", "hires-import-results-000", nil))).To(Succeed())
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectEachSentOnce()
				if lost == "nothing" {
					w.Expect(w.Org.Jobs()).To(HaveLen(6))
				}
			})
		})
	}
}

// Processes die twice, at any two calls, while three jobs run at the same time.
func TestProcessesMayDieTwiceWhileJobsRunSideBySide(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, first enginetest.Death) {
		t.Helper()
		enginetest.EachDeath(t, func(t *testing.T, second enginetest.Death) {
			t.Helper()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(3))
				w.concurrentJobs(3, 1)
				w.jobsTake(5 * time.Second)
				w.Die(first)
				w.Until(func() bool { return first.Died() || w.After >= enginetest.AtRest })
				if first.Died() {
					w.Die(second)
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(3))
				w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
			})
		})
	})
}
