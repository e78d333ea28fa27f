package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// These stories leave the decision about a job to a person, and take every way out.
var _ = Describe("A person decides about a job", Label("crash"), func() {
	tellAll([]story{
		{name: "outcome unknown, submitted again", how: restarted, tell: func(c *crash) {
			c.loseSubmissions(3)
			c.hire(5)
			c.undecided(v1alpha1.SubmissionOutcomeUnknownReason, 3)
			c.resolveWhileDown("1/3=Resubmit")
			done := c.await("hires", v1alpha1.SucceededReason)
			c.ended(done, "5 users: 5 created")
			c.Expect(done.Status.Jobs).To(ConsistOf(And(HaveField("State", v1alpha1.JobFinished), HaveField("Attempt", int32(4)))))
			c.Expect(c.mutations()).To(Equal(4))
		}},
		{name: "outcome unknown, abandoned", how: restarted, tell: func(c *crash) {
			c.loseSubmissions(3)
			c.hire(5)
			c.undecided(v1alpha1.SubmissionOutcomeUnknownReason, 3)
			c.restart()
			c.annotate("hires", v1alpha1.ResolveSubmissionAnnotation, "1/3=Abandon")
			c.abandoned()
			c.restart()
			c.Expect(c.mutations()).To(Equal(3))
			c.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "now")
			done := c.await("hires", v1alpha1.SucceededReason)
			c.Expect(message(done)).To(Equal("5 users: 5 created"))
			c.Expect(done.Status.RunNumber).To(Equal(int64(2)))
			c.once()
		}},
		{name: "outcome unknown, done after all", how: restarted, tell: func(c *crash) {
			c.loseSubmissions(2)
			hold := c.sim.Hold(skip(2, startCreate), jumpcloudtest.BeforeEffect)
			c.hire(5)
			c.undecided(v1alpha1.SubmissionOutcomeUnknownReason, 3)
			hold.Release()
			c.Eventually(c.org.CountUsers).Should(Equal(25))
			c.annotate("hires", v1alpha1.ResolveSubmissionAnnotation, "1/3=Resubmit")
			done := c.await("hires", v1alpha1.SucceededReason)
			c.ended(done, "5 users: 5 created")
			c.Expect(done.Status.Jobs).To(ConsistOf(And(HaveField("State", v1alpha1.JobRecovered), HaveField("Attempt", int32(3)))))
			c.once()
		}},
		{name: "outcome unknown, deleted", how: restarted, tell: func(c *crash) {
			c.loseSubmissions(3)
			c.hire(5)
			c.undecided(v1alpha1.SubmissionOutcomeUnknownReason, 3)
			c.delete(&v1alpha1.BulkUserImport{ObjectMeta: c.meta("hires")})
			c.gone()
			c.Expect(c.mutations()).To(Equal(3))
		}},
		{name: "timed out, submitted again", how: restarted, args: []string{"--job-timeout=4s"}, tell: func(c *crash) {
			c.batchesOf(3)
			c.stuck("new00001", "new00003")
			c.hire(5)
			c.undecided(v1alpha1.JobTimedOutReason, 1)
			c.resolveWhileDown("1/1=Resubmit")
			c.ended(c.await("hires", v1alpha1.SucceededReason), "5 users: 5 created")
			c.provenAbsent()
		}},
		{name: "timed out, abandoned", how: restarted, args: []string{"--job-timeout=4s"}, tell: func(c *crash) {
			c.batchesOf(3)
			c.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", Record: jumpcloudtest.RecordPending})
			c.hire(5)
			c.undecided(v1alpha1.JobTimedOutReason, 1)
			c.resolveWhileDown("1/1=Abandon")
			done := c.await("hires", v1alpha1.RowsFailedReason)
			c.Expect(done.Status.Summary).To(Equal(&v1alpha1.RunSummary{Total: 5, Created: 4, Failed: 1}), "the second job went on")
			c.Expect(done.Status.Failures).To(ConsistOf(And(HaveField("Key", "new00002"), HaveField("Reason", v1alpha1.RowAbandonedReason))))
		}},
		{name: "timed out on its second page, submitted again", how: restarted, args: []string{"--job-timeout=4s"}, tell: func(c *crash) {
			// The records of the first attempt must not count for the second.
			c.stuck("new00101", "new00150")
			c.hire(150)
			c.undecided(v1alpha1.JobTimedOutReason, 1)
			c.org.RemoveRowFaults() // rows that are already stuck stay stuck
			c.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00120", StatusMsg: "too weak"})
			c.annotate("hires", v1alpha1.ResolveSubmissionAnnotation, "1/1=Resubmit")
			done := c.await("hires", v1alpha1.RowsFailedReason)
			c.Expect(done.Status.Summary).To(Equal(&v1alpha1.RunSummary{Total: 150, Created: 149, Failed: 1}))
			c.Expect(done.Status.Failures).To(ConsistOf(And(HaveField("Key", "new00120"), HaveField("Message", "too weak"))))
			c.provenAbsent()
		}},
	})
})

