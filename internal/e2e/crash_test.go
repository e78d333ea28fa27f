package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// point is a moment of a run at which the operator is stopped.
type point struct {
	name string
	// arm arranges that the operator is stopped at the point. The function that it returns, if
	// any, is called once another operator has taken over.
	arm func(c *crash, w work) (then func())
	// attempt and state are those of the job in the end.
	attempt int32
	state   v1alpha1.JobState
}

// work is what the run does.
type work struct {
	name  string
	rows  int
	start jumpcloudtest.Match
	// csv returns a file with so many rows.
	csv  func(rows int) []string
	done string
}

var (
	creates = work{name: "creates", rows: 12, start: startCreate, csv: people, done: "created"}
	updates = work{name: "updates", rows: 12, start: startUpdate, csv: moves, done: "updated"}
	// long is a job with three pages of results.
	long = work{name: "creates on three pages", rows: 250, start: startCreate, csv: people, done: "created"}
)

// moves returns the lines of a CSV file that moves users of the directory to another
// department.
func moves(n int) []string {
	lines := []string{"username,email,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("user%06d,user%06d@example.org,Elsewhere", i, i))
	}
	return lines
}

// After once, the job was sent and answered as if nothing had happened; after recovered, its
// answer was lost; after again, the request was lost before it had an effect.
func once(p point) point      { p.attempt, p.state = 1, v1alpha1.JobFinished; return p }
func recovered(p point) point { p.attempt, p.state = 1, v1alpha1.JobRecovered; return p }
func again(p point) point     { p.attempt, p.state = 2, v1alpha1.JobFinished; return p }

// mainPoints are those around the one request that must not be repeated.
var mainPoints = []point{
	once(point{name: "before the intent is written", arm: func(c *crash, _ work) func() {
		c.before(jobIs(1, v1alpha1.JobIntended))
		return nil
	}}),
	again(point{name: "intent written, nothing sent", arm: func(c *crash, _ work) func() {
		c.after(jobIs(1, v1alpha1.JobIntended))
		return nil
	}}),
	recovered(point{name: "sent, takes effect without the operator", arm: func(c *crash, w work) func() {
		hold := c.during(w.start, jumpcloudtest.BeforeEffect)
		return hold.Release
	}}),
	recovered(point{name: "sent, takes effect while the next operator waits", arm: func(c *crash, w work) func() {
		hold := c.during(w.start, jumpcloudtest.BeforeEffect)
		return func() {
			c.await("hires", v1alpha1.SubmissionSettlingReason)
			hold.Release()
		}
	}}),
	recovered(point{name: "sent, takes effect between the two looks of the next operator", arm: func(c *crash, w work) func() {
		hold := c.during(w.start, jumpcloudtest.BeforeEffect)
		return func() {
			c.Eventually(c.looks).Should(BeNumerically(">=", 1))
			hold.Release()
		}
	}}),
	again(point{name: "sent, never takes effect", arm: func(c *crash, w work) func() {
		c.sim.Script(jumpcloudtest.Fault{Match: w.start, Kind: jumpcloudtest.FaultReset})
		return c.during(w.start, jumpcloudtest.BeforeEffect).Release
	}}),
	recovered(point{name: "accepted, not answered", arm: func(c *crash, w work) func() {
		return c.during(w.start, jumpcloudtest.AfterEffect).Release
	}}),
	recovered(point{name: "answered, id not written", arm: func(c *crash, _ work) func() {
		c.before(jobIs(1, v1alpha1.JobSubmitted))
		return nil
	}}),
	once(point{name: "id written", arm: func(c *crash, _ work) func() {
		c.after(jobIs(1, v1alpha1.JobSubmitted))
		return nil
	}}),
}

