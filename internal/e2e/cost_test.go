package e2e

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// metered is a world with an operator of its own whose every call is counted: to JumpCloud by
// the simulator, to Kubernetes by a proxy. It has thousands of objects and rows, which take
// longer than patience where the cores are busy.
type metered struct {
	*world
	proxy    *testenv.Proxy
	operator *testenv.Operator
	args     []string
}

func newMetered(t testing.TB, users int, change ...func(*v1alpha1.Organization)) *metered {
	t.Helper()
	m := &metered{world: newWorld(t, users, change...), proxy: testenv.NewProxy(t, plane.OperatorConfig)}
	m.SetDefaultEventuallyTimeout(5 * patience)
	m.args = []string{"--watch-namespaces=" + m.namespace}
	m.start()
	return m
}

// start starts the operator, also again after a Kill, and waits until it is connected.
func (m *metered) start() {
	m.Helper()
	m.operator = plane.StartMeasuredOperator(m.TB, m.proxy.Config, m.args...)
	m.operator.WaitReady(m.TB)
	m.Eventually(func() string { return get(m.world, &v1alpha1.Organization{}, "acme").Status.OrganizationID }).ShouldNot(BeEmpty())
}

// cost is the cost of a piece of work.
type cost struct {
	wall time.Duration
	// requests to JumpCloud, and the mutating ones among them.
	requests, mutating int
	// writes to Kubernetes, including events.
	writes int
}

// of measures a piece of work.
func (m *metered) of(work func()) cost {
	m.Helper()
	requests, mutating, writes := len(m.sim.History()), m.mutations(), len(m.proxy.Writes(stored))
	began := time.Now()
	work()
	return cost{time.Since(began), len(m.sim.History()) - requests, m.mutations() - mutating, len(m.proxy.Writes(stored)) - writes}
}

// stored matches every write that is kept, including events, but not those of the lease.
func stored(w testenv.Write) bool { return testenv.Any(w) || w.Resource == "events" && !w.DryRun }

// pagesOf returns how many pages n records take.
func pagesOf(records int) int { return (records + 99) / 100 }

// floorOf returns the lowest possible number of requests for creating rows in jobs of 500: the
// list before, one POST a job, each result once, the list after, and one poll a second of job
// time.
func floorOf(before, created int, jobTime time.Duration) int {
	jobs := (created + 499) / 500
	return pagesOf(before) + jobs + pagesOf(created) + pagesOf(before+created) + jobs*int(jobTime/time.Second)
}

// importNew imports n new users, with jobs that take jobTime.
func (m *metered) importNew(n int, jobTime time.Duration) cost {
	m.Helper()
	m.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = jobTime })
	source := m.csv("hires", people(n)...)
	return m.of(func() {
		m.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{source}})
		m.await("hires", v1alpha1.SucceededReason)
	})
}

// The specs count the cost of work; they do not time it.
var _ = Describe("The cost of", Label("cost"), SpecPriority(longest), func() {
	It("a thousand into a thousand, then nothing, then ten more", func() {
		m := newMetered(spec(), 1000)
		const jobTime = 2 * time.Second
		spent := m.importNew(1000, jobTime)
		m.Expect(spent.requests).To(BeNumerically("<=", floorOf(1000, 1000, jobTime)*5/4), "requests to JumpCloud")
		m.Expect(spent.mutating).To(Equal(2))
		done := get(m.world, &v1alpha1.BulkUserImport{}, "hires")
		m.Expect(spent.writes).To(BeNumerically("<=", 8+2*len(done.Status.Jobs)+2*len(done.Status.Results)), "writes to Kubernetes")

		m.Expect(m.operator.Kill()).To(Succeed())
		quiet := len(m.besidesOrganization())
		rest := m.of(func() {
			before := len(m.sim.History())
			m.start()
			// The first calls after a start check the credentials. Further ones belong to a
			// resync, whose interval is short here; by then the import has been reconciled.
			m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Second })
			m.Eventually(func() int { return len(m.sim.History()) - before }).Should(BeNumerically(">=", 4))
		})
		m.Expect(rest.mutating).To(BeZero())
		m.Expect(m.besidesOrganization()).To(HaveLen(quiet), "a restart and resyncs write nothing; the Organization, which the test changed, tells its generation")

		quiet = len(m.besidesOrganization())
		asked := m.of(func() {
			m.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "look")
			m.Eventually(func() string { return get(m.world, &v1alpha1.BulkUserImport{}, "hires").Status.LastHandledReconcileAt }).Should(Equal("look"))
		})
		m.Expect(asked.mutating).To(BeZero())
		m.Expect(m.besidesOrganization()).To(HaveLen(quiet + 1))

		more := m.of(func() {
			m.setCSV("hires", people(1010)...)
			m.Eventually(func() string { return message(m.await("hires", v1alpha1.SucceededReason)) }).Should(Equal("1010 users: 10 created, 1000 unchanged"))
		})
		m.Expect(more.mutating).To(Equal(1))
		jobs := m.org.Jobs()
		m.Expect(jobs[len(jobs)-1].Rows).To(HaveLen(10))
	})
	It("ten into a hundred thousand", func() {
		m := newMetered(spec(), 100_000)
		m.Expect(m.importNew(10, time.Second).requests).To(BeNumerically("<=", 20))
	})
	It("ten thousand", func() {
		m := newMetered(spec(), 10)
		m.importNew(10_000, 200*time.Millisecond)
		done := get(m.world, &v1alpha1.BulkUserImport{}, "hires")
		m.Expect(m.results(done)).To(HaveLen(10_000))
		m.Expect(sizeOf(m, done)).To(BeNumerically("<=", 64<<10), "bytes of the object")
		peak, err := m.operator.PeakMemory()
		m.Expect(err).NotTo(HaveOccurred())
		m.Expect(peak).To(BeNumerically("<=", 256<<20), "bytes resident")
	})
	It("ten thousand workers of whom nine thousand are known", Label("workday"), costsOfWorkers)
	for name, counts := range inOrder(costsOfGroups) {
		It(name, Label("groups"), counts)
	}
	for name, counts := range inOrder(costsOfUsers) {
		It(name, Label("users"), counts)
	}
})

// besidesOrganization returns the writes so far to anything but the Organization. It omits
// events, which are written a moment after what they report.
func (m *metered) besidesOrganization() []testenv.Write {
	return m.proxy.Writes(func(w testenv.Write) bool { return testenv.Any(w) && w.Resource != "organizations" })
}

func sizeOf(m *metered, object client.Object) int {
	encoded, err := json.Marshal(object)
	m.Expect(err).NotTo(HaveOccurred())
	return len(encoded)
}
