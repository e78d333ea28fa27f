package e2e

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var suspendOne = jumpcloudtest.Match{Method: "PUT", Path: "/api/systemusers/*"}

// These stories stop the operator between the calls that suspend users one by one.
var _ = Describe("A crash while users are suspended", Label("crash"), func() {
	half := func(arm func(*crash) *jumpcloudtest.Hold) func(*crash) {
		return func(c *crash) {
			hold := arm(c)
			c.dismiss(8)
			c.follow()
			if hold != nil {
				hold.Release()
			}
			c.dismissed(8)
			c.wake(c.theImport())
		}
	}
	tellAll([]story{
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
		{name: "frozen between calls, without a lease", how: parted, tell: half(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(3, suspendOne), jumpcloudtest.AfterEffect)
		})},
		{name: "frozen between calls", how: overslept, tell: half(func(c *crash) *jumpcloudtest.Hold {
			return c.during(skip(3, suspendOne), jumpcloudtest.AfterEffect)
		})},
		{name: "killed while it is rate limited", how: restarted, tell: half(func(c *crash) *jumpcloudtest.Hold {
			c.sim.Script(jumpcloudtest.Fault{Match: skip(3, suspendOne), Status: 429, Header: map[string][]string{"Retry-After": {"1"}}})
			c.after(jobIs(1, v1alpha1.JobPlanned))
			return nil
		})},
		{name: "rate limited", how: restarted, tell: func(c *crash) {
			c.sim.Script(jumpcloudtest.Fault{Match: skip(3, suspendOne), Status: 429, Header: map[string][]string{"Retry-After": {"1"}}})
			c.dismiss(8)
			c.dismissed(8)
			c.Expect(c.mutations()).To(Equal(9), "nobody is asked twice")
		}},
		{name: "so many that they take several jobs", how: restarted, tell: func(c *crash) {
			c.org.Generate(150)
			c.before(jobIs(2, v1alpha1.JobIntended))
			c.dismiss(120)
			c.follow()
			c.dismissed(120)
			c.Expect(c.mutations()).To(Equal(120))
		}},
		{name: "one call is not answered", how: restarted, tell: func(c *crash) {
			c.sim.Script(jumpcloudtest.Fault{Match: skip(3, suspendOne), Kind: jumpcloudtest.FaultReset, Commit: true})
			c.dismiss(8)
			c.dismissed(8)
		}},
	})
})

// unguarded raises the guard's limits of an Organization so far that they do not matter.
func unguarded(o *v1alpha1.Organization) {
	o.Spec.Guard = v1alpha1.Guard{
		MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100)),
		Window: v1alpha1.GuardWindow{MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100))},
	}
}

// dismiss creates an import that suspends users of the directory.
func (c *crash) dismiss(n int) {
	c.Helper()
	c.changeOrganization(unguarded)
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
	c.Expect(done.Status.Jobs).To(HaveEach(HaveField("State", BeElementOf(v1alpha1.JobFinished, v1alpha1.JobRecovered))))
	c.Expect(c.settled).NotTo(BeClosed(), "nothing has to settle")
}
