package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// way is how an operator is stopped, and who continues its work.
type way struct {
	name string
	// replicas elect a leader: the second one stands by when the first is stopped.
	replicas bool
	// frozen operators are suspended for longer than their lease, and continue when the other
	// one is done.
	frozen bool
	// early makes a frozen operator continue as soon as the other one leads.
	early bool
	// polite operators are asked to stop, and may finish what they are doing.
	polite bool
}

var (
	restarted = way{name: "killed and started again"}
	takenOver = way{name: "killed while another stands by", replicas: true}
	overslept = way{name: "frozen over its lease", replicas: true, frozen: true}
	// The second operator does not know of the first: only what is written keeps them apart.
	parted    = way{name: "frozen while another goes on, without a lease", frozen: true}
	asked     = way{name: "asked to end", polite: true}
	wokenSoon = way{name: "frozen until another leads", replicas: true, frozen: true, early: true}
)

// crash is a world whose operator is stopped in the middle of its work, and followed by
// another process with the same flags.
type crash struct {
	*world
	way  way
	args []string
	// proxy stands between the operators and the API server.
	proxy *testenv.Proxy
	first *testenv.Operator
	led   string // the first holder of the lease
	// timeout is that of requests to JumpCloud.
	timeout time.Duration

	points  *points       // all that the first operator must reach before it is stopped
	stopped chan struct{} // closed once the first operator was stopped
	// stoppedAt is valid once stopped is closed.
	stoppedAt time.Time
	resumed   chan struct{}   // closed once a frozen operator continues
	settled   <-chan struct{} // closed once the operator reported that it waits for the outcome of a submission
}

// points are those that an operator must have reached, at the same time and on several
// objects, when it is stopped.
type points struct {
	mu      sync.Mutex
	missing []string
}

// expect adds a point.
func (p *points) expect(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missing = append(p.missing, name)
}

// misses reports whether a point has not been reached.
func (p *points) misses(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.missing, name)
}

// settle removes a point from those that are missing. missed reports whether it was one of
// them, and last whether it was the last one.
func (p *points) settle(name string) (missed, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if missed = slices.Contains(p.missing, name); missed {
		p.missing = slices.DeleteFunc(p.missing, func(n string) bool { return n == name })
	}
	return missed, missed && len(p.missing) == 0
}

func (p *points) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.missing, "\n")
}

// newCrash creates a world with so many users and starts its first operator.
func newCrash(how way, users int, args ...string) *crash {
	GinkgoHelper()
	t := spec()
	c := &crash{
		world: newWorld(t, users), way: how, args: args, timeout: 2 * time.Second, proxy: testenv.NewProxy(t, plane.OperatorConfig),
		points: &points{}, stopped: make(chan struct{}), resumed: make(chan struct{}),
	}
	c.SetDefaultEventuallyTimeout(2 * patience)
	c.settled = c.proxy.Intercept(testenv.AfterAnswer, 1, saysSettling, func(testenv.Write) testenv.Action { return testenv.Pass }).Done()
	if how.replicas {
		c.electsLeaders()
	}
	c.first = c.start()
	if how.replicas {
		c.Eventually(c.leader).ShouldNot(BeEmpty())
		c.led = c.leader()
		c.standBy()
	}
	return c
}

// standBy starts the operator that follows the first, and keeps it running: on a busy machine
// it may lose the lease that it has acquired.
func (c *crash) standBy() {
	c.Helper()
	plane.KeepOperator(c.TB, c.proxy.Config, c.flags()...).WaitReady(c.TB)
}

// start starts an operator for this world only and waits until it is ready.
func (c *crash) start() *testenv.Operator {
	c.Helper()
	operator := plane.StartOperator(c.TB, c.proxy.Config, c.flags()...)
	operator.WaitReady(c.TB)
	return operator
}

// flags returns the flags of an operator for this world only.
func (c *crash) flags() []string {
	flags := []string{
		"--watch-namespaces=" + c.namespace,
		"--request-timeout=2s", "--submission-settle-window=3s", "--job-stall-timeout=2s",
	}
	if c.way.replicas {
		flags = append(flags, "--leader-elect", "--leader-elect-namespace="+c.namespace,
			"--leader-elect-lease-duration=10s", "--leader-elect-renew-deadline=8s", "--leader-elect-retry-period=500ms")
	}
	return append(flags, c.args...)
}

