package e2e

import (
	"fmt"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// chore is a piece of work of the operator on one object. The operator may be stopped at any
// of its writes and calls. This is all that the harness knows about a kind.
type chore interface {
	// resource is the plural of the object's kind.
	resource() string
	// object identifies the object of the work.
	object() client.Object
	// prepare creates what exists before the work, and waits until it is at rest.
	prepare(c *crash)
	// begin requests the work and returns at once.
	begin(c *crash)
	// sends reports whether a mutating call is part of the work. It is called after prepare,
	// and must not call the simulator.
	sends(jumpcloudtest.Request) bool
	// done waits until the work is done, and checks everything that is then true, whatever
	// happened in between.
	done(c *crash)
}

// choreTimeout is the timeout of requests: all objects must have reached their points within
// it.
const choreTimeout = 10 * time.Second

// stopped is a chore and the point at which the operator is stopped.
type stopped struct {
	chore
	name string
	// arm arranges that the operator is stopped there. The function that it returns, if any,
	// is called once another operator has taken over.
	arm func(c *crash, s *stopped) (then func())
}

// String returns the point at which the operator is stopped.
func (s *stopped) String() string { return s.name }

// writes matches the writes of the chore's object.
func (s *stopped) writes() testenv.Match {
	return func(w testenv.Write) bool {
		return testenv.Any(w) && w.Resource == s.resource() && w.Name == s.object().GetName() && w.Namespace == s.object().GetNamespace()
	}
}

// call matches the n-th mutating call of the chore, from 1.
func (s *stopped) call(n int) jumpcloudtest.Match {
	return jumpcloudtest.Match{Skip: n - 1, Where: func(r jumpcloudtest.Request) bool { return r.Mutating() && s.sends(r) }}
}

// pointsOf returns all points of a chore with so many writes and calls.
func pointsOf(writes, calls int) map[string]func(*crash, *stopped) func() {
	points := map[string]func(*crash, *stopped) func(){}
	for n := 1; n <= writes; n++ {
		points[fmt.Sprintf("before write %d", n)] = func(c *crash, s *stopped) func() {
			c.proxy.Intercept(testenv.BeforeForward, n, s.writes(), c.stop(s.name))
			return nil
		}
		points[fmt.Sprintf("after write %d", n)] = func(c *crash, s *stopped) func() {
			c.proxy.Intercept(testenv.AfterAnswer, n, s.writes(), c.stop(s.name))
			return nil
		}
	}
	for n := 1; n <= calls; n++ {
		points[fmt.Sprintf("call %d, takes effect without the operator", n)] = func(c *crash, s *stopped) func() {
			return c.duringOf(s.name, s.call(n), jumpcloudtest.BeforeEffect).Release
		}
		points[fmt.Sprintf("call %d, never takes effect", n)] = func(c *crash, s *stopped) func() {
			c.sim.Script(jumpcloudtest.Fault{Match: s.call(n), Kind: jumpcloudtest.FaultReset})
			return c.duringOf(s.name, s.call(n), jumpcloudtest.BeforeEffect).Release
		}
		points[fmt.Sprintf("call %d, not answered", n)] = func(c *crash, s *stopped) func() {
			return c.duringOf(s.name, s.call(n), jumpcloudtest.AfterEffect).Release
		}
	}
	return points
}

// The operator is stopped at every point of every chore at once, each with an object of its
// own: at each write, before and after it is stored, and at each mutating call, before and
// after its effect.
var _ = Describe("A crash at every write and call of", Label("crash"), func() {
	stopsEverywhere("imports", importChores, Label("imports"))
	stopsEverywhere("groups", groupChores, Label("groups"))
	stopsEverywhere("scheduled states", scheduleChores, Label("schedules"))
	stopsEverywhere("push endpoints", pushChores, Label("push"))
	stopsEverywhere("imports from Workday", workdayChores, Label("workday"))
})

// stopsEverywhere defines a table of the ways of stopping an operator.
func stopsEverywhere(kind string, chores map[string]func(name string) chore, with ...any) {
	GinkgoHelper()
	var entries []TableEntry
	for _, how := range []way{restarted, takenOver, overslept, wokenSoon, parted, asked} {
		entries = append(entries, Entry(how.name, how))
	}
	DescribeTable(kind, append(with, func(how way) { stopEverywhere(how, chores) }, entries)...)
}

// stopEverywhere stops the operator at every point of some chores.
func stopEverywhere(how way, chores map[string]func(name string) chore) {
	GinkgoHelper()
	// There are so many users that the window has room for everything, including the harm that
	// a crash leaves counted.
	c := newCrash(how, 1000,
		"--max-concurrent-reconciles=100", "--request-timeout="+choreTimeout.String(), "--submission-settle-window="+(choreTimeout*3/2).String())
	c.timeout = choreTimeout
	c.changeOrganization(unguarded)
	reaches(c.world, &v1alpha1.Organization{ObjectMeta: c.meta("acme")}, v1alpha1.SucceededReason)
	var all []*stopped
	for name, newChore := range chores {
		for point, arm := range c.learn(newChore(fmt.Sprintf("undisturbed-%d", len(all)))) {
			all = append(all, &stopped{chore: newChore(fmt.Sprintf("thing-%d", len(all))), name: name + "/" + point, arm: arm})
		}
	}
	for _, s := range all {
		s.prepare(c)
	}
	var then []func()
	for _, s := range all {
		if after := s.arm(c, s); after != nil {
			then = append(then, after)
		}
	}
	for _, s := range all {
		s.begin(c)
	}
	c.comesTo(all)
	if how.polite {
		release(then) // its shutdown may wait for this
		c.follow()
	} else {
		c.follow()
		release(then)
	}
	c.reports(len(all), checkAll(c, all, (*stopped).String, 2*patience, (*stopped).done))
	var objects []client.Object
	for _, s := range all {
		objects = append(objects, s.object())
	}
	c.wake(objects...)
}

// comesTo waits until the operator was stopped at all existing points. The work on one object
// may take fewer writes than the work from which the points were learned: how often the
// operator reports progress depends on the machine. A point does not exist if the work ended
// without reaching it. At least half of the points must exist.
func (c *crash) comesTo(all []*stopped) {
	c.Helper()
	ended, absent := sets.New[string](), 0
	c.Eventually(func() <-chan struct{} {
		for _, s := range all {
			if !c.points.misses(s.name) || len(c.check(s.name, time.Nanosecond, s.done)) > 0 {
				continue
			}
			// The effect of the operator's last write may be visible before the write is
			// answered.
			if ended.Has(s.name) && c.reached(s.name) {
				absent++
			}
			ended.Insert(s.name)
		}
		return c.stopped
	}).Should(BeClosed(), func() string { return "points that were not reached:\n" + c.points.String() })
	AddReportEntry("points that were not there", absent)
	c.Expect(2*absent).To(BeNumerically("<=", len(all)), "the operator is stopped at work")
}

func release(then []func()) {
	for _, f := range then {
		f()
	}
}

// checkAll runs the checks of several points concurrently, and returns what fails: each may
// take the time given by patience, and none delays another one.
func checkAll[T any](c *crash, all []T, name func(T) string, patience time.Duration, done func(T, *crash)) (failed []string) {
	c.Helper()
	failures := make([][]string, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() {
			defer GinkgoRecover()
			failures[i] = c.check(name(one), patience, func(own *crash) { done(one, own) })
		})
	}
	group.Wait()
	return slices.Concat(failures...)
}

