package e2e

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const ledgerName = "hires-import-results-000"

// TestCrashBetweenJobs stops the operator between two jobs of a run.
func TestCrashBetweenJobs(t *testing.T) {
	t.Parallel()
	twoJobs := func(arm func(*crash)) func(*crash) {
		return func(c *crash) {
			c.batchesOf(6)
			arm(c)
			c.hire(12)
			c.follow()
			done := c.await("hires", v1alpha1.SucceededReason)
			c.wake("hires")
			c.ended(done, "12 users: 12 created")
			c.Expect(done.Status.Jobs).To(HaveLen(2))
			c.Expect(done.Status.Jobs[0]).To(And(HaveField("State", v1alpha1.JobFinished), HaveField("Attempt", int32(1))))
			c.Expect(c.org.Jobs()).To(HaveLen(2))
			c.once()
		}
	}
	var stories []story
	for _, how := range []way{restarted, takenOver, overslept} {
		stories = append(stories,
			story{name: how.name + "/before the second intent is written", how: how, tell: twoJobs(func(c *crash) { c.before(jobIs(2, v1alpha1.JobIntended)) })},
			story{name: how.name + "/second intent written, nothing sent", how: how, tell: twoJobs(func(c *crash) { c.after(jobIs(2, v1alpha1.JobIntended)) })},
			story{name: how.name + "/second id not written", how: how, tell: twoJobs(func(c *crash) { c.before(jobIs(2, v1alpha1.JobSubmitted)) })},
		)
	}
	stories = append(stories, story{name: "frozen past the deadline of the intent", how: way{frozen: true}, tell: func(c *crash) {
		c.after(jobIs(1, v1alpha1.JobIntended))
		c.hire(5)
		c.Eventually(c.stopped).Should(BeClosed())
		c.Consistently(c.mutations, "2500ms").Should(BeZero())
		c.resume()
		c.finished(5)
	}})
	tellAll(t, stories)
}

// TestCrashBetweenConfigMaps stops the operator when a part of a large ledger
// is written.
func TestCrashBetweenConfigMaps(t *testing.T) {
	t.Parallel()
	const rows = 1600
	large := func(match testenv.Match) func(*crash) {
		return func(c *crash) {
			c.batchesOf(800)
			c.proxy.Intercept(testenv.BeforeForward, 2, match, func(testenv.Write) testenv.Verdict { return c.stop() })
			c.hire(rows)
			c.follow()
			done := c.await("hires", v1alpha1.SucceededReason)
			c.wake("hires")
			c.ended(done, "1600 users: 1600 created")
			c.Expect(done.Status.Results).To(HaveLen(2))
			c.Expect(c.org.Jobs()).To(HaveLen(2))
			c.once()
		}
	}
	tellAll(t, []story{
		{name: "of the manifest", how: restarted, tell: large(manifest)},
		{name: "of the results", how: restarted, tell: large(resultsLedger)},
		{name: "of the results, frozen", how: overslept, tell: large(resultsLedger)},
	})
}

// TestCrashBetweenRetries stops the operator while rows whose failure passes
// are sent again.
func TestCrashBetweenRetries(t *testing.T) {
	t.Parallel()
	retry := func(arm func(*crash) *jumpcloudtest.Hold) func(*crash) {
		return func(c *crash) {
			c.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", Times: 1, StatusMsg: "InternalServerError"})
			hold := arm(c)
			c.hire(5)
			c.follow()
			if hold != nil {
				hold.Release()
			}
			done := c.await("hires", v1alpha1.SucceededReason)
			c.ended(done, "5 users: 5 created")
			c.Expect(c.org.Jobs()).To(HaveLen(2))
			c.Expect(c.org.Submissions()["new00002"]).To(HaveLen(2))
			c.provenAbsent()
		}
	}
	tellAll(t, []story{
		{name: "while it waits", how: restarted, tell: retry(func(c *crash) *jumpcloudtest.Hold {
			c.after(saysRetryLater)
			return nil
		})},
		{name: "before the second intent is written", how: restarted, tell: retry(func(c *crash) *jumpcloudtest.Hold {
			c.before(jobIs(2, v1alpha1.JobIntended))
			return nil
		})},
		{name: "second intent written, nothing sent", how: restarted, tell: retry(func(c *crash) *jumpcloudtest.Hold {
			c.after(jobIs(2, v1alpha1.JobIntended))
			return nil
		})},
		{name: "accepted, not answered", how: restarted, tell: retry(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(1, startCreate), jumpcloudtest.AfterEffect)
		})},
	})
}

var suspendOne = jumpcloudtest.Match{Method: "PUT", Path: "/api/systemusers/*"}

