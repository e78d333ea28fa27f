package guard_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

func TestWhatOneObjectHarmedCountsForTheWindow(t *testing.T) {
	g := NewWithT(t)
	window := &v1alpha1.GuardWindow{Duration: metav1.Duration{Duration: 2 * time.Hour}}
	began := time.Date(2026, 1, 1, 12, 30, 0, 0, time.UTC)
	at := func(hours int) guard.Instant {
		now := began.Add(time.Duration(hours) * time.Hour)
		return guard.Instant{Early: now, Late: now}
	}
	harm := func(buckets []v1alpha1.HarmBucket, hours int) int { return guard.HarmOf(buckets, window, at(hours)) }

	buckets := guard.Recount(nil, window, at(0), 3)
	buckets = guard.Recount(buckets, window, at(0), 2)
	buckets = guard.Recount(buckets, window, at(1), 1)
	g.Expect(buckets).To(HaveLen(2))
	g.Expect([]int{harm(buckets, 1), harm(buckets, 2), harm(buckets, 3), harm(buckets, 4)}).To(Equal([]int{6, 6, 1, 0}))

	back := guard.Recount(buckets, window, at(1), -3)
	g.Expect(harm(back, 1)).To(Equal(3))
	g.Expect(harm(back, 3)).To(Equal(1), "the earliest come first: what was harmed later is not forgotten sooner")
	g.Expect(guard.Recount(buckets, window, at(1), -100)).To(BeEmpty())
	g.Expect(guard.Recount(buckets, window, at(9), 1)).To(HaveLen(1), "what is out of the window is dropped")

	g.Expect(guard.Ahead(buckets, at(1))).To(BeFalse())
	g.Expect(guard.Ahead(buckets, at(-1))).To(BeTrue())
	g.Expect(harm(buckets, -1)).To(Equal(6), "a clock that was ahead harmed no fewer")
	set := guard.Recount(buckets, window, at(-1), 0)
	g.Expect([]int{harm(set, -1), harm(set, 1), harm(set, 2)}).To(Equal([]int{6, 6, 0}), "nor does it count for ever")

	jumped := guard.Instant{Early: at(1).Early, Late: at(30).Late}
	g.Expect(guard.HarmOf(buckets, window, jumped)).To(Equal(6), "a jump of the clock forgets nothing")
	more := guard.Recount(buckets, window, jumped, 1)
	g.Expect(guard.HarmOf(more, window, jumped)).To(Equal(7))
	back = guard.Recount(more, window, at(2), 0)
	g.Expect([]int{harm(back, 2), harm(back, 3), harm(back, 5)}).To(Equal([]int{7, 2, 0}), "nor what it counted, for ever")
}
