package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// These stories stop the operator between two jobs of a run.
var _ = Describe("A crash between two jobs", Label("crash"), func() {
	twoJobs := func(arm func(*crash)) func(*crash) {
		return func(c *crash) {
			c.batchesOf(6)
			arm(c)
			c.hire(12)
			c.follow()
			done := c.await("hires", v1alpha1.SucceededReason)
			c.wake(c.theImport())
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
		c.halted()
		c.Consistently(c.mutations, "2500ms").Should(BeZero())
		slept := time.Now()
		c.resume()
		c.finished(5)
		job := get(c.world, &v1alpha1.BulkUserImport{}, "hires").Status.Jobs[0]
		c.Expect(job.IntendedAt.Time).To(BeTemporally(">", slept), "the intent was too old to be sent")
	}})
	tellAll(stories)
})

// These stories stop the operator when a part of a large ledger is written.
var _ = Describe("A crash between two ConfigMaps", Label("crash"), func() {
	const rows = 1600
	large := func(match testenv.Match) func(*crash) {
		return func(c *crash) {
			c.batchesOf(800)
			c.proxy.Intercept(testenv.BeforeForward, 2, match, c.stop("a write"))
			c.hire(rows)
			c.follow()
			done := c.await("hires", v1alpha1.SucceededReason)
			c.wake(c.theImport())
			c.ended(done, "1600 users: 1600 created")
			c.Expect(done.Status.Results).To(HaveLen(2))
			c.Expect(c.org.Jobs()).To(HaveLen(2))
			c.once()
		}
	}
	tellAll([]story{
		{name: "of the manifest", how: restarted, tell: large(manifest)},
		{name: "of the results", how: restarted, tell: large(resultsLedger)},
		{name: "of the results, frozen", how: overslept, tell: large(resultsLedger)},
	})
})

// These stories stop the operator while rows with a transient failure are sent again.
var _ = Describe("A crash between two attempts", Label("crash"), func() {
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
	tellAll([]story{
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
})
