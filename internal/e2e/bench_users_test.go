package e2e

import "testing"

// BenchmarkTenThousandUsers has ten thousand Users that are as declared: their adoption, at
// rest, after a restart, and when one of them changes.
func BenchmarkTenThousandUsers(b *testing.B) {
	const many = 10_000
	for b.Loop() {
		m := newMetered(b, many)
		spent := m.of(func() { m.everybody(many) })
		b.ReportMetric(spent.wall.Seconds(), "s-adoption")
		b.ReportMetric(float64(len(m.userWrites()))/many, "writes/adopted-User")
		rest := m.restOfUsers()
		peak, err := m.operator.PeakMemory()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
		b.ReportMetric(float64(rest.lists[0]), "requests/list")
		b.ReportMetric(float64(len(rest.lists))/float64(rest.intervals), "lists/interval")
		b.ReportMetric(float64(rest.single), "other-reads-at-rest")
		b.ReportMetric(float64(len(rest.writes)), "writes-at-rest")
		restart := m.restartWithUsers()
		b.ReportMetric(float64(restart.requests), "requests-restart")
		b.ReportMetric(float64(restart.writes), "writes-restart")
		b.ReportMetric(float64(m.mutations()), "mutating-at-rest-and-restart")
		if peak, err = m.operator.PeakMemory(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak-restart")
		changed := m.oneUserChanges(many / 2)
		b.ReportMetric(changed.live.Seconds(), "s-changed-live")
		b.ReportMetric(float64(changed.besides), "requests-changed")
	}
}

// BenchmarkThousandNewUsers creates a thousand new Users in an organization of a thousand, in
// slow jobs.
func BenchmarkThousandNewUsers(b *testing.B) {
	const many = 1000
	for b.Loop() {
		m := newMetered(b, many)
		m.org.Configure(slowJobs)
		spent := m.of(func() { m.persons(many); m.allPersons(many) })
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(float64(spent.mutating), "jobs")
		b.ReportMetric(float64(len(m.userStatusWrites()))/many, "status-writes/User")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}

// BenchmarkFiveHundredUsersSuspended suspends five hundred of a thousand Users at once; the
// window allows fifty.
func BenchmarkFiveHundredUsersSuspended(b *testing.B) {
	for b.Loop() {
		m := newMetered(b, 1000, often)
		spent := m.of(func() { suspendedAtOnce(m, 500, 50) })
		b.ReportMetric(float64(spent.mutating), "suspensions")
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}