// leader returns the holder of the lease; "" if there is none.
func (c *crash) leader() string {
	lease := &coordinationv1.Lease{}
	if plane.Client.Get(c.Context(), client.ObjectKey{Namespace: c.namespace, Name: "jumpcloud-operator"}, lease) != nil {
		return ""
	}
	return ptr.Deref(lease.Spec.HolderIdentity, "")
}

// stop returns a hook that stops the first operator once all other points are reached too. The
// hook decides about the write that the operator was making: the write of a killed process is
// lost, and that of a frozen one continues with the process.
func (c *crash) stop(name string) func(testenv.Write) testenv.Action {
	c.points.expect(name)
	return func(testenv.Write) testenv.Action {
		if !c.reached(name) {
			return testenv.Pass
		}
		return c.interrupted()
	}
}

// reached records that a point was reached, or that it does not exist, and stops the operator
// at the last one. It reports whether the point was still missing.
func (c *crash) reached(name string) bool {
	missed, last := c.points.settle(name)
	if last {
		c.halt()
	}
	return missed
}

func (c *crash) interrupted() testenv.Action {
	select {
	case <-c.stopped:
	case <-c.Context().Done():
		return testenv.Drop
	}
	switch {
	case c.way.polite:
		return testenv.Pass
	case !c.way.frozen:
		return testenv.Drop
	}
	select {
	case <-c.resumed:
		return testenv.Pass
	case <-c.Context().Done():
		return testenv.Drop
	}
}

func (c *crash) halt() {
	end := c.first.Kill
	switch {
	case c.way.polite:
		end = func() error { return c.first.Signal(syscall.SIGTERM) }
	case c.way.frozen:
		end = c.first.Freeze
	}
	if err := end(); err != nil {
		c.Errorf("stop the operator: %v", err)
	}
	c.stoppedAt = time.Now()
	close(c.stopped)
}

// halted waits until the first operator has been stopped.
func (c *crash) halted() {
	c.Helper()
	c.Eventually(c.stopped).Should(BeClosed(), func() string { return "points that were not reached:\n" + c.points.String() })
}

// follow waits until the first operator has been stopped and lets another one continue.
func (c *crash) follow() {
	c.Helper()
	c.halted()
	if !c.way.replicas {
		if !c.way.frozen {
			c.Eventually(c.first.Done()).Should(BeClosed())
		}
		c.start()
		return
	}
	c.Eventually(c.leader).ShouldNot(Equal(c.led))
	if c.way.early {
		c.resume()
	}
}

func (c *crash) resume() {
	c.Helper()
	c.Expect(c.first.Continue()).To(Succeed())
	close(c.resumed)
}

// wake lets an operator continue that slept through everything. It must neither send anything
// nor write these objects, and without its lease it must end.
func (c *crash) wake(objects ...client.Object) {
	c.Helper()
	if !c.way.frozen {
		return
	}
	sent, stored := c.mutations(), c.stored(objects)
	if !c.way.early {
		// The deadline of its unsent request has to pass.
		rest := c.timeout + 500*time.Millisecond - time.Since(c.stoppedAt)
		c.Consistently(c.mutations, max(rest, time.Millisecond)).Should(Equal(sent))
		c.resume()
	}
	if c.way.replicas {
		c.Eventually(c.first.Done()).Should(BeClosed(), "an operator without the lease ends")
	} else {
		c.Consistently(c.mutations, "2s").Should(Equal(sent))
	}
	c.Expect(c.sim.MutatingRequests()[sent:]).To(BeEmpty(), "nothing is sent")
	for i, object := range c.stored(objects) {
		before, after := written(stored[i]), written(object)
		c.Expect(after).To(Equal(before), "nothing is written:\n%s\n%s", before, after)
	}
}

// written returns an object as a person sees it.
func written(object client.Object) string {
	if object == nil {
		return ""
	}
	object.SetManagedFields(nil)
	data, err := json.Marshal(object)
	Expect(err).NotTo(HaveOccurred())
	return string(data)
}

// stored reads objects from the API server; nil for those that do not exist.
func (c *crash) stored(objects []client.Object) []client.Object {
	c.Helper()
	read := make([]client.Object, len(objects))
	for i, object := range objects {
		into := object.DeepCopyObject().(client.Object)
		err := plane.Client.Get(c.Context(), client.ObjectKeyFromObject(object), into)
		c.Expect(client.IgnoreNotFound(err)).To(Succeed())
		if err == nil {
			read[i] = into
		}
	}
	return read
}

