package e2e

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// windowTimeout is the timeout of requests: all companies must have reached their points
// within it. A call that is held for longer has no answer before the operator is stopped, and
// takes effect after the next operator has stopped waiting for it.
const windowTimeout = 30 * time.Second

// windowPoint is a moment in the work of a company at which the operator is stopped, and what
// people do meanwhile.
type windowPoint struct {
	name string
	arm  func(c *crash, co *company) (then func())
	// approved points occur in work that an approval releases.
	approved bool
	// meanwhile is what people do while no operator runs; nil: nothing.
	meanwhile func(co *company, c *crash)
}

// sides returns the points before and after the first matching write is stored.
func sides(name string, match func(c *crash, co *company) testenv.Match) []windowPoint {
	at := func(side string, stage testenv.Stage) windowPoint {
		name := fmt.Sprintf("%s %s", side, name)
		return windowPoint{name: name, arm: func(c *crash, co *company) func() {
			c.proxy.Intercept(stage, 1, match(c, co), c.stop(co.String()))
			return nil
		}}
	}
	return []windowPoint{at("before", testenv.BeforeForward), at("after", testenv.AfterAnswer)}
}

// aroundCall returns the points around the n-th call that harms people.
func aroundCall(n int) []windowPoint {
	held := func(what string, point jumpcloudtest.Point, lost bool) windowPoint {
		name := fmt.Sprintf("call %d, %s", n, what)
		return windowPoint{name: name, arm: func(c *crash, co *company) func() {
			if lost {
				c.sim.Script(jumpcloudtest.Fault{Match: co.call(n), Kind: jumpcloudtest.FaultReset})
			}
			return c.duringOf(co.String(), co.call(n), point).Release
		}}
	}
	return []windowPoint{
		held("takes effect without the operator", jumpcloudtest.BeforeEffect, false),
		held("never takes effect", jumpcloudtest.BeforeEffect, true),
		held("not answered", jumpcloudtest.AfterEffect, false),
	}
}

// unanswered returns points at which the answer to a call is lost while the operator
// continues.
func unanswered(n int) []windowPoint {
	lose := func(what string, commit bool) windowPoint {
		return windowPoint{name: fmt.Sprintf("call %d, not answered, %s", n, what), arm: func(c *crash, co *company) func() {
			c.sim.Script(jumpcloudtest.Fault{Match: co.call(n), Kind: jumpcloudtest.FaultReset, Commit: commit})
			return nil
		}}
	}
	return []windowPoint{lose("done", true), lose("not done", false)}
}

// reservation returns the points around the write that counts the harm of the n-th object.
func reservation(n int) []windowPoint {
	return sides(fmt.Sprintf("reservation %d", n), func(c *crash, co *company) testenv.Match {
		return co.ofOrganization(c, func(s *v1alpha1.OrganizationStatus) bool { return countedIn(s) == n*leaverHarm })
	})
}

// statusWrite returns the points around the write by which the n-th object satisfies such,
// however often each object is written.
func statusWrite(what string, n int, such func(*statusOf) bool) []windowPoint {
	return sides(fmt.Sprintf("%s %d", what, n), func(c *crash, co *company) testenv.Match { return co.ofObjects(c, n, such) })
}

func organizationWrite(what string, such func(*v1alpha1.OrganizationStatus) bool) []windowPoint {
	return sides(what, func(c *crash, co *company) testenv.Match { return co.ofOrganization(c, such) })
}

func tellsWithheld(s *v1alpha1.OrganizationStatus) bool { return s.Withheld != nil }

func releases(s *v1alpha1.OrganizationStatus) bool {
	return s.Released != nil && s.Released.Plans != ""
}

// unaskedPoints occur in work that the window has room for: four of six objects. The stories
// of each kind cover all other writes and calls, on fake time.
func unaskedPoints() []windowPoint {
	return slices.Concat(
		reservation(1), reservation(4), statusWrite("announcement", 4, announces), statusWrite("success", 4, succeeds),
		statusWrite("wait", 2, waits), aroundCall(4), unanswered(4),
	)
}

