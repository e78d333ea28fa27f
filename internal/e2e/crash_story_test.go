package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// story is something that happens to an operator and its import.
type story struct {
	name string
	how  way
	args []string
	tell func(*crash)
}

// tellAll defines a spec for each story.
func tellAll(stories []story) {
	GinkgoHelper()
	for _, s := range stories {
		It(s.name, func() { s.tell(newCrash(s.how, 20, s.args...)) })
	}
}

// hire creates an import of n new users.
func (c *crash) hire(n int) {
	c.Helper()
	c.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{c.csv("hires", people(n)...)}})
}

// lose loses the next n matching writes on their way to the API server.
func (c *crash) lose(n int, match testenv.Match) {
	for i := range n {
		c.proxy.Intercept(testenv.BeforeForward, i+1, match, func(testenv.Write) testenv.Action { return testenv.Drop })
	}
}

// loseAnswer loses the answer to the next matching write.
func (c *crash) loseAnswer(match testenv.Match) {
	c.proxy.Intercept(testenv.AfterAnswer, 1, match, func(testenv.Write) testenv.Action { return testenv.Drop })
}

// finished checks a run of one job that was sent once and whose id was kept.
func (c *crash) finished(rows int32) {
	c.Helper()
	done := c.await("hires", v1alpha1.SucceededReason)
	c.ended(done, message(done))
	c.Expect(done.Status.Summary).To(Equal(&v1alpha1.RunSummary{Total: rows, Created: rows}))
	jobs := c.org.Jobs()
	c.Expect(jobs).To(HaveLen(1))
	c.Expect(done.Status.Jobs).To(ConsistOf(And(
		HaveField("State", v1alpha1.JobFinished), HaveField("Attempt", int32(1)), HaveField("JobID", jobs[0].ID))))
	c.once()
}

// batchesOf limits the jobs of the Organization to so many rows, and waits until the operator
// has seen that: its caches of other kinds may be ahead.
func (c *crash) batchesOf(rows int32) {
	c.Helper()
	c.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = rows })
	reaches(c.world, &v1alpha1.Organization{ObjectMeta: c.meta("acme")}, v1alpha1.SucceededReason)
}
