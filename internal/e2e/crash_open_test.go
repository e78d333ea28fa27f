package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const ledgerName = "hires-import-results-000"

// These stories delete what an import with an open job needs.
var _ = Describe("An import with an open job loses what it needs", Label("crash"), func() {
	tellAll([]story{
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
			c.halted()
			c.deleteLedger()
			c.follow()
			c.replanned()
		}},
		{name: "the ledger is deleted while a submission is open", how: restarted, tell: func(c *crash) {
			c.before(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.halted()
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
			c.halted()
			c.deleteSource()
			c.follow()
			c.leftHalfDone()
		}},
		{name: "the spec is edited while nobody works, between results and status", how: restarted, tell: func(c *crash) {
			c.after(resultsLedger)
			c.hire(5)
			c.halted()
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
			c.halted()
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
			c.halted()
			c.deleteImport()
			c.follow()
			c.gone()
			c.Expect(c.mutations()).To(BeZero())
		}},
	})
})

func (c *crash) slowJobs() {
	c.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 3 * time.Second })
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

// deleteImport deletes the import; its finalizer keeps the object.
func (c *crash) deleteImport() {
	c.Helper()
	c.delete(&v1alpha1.BulkUserImport{ObjectMeta: c.meta("hires")})
	c.Expect(get(c.world, &v1alpha1.BulkUserImport{}, "hires").DeletionTimestamp).NotTo(BeNil())
}

// replanned checks the end of a run whose ledger was lost: its rows were compared with the
// directory, and none was sent a second time.
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

// leftHalfDone checks an import that lost its source during its first job: the job was
// followed to its end, the second was not sent, and the rest is sent when the source comes
// back.
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

// goneAfter checks that a deleted import disappeared only after its open job with so many rows
// had ended, and that no other job was sent. Its ledger is deleted with it.
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
