package e2e

import "testing"

// BenchmarkGroupOfFiveThousand adds five thousand members to a new group, and then keeps them.
func BenchmarkGroupOfFiveThousand(b *testing.B) {
	for b.Loop() {
		m := newMetered(b, manyMembers+10)
		spent := m.crowd(manyMembers)
		reads, writes := m.rest()
		peak, err := m.operator.PeakMemory()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
		b.ReportMetric(float64(spent.mutating-spent.others)/manyMembers, "calls/member")
		b.ReportMetric(spent.delay.Seconds(), "s-delay-of-others")
		b.ReportMetric(spent.longest.Seconds(), "s-longest-pass")
		b.ReportMetric(float64(reads), "reads/resync")
		b.ReportMetric(float64(len(writes)), "writes-at-rest")
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
	}
}

// BenchmarkThousandGroupsAtRest has a thousand groups that are as declared. Ten of them state
// what a row of the group list does not show.
func BenchmarkThousandGroupsAtRest(b *testing.B) {
	const groups, closely = 1000, 10
	for b.Loop() {
		m := newMetered(b, 5)
		m.manyGroups(groups, closely)
		cost := m.restOfGroups()
		b.ReportMetric(float64(cost.lists[0]), "reads/list")
		b.ReportMetric(float64(len(cost.lists))/float64(cost.intervals), "lists/interval")
		b.ReportMetric(float64(cost.single)/float64(cost.intervals), "single-reads/interval")
		b.ReportMetric(float64(len(cost.writes)), "writes-at-rest")
	}
}