// otherPoints are points before and after that request.
var otherPoints = []point{
	once(point{name: "the run is announced", arm: func(c *crash, _ work) func() {
		c.after(announcesRun)
		return nil
	}}),
	once(point{name: "while the directory is read for the plan", arm: func(c *crash, _ work) func() {
		return c.during(listing, jumpcloudtest.BeforeEffect).Release
	}}),
	once(point{name: "before the finalizer is set", arm: func(c *crash, _ work) func() {
		c.before(addFinalizer)
		return nil
	}}),
	once(point{name: "before the manifest is written", arm: func(c *crash, _ work) func() {
		c.before(manifest)
		return nil
	}}),
	once(point{name: "manifest written", arm: func(c *crash, _ work) func() {
		c.after(manifest)
		return nil
	}}),
	once(point{name: "while the job runs", arm: func(c *crash, _ work) func() {
		c.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = 200 * time.Millisecond })
		return c.during(skip(1, results), jumpcloudtest.BeforeEffect).Release
	}}),
	once(point{name: "while the directory is read back", arm: func(c *crash, _ work) func() {
		return c.during(skip(1, listing), jumpcloudtest.BeforeEffect).Release
	}}),
	once(point{name: "before the results are written", arm: func(c *crash, _ work) func() {
		c.before(resultsLedger)
		return nil
	}}),
	once(point{name: "results written", arm: func(c *crash, _ work) func() {
		c.after(resultsLedger)
		return nil
	}}),
	once(point{name: "before the finalizer goes", arm: func(c *crash, _ work) func() {
		c.before(dropFinalizer)
		return nil
	}}),
	once(point{name: "before the final status is written", arm: func(c *crash, _ work) func() {
		c.before(finalStatus)
		return nil
	}}),
	once(point{name: "final status written", arm: func(c *crash, _ work) func() {
		c.after(finalStatus)
		return nil
	}}),
}

// pagePoints are points while many results are read.
var pagePoints = []point{
	once(point{name: "while the second page of results is read", arm: func(c *crash, _ work) func() {
		match := results
		match.Query = "skip=100"
		return c.during(match, jumpcloudtest.BeforeEffect).Release
	}}),
}

// politePoints are points at which an operator that is asked to stop is in the middle of
// something that it can finish.
var politePoints = []point{
	once(point{name: "before the intent is written", arm: func(c *crash, _ work) func() {
		c.before(jobIs(1, v1alpha1.JobIntended))
		return nil
	}}),
	once(point{name: "intent written", arm: func(c *crash, _ work) func() {
		c.after(jobIs(1, v1alpha1.JobIntended))
		return nil
	}}),
	once(point{name: "sent", arm: func(c *crash, w work) func() {
		return c.during(w.start, jumpcloudtest.BeforeEffect).Release
	}}),
	once(point{name: "accepted", arm: func(c *crash, w work) func() {
		return c.during(w.start, jumpcloudtest.AfterEffect).Release
	}}),
	once(point{name: "answered", arm: func(c *crash, _ work) func() {
		c.before(jobIs(1, v1alpha1.JobSubmitted))
		return nil
	}}),
	once(point{name: "results written", arm: func(c *crash, _ work) func() {
		c.after(resultsLedger)
		return nil
	}}),
}

// The operator is stopped at every point of a run at which that matters. The result must be
// the same as without that.
var _ = Describe("A crash during an import that", Label("crash"), func() {
	for _, how := range []way{restarted, takenOver, overslept} {
		stopsAt(creates, how, mainPoints...)
		stopsAt(creates, how, otherPoints...)
		stopsAt(long, how, pagePoints...)
	}
	stopsAt(creates, wokenSoon, mainPoints...)
	stopsAt(creates, parted, mainPoints...)
	stopsAt(updates, restarted, mainPoints...)
	stopsAt(creates, asked, politePoints...)
})

// stopsAt defines a table of the points at which the operator is stopped in one way.
func stopsAt(w work, how way, points ...point) {
	GinkgoHelper()
	var entries []TableEntry
	for _, p := range points {
		entries = append(entries, Entry(p.name, p))
	}
	DescribeTable(w.name+", "+how.name, func(p point) { stopAt(p, w, how) }, entries)
}

// stopAt stops the operator at one point of a run.
func stopAt(p point, w work, how way) {
	GinkgoHelper()
	c := newCrash(how, 20)
	then := p.arm(c, w)
	if then == nil {
		then = func() {}
	}
	c.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{c.csv("hires", w.csv(w.rows)...)}})
	if how.polite {
		c.halted()
		then() // its shutdown may wait for this
		c.follow()
	} else {
		c.follow()
		then()
	}
	done := c.await("hires", v1alpha1.SucceededReason)
	c.wake(c.theImport())
	c.ended(done, fmt.Sprintf("%d users: %[1]d %s", w.rows, w.done))
	if !how.early {
		// An operator that wakes while the record is still as it left it may record what it
		// learned.
		c.Expect(done.Status.Jobs).To(ConsistOf(And(
			HaveField("State", p.state), HaveField("Attempt", p.attempt), HaveField("Rows", int32(w.rows)))))
	}
	c.Expect(c.org.Submissions()).To(HaveLen(w.rows))
	c.once()
	c.provenAbsent()
}
