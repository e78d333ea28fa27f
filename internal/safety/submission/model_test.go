package submission_test

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// tally is the result of a number of runs.
type tally struct {
	runs, submissions, resubmitted, escalated int
	violations                                map[string]int // runs, by rule
}

func simulate(runs int, f faults, without variant) tally {
	total := tally{runs: runs, violations: map[string]int{}}
	for seed := range uint64(runs) {
		w := newWorld(seed, f, without)
		w.start(0)
		w.start(w.upTo(5 * time.Minute)) // a second leader, which need not know about the first
		w.run()
		w.judge()
		total.submissions += len(w.jobs)
		if w.decision != "" {
			total.escalated++
		}
		for _, times := range w.accepted {
			if len(times) > 1 {
				total.resubmitted++
				break
			}
		}
		slices.Sort(w.violations)
		for _, rule := range slices.Compact(w.violations) {
			total.violations[rule]++
		}
	}
	return total
}

func TestProtocolInASimulatedWorld(t *testing.T) {
	g := NewWithT(t)
	got := simulate(20_000, manyFaults, variant{})
	t.Logf("%+v", got)
	g.Expect(got.violations).To(BeEmpty())
	// The faults are frequent enough: jobs were lost, sent again and escalated.
	g.Expect(got.resubmitted).To(BeNumerically(">", got.runs/100))
	g.Expect(got.escalated).To(BeNumerically(">", got.runs/200))
}

func TestProtocolWithoutFaultsSubmitsOnce(t *testing.T) {
	g := NewWithT(t)
	got := simulate(500, faults{}, variant{})
	g.Expect(got.violations).To(BeEmpty())
	g.Expect(got.submissions).To(Equal(got.runs * modelJobs))
	g.Expect(got.escalated).To(BeZero())
}

// TestEveryPartOfTheProtocolIsNeeded leaves out one part at a time: the simulation must detect
// that, and find nothing else wrong. Without the deadline, for example, rows are sent twice,
// but none is reported wrongly.
func TestEveryPartOfTheProtocolIsNeeded(t *testing.T) {
	const again, wrong = "a row was accepted again without proof of its absence", "a row is said to have failed and is there"
	for name, part := range map[string]struct {
		without variant
		rule    string
	}{
		"settle window":                    {variant{noSettleWindow: true}, again},
		"intent before the request":        {variant{noIntent: true}, again},
		"compare-and-swap":                 {variant{noCompareAndSwap: true}, again},
		"deadline of the request":          {variant{noDeadline: true}, again},
		"directory instead of the records": {variant{recordsDecide: true}, wrong},
	} {
		t.Run(name, func(t *testing.T) {
			got := simulate(2_000, manyFaults, part.without)
			t.Logf("%+v", got)
			NewWithT(t).Expect(got.violations).To(And(HaveLen(1), HaveKey(part.rule)))
		})
	}
}