// approvedPoints occur in approved work: two of six objects.
func approvedPoints() []windowPoint {
	return ofApproved(slices.Concat(
		statusWrite("announcement", 1, announces), statusWrite("success", 2, succeeds), aroundCall(1), unanswered(1),
	))
}

func ofApproved(points []windowPoint) []windowPoint {
	for i := range points {
		points[i].approved = true
		points[i].name = "approved: " + points[i].name
	}
	return points
}

// lastPoints are around writes that the operator makes for one Organization at a time: each
// run has one of them, and reaches it last.
func lastPoints() []windowPoint {
	return slices.Concat(organizationWrite("the hash", tellsWithheld), ofApproved(organizationWrite("the release", releases)))
}

// peoplePoints are points at which people do something while no operator runs.
func peoplePoints() []windowPoint {
	var points []windowPoint
	add := func(does string, meanwhile func(*company, *crash), of ...windowPoint) {
		for _, p := range of {
			p.name, p.meanwhile = p.name+", meanwhile "+does, meanwhile
			points = append(points, p)
		}
	}
	waited, announced := statusWrite("wait", 2, waits)[1], ofApproved(statusWrite("announcement", 1, announces))[1]
	called := ofApproved(aroundCall(1))
	add("what waits is approved", func(co *company, c *crash) { co.approve(c, co.organization(c).Status.Withheld) }, waited, aroundCall(2)[2])
	add("an object is deleted", (*company).remove, waited, reservation(4)[1], announced)
	add("the approval is withdrawn", (*company).withdraw, announced, called[0], called[2])
	return points
}

// windowStory is a way of stopping the operator, and the points at which it is stopped, except
// for lastPoints.
type windowStory struct {
	how    way
	points []windowPoint
}

// The operator is stopped at every kind of write and call of objects of three kinds that
// together harm more people than the guard's window allows: in work that the window has room
// for, and in work that an approval releases. Each point has an Organization of its own.
var _ = Describe("A crash in the window of all kinds", Label("crash", "window"), func() {
	last := lastPoints()
	var entries []TableEntry
	for i, s := range []windowStory{
		{restarted, slices.Concat(unaskedPoints(), approvedPoints(), peoplePoints())},
		{parted, slices.Concat(unaskedPoints(), approvedPoints(), peoplePoints())},
		{wokenSoon, slices.Concat(unaskedPoints(), approvedPoints())},
		{asked, slices.Concat(approvedPoints(), peoplePoints())},
	} {
		s.points = append(s.points, last[i%len(last)])
		entries = append(entries, Entry(s.how.name, s))
	}
	DescribeTable("stopped", windowStory.stopEverywhere, entries)
})

func (s windowStory) stopEverywhere() {
	// Even on a busy machine, the operator must not lose its lease before it is stopped.
	c := newCrash(s.how, 1,
		"--max-concurrent-reconciles=100", "--request-timeout="+windowTimeout.String(), "--submission-settle-window="+(windowTimeout*3/2).String(),
		"--leader-elect-lease-duration=40s", "--leader-elect-renew-deadline=30s", "--leader-elect-retry-period=2s")
	c.timeout = windowTimeout
	c.keepCache(&v1alpha1.Organization{}, &v1alpha1.BulkUserImport{}, &v1alpha1.UserGroup{}, &v1alpha1.ScheduledUserState{})
	companies := s.companies(c)
	rehearse(c, companies)
	var then []func()
	for _, co := range companies {
		if after := co.point.arm(c, co); after != nil {
			then = append(then, after)
		}
	}
	last := len(companies) - 1
	atOnce(c, companies[:last], (*company).begin)
	c.Eventually(c.points.String).Should(HavePrefix(companies[last].name), "all others are at their points")
	companies[last].begin(c)
	c.halted()
	for _, co := range companies {
		if co.point.meanwhile != nil {
			co.point.meanwhile(co, c)
		}
	}
	if s.how.polite {
		release(then) // its shutdown may wait for this
		c.follow()
	} else {
		c.follow()
		release(then)
	}
	if s.how.early {
		c.Eventually(c.first.Done()).Should(BeClosed(), "an operator without the lease ends")
	}
	c.reports(len(companies), checkAll(c, companies, (*company).String, checkTimeout, (*company).ends))
	var objects []client.Object
	for _, co := range companies {
		for _, l := range co.leavers {
			objects = append(objects, l.kind.object(c.meta(l.name)))
		}
	}
	c.wake(objects...)
	for _, co := range companies {
		co.isBounded(c)
	}
}

