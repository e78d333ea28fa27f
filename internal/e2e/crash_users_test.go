package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// jobTimeout is the time in which a job must be sent after the Users in it have announced
// it. It is long enough for twenty of them on a busy machine.
const jobTimeout = 10 * time.Second

// The operator is stopped while changes of many Users travel in a job: each comes to the
// same end, and nobody is made twice.
var _ = Describe("A crash inside a job of many Users", Label("crash", "users"), func() {
	const many = 40
	patient := []string{"--request-timeout=" + jobTimeout.String(), "--submission-settle-window=" + (jobTimeout * 3 / 2).String()}
	created := func(arm func(*crash) (release func())) func(*crash) {
		return func(c *crash) {
			c.timeout = jobTimeout
			c.batchesOf(20)
			release := arm(c)
			c.persons(many)
			c.follow()
			release()
			c.allPersons(many)
			c.wake() // it may still write a status before it notices that its lease is gone
			c.once()
			c.provenAbsent()
			c.allPersons(many)
		}
	}
	accepted := created(func(c *crash) func() { return c.during(startCreate, jumpcloudtest.AfterEffect).Release })
	running := created(func(c *crash) func() {
		c.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = 100 * time.Millisecond })
		return c.during(results, jumpcloudtest.BeforeEffect).Release
	})
	tellAll([]story{
		{name: "announced, nothing sent", how: restarted, args: patient, tell: created(func(c *crash) func() {
			c.after(announcesUser)
			return func() {}
		})},
		{name: "accepted, not answered", how: restarted, args: patient, tell: accepted},
		{name: "accepted, not answered, frozen", how: overslept, args: patient, tell: accepted},
		{name: "half of it is done", how: restarted, args: patient, tell: running},
		{name: "half of it is done, and one of them is not accepted", how: restarted, args: patient, tell: func(c *crash) {
			c.org.ScriptRows(jumpcloudtest.RowFault{Username: personName(7), Times: 1})
			c.batchesOf(20)
			c.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = 100 * time.Millisecond })
			hold := c.during(results, jumpcloudtest.BeforeEffect)
			c.persons(many)
			c.follow()
			hold.Release()
			c.allPersons(many)
			for username, submissions := range c.org.Submissions() {
				if username != personName(7) {
					c.Expect(submissions).To(HaveLen(1), "%s is sent once", username)
				}
			}
			c.provenAbsent()
		}},
	})
	It("updates, half of them done, killed and started again", func() {
		c := newCrash(restarted, 20, patient...)
		c.batchesOf(20)
		c.persons(many)
		c.allPersons(many)
		c.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = 100 * time.Millisecond })
		hold := c.during(results, jumpcloudtest.BeforeEffect)
		c.eachPerson(many, func(o *v1alpha1.User) { o.Spec.Department = new("Looms") })
		c.follow()
		hold.Release()
		c.allPersons(many)
		for i := range many {
			c.Expect(c.org.UserByUsername(personName(i + 1))).To(HaveKeyWithValue("department", "Looms"))
		}
	})
})

// announcesUser matches writes of a status that announce the creation of a user.
var announcesUser = testenv.ToStatus("users").And(says(`"creating":{`))