// check runs the checks of one of several points, and returns what fails.
func (c *crash) check(point string, patience time.Duration, done func(*crash)) (failed []string) {
	own, w := *c, *c.world
	w.WithT = expecting(func(message string, _ ...int) { panic(failure(message)) })
	w.SetDefaultEventuallyTimeout(patience)
	own.world = &w
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case failure:
			failed = append(failed, fmt.Sprintf("%s: %s", point, cause))
		default:
			panic(cause)
		}
	}()
	done(&own)
	return nil
}

// reports records at how many points the operator was stopped, and asserts that nothing
// failed.
func (c *crash) reports(points int, failed []string) {
	c.Helper()
	AddReportEntry("points", points)
	c.Expect(failed).To(BeEmpty())
}

// failure is the message of a failed check.
type failure string

// learn does a chore undisturbed, and returns the points that it had.
func (c *crash) learn(undisturbed chore) map[string]func(*crash, *stopped) func() {
	c.Helper()
	s := &stopped{chore: undisturbed}
	undisturbed.prepare(c)
	before, sent := len(c.proxy.Writes(s.writes())), c.mutations()
	undisturbed.begin(c)
	undisturbed.done(c)
	calls := 0
	for _, request := range c.sim.MutatingRequests()[sent:] {
		if undisturbed.sends(request) {
			calls++
		}
	}
	c.Expect(calls).To(BeNumerically(">=", 1), "the work is work at JumpCloud")
	return pointsOf(len(c.proxy.Writes(s.writes()))-before, calls)
}