func leaversOf(names ...string) []leaverKind {
	var kinds []leaverKind
	for _, name := range names {
		kinds = append(kinds, leaverKinds[name])
	}
	return kinds
}

// atOnce does something for each company, concurrently.
func atOnce(c *crash, companies []*company, do func(*company, *crash)) {
	c.Helper()
	c.Expect(checkAll(c, companies, (*company).String, 2*patience, do)).To(BeEmpty())
}

// begin starts the work during which the operator is stopped.
func (co *company) begin(c *crash) {
	c.Helper()
	if co.point.approved {
		co.approve(c, co.organization(c).Status.Withheld)
	} else {
		co.declare(c)
	}
}

// companies creates one company for each point, with everything that exists before the work.
func (s windowStory) companies(c *crash) []*company {
	c.Helper()
	var all []*company
	for i, point := range s.points {
		all = append(all, newCompany(fmt.Sprintf("acme%03d", i), point, leaversOf("imports", "groups", "schedules")))
	}
	atOnce(c, all, (*company).prepare)
	return all
}

// rehearse brings the companies with approved points to rest: undisturbed, the window allows
// exactly as much harm as it has room for.
func rehearse(c *crash, companies []*company) {
	c.Helper()
	approved := slices.DeleteFunc(slices.Clone(companies), func(co *company) bool { return !co.point.approved })
	atOnce(c, approved, func(co *company, c *crash) {
		co.declare(c)
		withheld := co.rests(c)
		c.Expect(waitingIn(withheld)).To(HaveLen(companyLeavers - companyRoom/leaverHarm))
		c.Expect(co.unasked(c)).To(Equal(companyRoom))
		c.Expect(co.counted(c)).To(Equal(companyRoom))
	})
}

// ends waits until the company is at rest and approves what waits, until nothing waits: then
// everything was done, and nothing twice.
func (co *company) ends(c *crash) {
	c.Helper()
	for rounds := 1; ; rounds++ {
		withheld := co.rests(c)
		co.isBounded(c)
		if co.withdrawn != nil && rounds == 1 && !c.way.polite && !c.way.early {
			c.Expect(co.released(c)).To(Equal(co.withdrawn), "nothing is sent under an approval that was withdrawn")
		}
		if withheld == nil {
			break
		}
		c.Expect(companyRoom-co.counted(c)).To(BeNumerically("<", leaverHarm), "there was no room for more")
		c.Expect(rounds).To(BeNumerically("<=", 3), "what is approved is done")
		counted := co.counted(c)
		co.approve(c, withheld)
		for _, name := range waitingIn(withheld).UnsortedList() {
			c.Eventually(func(g Gomega) {
				organization, err := see(c.world, &v1alpha1.Organization{ObjectMeta: c.meta(co.name)})
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(waitingIn(organization.Status.Withheld)).NotTo(HaveKey(name), func() string { return co.describe(c, organization) })
			}).Should(Succeed())
		}
		co.rests(c)
		c.Expect(co.counted(c)).To(Equal(counted), "what is approved does not count")
	}
	requests := c.sim.MutatingRequests()
	for _, l := range co.leavers {
		if l.removed {
			c.disappears(l.kind.object(c.meta(l.name)))
		}
		for _, id := range l.ids() {
			_, done := l.asked(requests, id)
			switch {
			case l.removed:
				c.Expect(done).To(BeNumerically("<=", 1), "%s is harmed once at most", id)
			case l.kind.idempotent:
				c.Expect(done).To(BeElementOf(1, 2), "%s is asked for once, and once more if that was in flight", id)
			default:
				c.Expect(done).To(Equal(1), "%s is harmed once", id)
			}
		}
	}
}
