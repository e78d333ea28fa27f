package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// The operator is stopped while a job with changes of many Users is open: each User comes to
// the same result, and nobody is created twice.
var _ = Describe("A crash inside a job of many Users", Label("crash", "users"), func() {
	const many = 40
	created := func(arm func(*crash) (release func())) func(*crash) {
		return func(c *crash) {
			c.timeout = jobTimeout
			c.batchesOf(20)
			release := arm(c)
			c.persons(many)
			c.follow()
			release()
			c.allPersons(many)
			c.wake() // the first operator may still write a status before it notices that its lease is gone
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
		{name: "announced, nothing sent", how: restarted, args: forManyUsers, tell: created(func(c *crash) func() {
			c.after(announcesUser)
			return func() {}
		})},
		{name: "accepted, not answered", how: restarted, args: forManyUsers, tell: accepted},
		{name: "accepted, not answered, frozen", how: overslept, args: forManyUsers, tell: accepted},
		{name: "half of it is done", how: restarted, args: forManyUsers, tell: running},
		{name: "half of it is done, and one of them is not accepted", how: restarted, args: forManyUsers, tell: func(c *crash) {
			c.org.ScriptRows(jumpcloudtest.RowFault{Username: personName(7), Times: 1})
			c.batchesOf(20)
			c.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = 100 * time.Millisecond })
			hold := c.during(results, jumpcloudtest.BeforeEffect)
			c.persons(many)
			c.follow()
			// The job with the user that JumpCloud refuses may be sent only after the
			// takeover. Then the new operator learns of the refusal, and retries at the
			// resync.
			c.changeOrganization(often)
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
		c := newCrash(restarted, 20, forManyUsers...)
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

// announcesUser matches status writes that announce the creation of a user.
var announcesUser = testenv.ToStatus("users").And(says(`"creating":{`))