// theImport returns the key of the import in most of these stories.
func (c *crash) theImport() client.Object {
	return &v1alpha1.BulkUserImport{ObjectMeta: c.meta("hires")}
}

// before stops the operator when it is about to make the first matching write.
func (c *crash) before(match testenv.Match) {
	c.proxy.Intercept(testenv.BeforeForward, 1, match, c.stop("a write"))
}

// after stops the operator when the first matching write is stored, but not yet answered.
func (c *crash) after(match testenv.Match) {
	c.proxy.Intercept(testenv.AfterAnswer, 1, match, c.stop("a write"))
}

// during stops the operator while JumpCloud holds its request, and returns the hold. Once the
// hold is released, the request continues even if its client is gone.
func (c *crash) during(match jumpcloudtest.Match, point jumpcloudtest.Point) *jumpcloudtest.Hold {
	return c.hold("a request", c.sim.Hold(match, point))
}

// duringOf is during for one of several points. Until all of them are reached, a busy machine
// may hold a request for longer than the settle window: such a request is lost, because no
// real one takes effect so late.
func (c *crash) duringOf(name string, match jumpcloudtest.Match, point jumpcloudtest.Point) *jumpcloudtest.Hold {
	return c.hold(name, c.sim.Hold(match, point).LostAfter(c.timeout*3/2))
}

// hold stops the operator once the hold has its request.
func (c *crash) hold(name string, hold *jumpcloudtest.Hold) *jumpcloudtest.Hold {
	c.points.expect(name)
	ctx, cancel := context.WithCancel(c.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-hold.Arrived():
			c.reached(name)
		case <-ctx.Done():
		}
	})
	c.Cleanup(func() { cancel(); waiting.Wait() })
	return hold
}

// Requests to JumpCloud.
var (
	startCreate = jumpcloudtest.Match{Method: "POST", Path: "/api/v2/bulk/users"}
	startUpdate = jumpcloudtest.Match{Method: "PATCH", Path: "/api/v2/bulk/users"}
	results     = jumpcloudtest.Match{Method: "GET", Path: "/api/v2/bulk/users/*/results"}
	listing     = jumpcloudtest.Match{Method: "GET", Path: "/api/systemusers", Query: "limit=100"}
)

// skip returns a match that lets the first n requests pass.
func skip(n int, match jumpcloudtest.Match) jumpcloudtest.Match {
	match.Skip = n
	return match
}

// Writes to the API server.
var (
	manifest       = testenv.To("configmaps").And(says("manifest.csv"))
	resultsLedger  = testenv.To("configmaps").And(says("results.csv"))
	addFinalizer   = testenv.To("bulkuserimports").And(says(v1alpha1.Finalizer))
	dropFinalizer  = testenv.To("bulkuserimports").And(says(`"finalizers":null`))
	finalStatus    = writesStatus(func(s *v1alpha1.BulkUserImportStatus) bool { return s.CompletionTime != nil })
	announcesRun   = writesStatus(func(s *v1alpha1.BulkUserImportStatus) bool { return s.RunKey != "" })
	saysRetryLater = writesReason(v1alpha1.ProgressingWithRetryReason)
	saysSettling   = writesReason(v1alpha1.SubmissionSettlingReason)
)

// jobIs matches status writes in which a job has a state.
func jobIs(index int32, state v1alpha1.JobState) testenv.Match {
	return writesStatus(func(s *v1alpha1.BulkUserImportStatus) bool {
		for _, job := range s.Jobs {
			if job.Index == index {
				return job.State == state
			}
		}
		return false
	})
}

func writesReason(reason string) testenv.Match {
	return writesStatus(func(s *v1alpha1.BulkUserImportStatus) bool { return readyReason(s.Conditions) == reason })
}

func writesStatus(such func(*v1alpha1.BulkUserImportStatus) bool) testenv.Match {
	return testenv.ToStatus("bulkuserimports").And(func(w testenv.Write) bool {
		var object v1alpha1.BulkUserImport
		return json.Unmarshal(w.Body, &object) == nil && such(&object.Status)
	})
}