// loseSubmissions loses the next n submissions before they have an effect.
func (c *crash) loseSubmissions(n int) {
	match := startCreate
	match.Times = n
	c.sim.Script(jumpcloudtest.Fault{Match: match, Kind: jumpcloudtest.FaultReset})
}

// stuck leaves the rows from one username to another pending when they are sent for the first
// time.
func (c *crash) stuck(first, last string) {
	c.org.ScriptRows(jumpcloudtest.RowFault{Times: 1, Record: jumpcloudtest.RecordPending, Where: func(row map[string]any) bool {
		username, _ := row["username"].(string)
		return username >= first && username <= last
	}})
}

// undecided waits until a person is asked about the first job, and checks that nothing more is
// sent meanwhile.
func (c *crash) undecided(reason string, attempt int32) {
	c.Helper()
	asked := c.await("hires", reason)
	c.Expect(message(asked)).To(ContainSubstring("1/%d=Resubmit", attempt))
	c.Expect(asked.Status.Summary.Pending).To(Equal(asked.Status.Summary.Total))
	c.Expect(asked.Status.ObservedGeneration).To(Equal(asked.Generation))
	sent := c.mutations()
	c.Consistently(c.mutations, "2s").Should(Equal(sent))
}

// resolveWhileDown sets the decision while no operator runs.
func (c *crash) resolveWhileDown(decision string) {
	c.Helper()
	c.Expect(c.first.Kill()).To(Succeed())
	c.annotate("hires", v1alpha1.ResolveSubmissionAnnotation, decision)
	c.start()
}

// restart replaces the operator of an import at rest, and checks that the import does not
// change.
func (c *crash) restart() {
	c.Helper()
	c.Expect(c.first.Kill()).To(Succeed())
	stored, sent := get(c.world, &v1alpha1.BulkUserImport{}, "hires"), c.mutations()
	c.first = c.start()
	c.Consistently(func() *v1alpha1.BulkUserImport { return get(c.world, &v1alpha1.BulkUserImport{}, "hires") }, "3s").Should(Equal(stored))
	c.Expect(c.mutations()).To(Equal(sent))
}

// abandoned checks the end of a run whose only job was abandoned.
func (c *crash) abandoned() {
	c.Helper()
	done := c.await("hires", v1alpha1.RowsFailedReason)
	c.Expect(done.Finalizers).To(BeEmpty())
	c.Expect(done.Status.Summary).To(Equal(&v1alpha1.RunSummary{Total: 5, Failed: 5}))
	c.Expect(done.Status.Failures).To(HaveEach(And(HaveField("Reason", v1alpha1.RowAbandonedReason), HaveField("Retryable", true))))
	c.Expect(done.Status.Jobs).To(ConsistOf(HaveField("State", v1alpha1.JobAbandoned)))
	c.Expect(c.results(done)).To(HaveEach(ContainSubstring(",Failed,Abandoned,")))
}
