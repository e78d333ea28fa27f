package e2e

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	manyWorkers  = 10_000
	knownWorkers = 9000
)

// importWorkers imports the workers of a report, with jobs that take jobTime.
func importWorkers(m *metered, workers int, jobTime time.Duration) (spent cost, done *v1alpha1.WorkdayImport) {
	m.Helper()
	m.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = jobTime })
	m.report(workers)
	isReady(m.world, m.workday(workdayPassword))
	spent = m.of(func() {
		done = reaches(m.world, m.joiners(v1alpha1.WorkdayImportSpec{
			Mapping: []v1alpha1.AttributeMapping{{Attribute: "department", From: "worker.attributes.Department"}},
		}), v1alpha1.SucceededReason)
	})
	return spent, done
}

// floorOfWorkers returns the lowest possible number of requests: the report, and what creating
// the new users takes.
func floorOfWorkers(workers, known int, jobTime time.Duration) int {
	return pagesOf(workers) + floorOf(known, workers-known, jobTime)
}

func costsOfWorkers() {
	m := newMetered(spec(), knownWorkers)
	const jobTime = 2 * time.Second
	spent, done := importWorkers(m, manyWorkers, jobTime)
	m.Expect(readyMessage(done)).To(Equal("1000 users: 1000 created"))
	m.Expect(spent.requests).To(BeNumerically("<=", floorOfWorkers(manyWorkers, knownWorkers, jobTime)*5/4), "requests to JumpCloud")
	m.Expect(spent.mutating).To(Equal(2))
	m.Expect(sizeOf(m, done)).To(BeNumerically("<=", 64<<10), "bytes of the object")
	peak, err := m.operator.PeakMemory()
	m.Expect(err).NotTo(HaveOccurred())
	m.Expect(peak).To(BeNumerically("<=", 256<<20), "bytes resident")
}

// BenchmarkWorkdayTenThousand imports ten thousand workers, nine thousand of whom are in the
// directory.
func BenchmarkWorkdayTenThousand(b *testing.B) {
	const jobTime = 2 * time.Second
	for b.Loop() {
		m := newMetered(b, knownWorkers)
		spent, done := importWorkers(m, manyWorkers, jobTime)
		peak, err := m.operator.PeakMemory()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(float64(spent.requests)/float64(floorOfWorkers(manyWorkers, knownWorkers, jobTime)), "requests/floor")
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
		b.ReportMetric(float64(sizeOf(m, done))/(1<<10), "KiB-object")
		b.ReportMetric(float64(spent.writes), "writes")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}