// TestCrashWhileSuspending stops the operator between the calls that suspend
// users one by one.
func TestCrashWhileSuspending(t *testing.T) {
	t.Parallel()
	half := func(arm func(*crash) *jumpcloudtest.Hold) func(*crash) {
		return func(c *crash) {
			hold := arm(c)
			c.dismiss(8)
			c.follow()
			if hold != nil {
				hold.Release()
			}
			c.dismissed(8)
			c.wake("hires")
		}
	}
	tellAll(t, []story{
		{name: "killed before any call", how: restarted, tell: half(func(c *crash) *jumpcloudtest.Hold {
			c.after(jobIs(1, v1alpha1.JobIntended))
			return nil
		})},
		{name: "killed while a call takes effect", how: restarted, tell: half(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(3, suspendOne), jumpcloudtest.AfterEffect)
		})},
		{name: "killed before a call takes effect", how: restarted, tell: half(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(3, suspendOne), jumpcloudtest.BeforeEffect)
		})},
		{name: "frozen between calls", how: overslept, tell: half(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(3, suspendOne), jumpcloudtest.AfterEffect)
		})},
		{name: "more than one pass may send", how: restarted, tell: func(c *crash) {
			c.org.Generate(200)
			c.dismiss(170)
			c.dismissed(170)
			c.Expect(c.mutations()).To(Equal(170))
		}},
		{name: "rate limited", how: restarted, tell: func(c *crash) {
			c.sim.Script(jumpcloudtest.Fault{Match: skip(3, suspendOne), Status: 429, Header: map[string][]string{"Retry-After": {"1"}}})
			c.dismiss(8)
			c.dismissed(8)
			c.Expect(c.mutations()).To(Equal(9))
		}},
		{name: "one call is not answered", how: restarted, tell: func(c *crash) {
			c.sim.Script(jumpcloudtest.Fault{Match: skip(3, suspendOne), Kind: jumpcloudtest.FaultReset, Commit: true})
			c.dismiss(8)
			c.dismissed(8)
		}},
	})
}

// dismiss makes an import that suspends users of the directory.
func (c *crash) dismiss(n int) {
	c.Helper()
	c.changeOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100))}
	})
	lines := []string{"username,email,state"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("user%06d,user%06d@example.org,Suspended", i, i))
	}
	c.importOf("hires", v1alpha1.BulkUserImportSpec{
		StateOnUpdate: v1alpha1.StateOnUpdateApply, UsersFrom: []v1alpha1.RowsSource{c.csv("hires", lines...)},
	})
}

func (c *crash) dismissed(n int) {
	c.Helper()
	done := c.await("hires", v1alpha1.SucceededReason)
	c.ended(done, fmt.Sprintf("%d users: %[1]d updated", n))
	for i := 1; i <= n; i++ {
		c.Expect(c.org.UserByUsername(fmt.Sprintf("user%06d", i))).To(HaveKeyWithValue("state", "SUSPENDED"))
	}
	for _, job := range done.Status.Jobs {
		c.Expect(job.Attempt).To(Equal(int32(1)), "nothing had to settle")
	}
}

// TestOpenJob takes away what an import with an open job needs.
func TestOpenJob(t *testing.T) {
	t.Parallel()
	tellAll(t, []story{
		{name: "the ledger is deleted", tell: func(c *crash) {
			c.slowJobs()
			c.hire(5)
			c.awaitJob(v1alpha1.JobSubmitted)
			c.deleteLedger()
			c.replanned()
		}},
		{name: "the ledger is deleted while nobody works", how: restarted, tell: func(c *crash) {
			c.after(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.deleteLedger()
			c.follow()
			c.replanned()
		}},
		{name: "the ledger is deleted while a submission is open", how: restarted, tell: func(c *crash) {
			c.before(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.deleteLedger()
			c.follow()
			c.replanned()
		}},
		{name: "the source is deleted", tell: func(c *crash) {
			c.batchesOf(3)
			c.slowJobs()
			c.hire(5)
			c.awaitJob(v1alpha1.JobSubmitted)
			c.deleteSource()
			c.leftHalfDone()
		}},
		{name: "the source is deleted while nobody works", how: restarted, tell: func(c *crash) {
			c.batchesOf(3)
			c.before(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.deleteSource()
			c.follow()
			c.leftHalfDone()
		}},
		{name: "the spec is edited while nobody works, between results and status", how: restarted, tell: func(c *crash) {
			c.after(resultsLedger)
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.change("hires", func(i *v1alpha1.BulkUserImport) {
				i.Spec.Users = []v1alpha1.UserRow{{Username: new("late"), Email: new("late@example.org")}}
			})
			c.follow()
			done := c.await("hires", v1alpha1.SucceededReason)
			c.Expect(message(done)).To(Equal("6 users: 1 created, 5 unchanged"))
			c.Expect(done.Status.RunNumber).To(Equal(int64(2)))
			c.once()
		}},
		{name: "the import is deleted", tell: func(c *crash) {
			c.batchesOf(3)
			c.slowJobs()
			c.hire(5)
			c.awaitJob(v1alpha1.JobSubmitted)
			c.deleteImport()
			c.goneAfter(3)
		}},
		{name: "the import is deleted while nobody works", how: restarted, tell: func(c *crash) {
			c.batchesOf(3)
			c.slowJobs()
			c.after(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.deleteImport()
			c.follow()
			c.goneAfter(3)
		}},
		{name: "the import is deleted while a submission is open", tell: func(c *crash) {
			c.batchesOf(3)
			hold := c.sim.Hold(startCreate, jumpcloudtest.BeforeEffect)
			c.hire(5)
			c.await("hires", v1alpha1.SubmissionSettlingReason)
			c.deleteImport()
			hold.Release()
			c.goneAfter(3)
		}},
		{name: "the import is deleted after a submission that was lost", how: restarted, tell: func(c *crash) {
			c.after(jobIs(1, v1alpha1.JobIntended))
			c.hire(5)
			c.Eventually(c.stopped).Should(BeClosed())
			c.deleteImport()
			c.follow()
			c.gone()
			c.Expect(c.mutations()).To(BeZero())
		}},
	})
}

func (c *crash) batchesOf(rows int32) {
	c.Helper()
	c.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = rows })
}

func (c *crash) slowJobs() {
	c.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 3000 * millisecond })
}

// awaitJob waits until the record of some job is in a state.
func (c *crash) awaitJob(state v1alpha1.JobState) {
	c.Helper()
	c.Eventually(func() []v1alpha1.JobStatus {
		return get(c.world, &v1alpha1.BulkUserImport{}, "hires").Status.Jobs
	}).Should(ContainElement(HaveField("State", state)))
}

func (c *crash) delete(object client.Object) {
	c.Helper()
	c.Expect(plane.Client.Delete(c.Context(), object)).To(Succeed())
}

func (c *crash) deleteLedger() { c.delete(&corev1.ConfigMap{ObjectMeta: c.meta(ledgerName)}) }
func (c *crash) deleteSource() { c.delete(&corev1.ConfigMap{ObjectMeta: c.meta("hires")}) }

// deleteImport deletes the import; its finalizer keeps it.
func (c *crash) deleteImport() {
	c.Helper()
	c.delete(&v1alpha1.BulkUserImport{ObjectMeta: c.meta("hires")})
	c.Expect(get(c.world, &v1alpha1.BulkUserImport{}, "hires").DeletionTimestamp).NotTo(BeNil())
}

// replanned checks the end of a run whose ledger was lost: its rows were
// compared with the directory, and none was sent a second time.
func (c *crash) replanned() {
	c.Helper()
	done := c.await("hires", v1alpha1.SucceededReason)
	c.Expect(done.Status.Summary.Pending).To(BeZero())
	c.Expect(done.Finalizers).To(BeEmpty())
	c.Expect(c.results(done)).To(HaveLen(5))
	c.Expect(c.org.CountUsers()).To(Equal(25))
	c.Expect(c.org.Jobs()).To(HaveLen(1))
	c.once()
}

// leftHalfDone checks an import that lost its source during its first job: the
// job was followed to its end, the second was not sent, and when the source
// comes back the rest is sent.
func (c *crash) leftHalfDone() {
	c.Helper()
	left := c.await("hires", v1alpha1.SourceNotFoundReason)
	c.Expect(left.Finalizers).To(BeEmpty())
	c.Expect(left.Status.Summary).To(Equal(&v1alpha1.RunSummary{Total: 5, Created: 3, Pending: 2}))
	c.Expect(c.results(left)).To(HaveLen(5))
	c.Expect(c.org.Jobs()).To(HaveLen(1))
	c.csv("hires", people(5)...)
	done := c.await("hires", v1alpha1.SucceededReason)
	c.Expect(message(done)).To(Equal("5 users: 2 created, 3 unchanged"))
	c.Expect(done.Status.RunNumber).To(Equal(int64(2)))
	c.once()
}

// goneAfter checks that a deleted import went after its open job of so many
// rows, and not before, and that no other job was sent. Its ledger goes with it.
func (c *crash) goneAfter(rows int) {
	c.Helper()
	ledger := get(c.world, &corev1.ConfigMap{}, ledgerName)
	c.Expect(ledger.OwnerReferences).To(ConsistOf(HaveField("Name", "hires")))
	c.gone()
	jobs := c.org.Jobs()
	c.Expect(jobs).To(HaveLen(1))
	c.Expect(jobs[0].Rows).To(HaveLen(rows))
	c.Expect(jobs[0].EndedAt).NotTo(BeZero(), "the open job was waited for")
}

func (c *crash) gone() {
	c.Helper()
	c.Eventually(func() bool {
		key := client.ObjectKey{Namespace: c.namespace, Name: "hires"}
		return apierrors.IsNotFound(plane.Client.Get(c.Context(), key, &v1alpha1.BulkUserImport{}))
	}).Should(BeTrue())
	c.Expect(c.proxy.Writes(testenv.To("configmaps").And(func(w testenv.Write) bool { return w.Verb == "delete" }))).To(BeEmpty(),
		"the ledger is left to the garbage collector")
}
