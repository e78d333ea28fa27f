package guard

import (
	"math"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func at(t time.Time) Instant { return Instant{t, t} }

func bucket(hours int, harmful, created int32) v1alpha1.HarmBucket {
	return v1alpha1.HarmBucket{Hour: metav1.NewTime(noon.Add(time.Duration(hours) * hour)), Harmful: harmful, Created: created}
}

func TestCounted(t *testing.T) {
	const day = 24 * hour
	for name, c := range map[string]struct {
		buckets []v1alpha1.HarmBucket
		now     time.Time
		want    int
	}{
		"nothing":                               {now: noon},
		"this hour and the one before":          {buckets: []v1alpha1.HarmBucket{bucket(-1, 2, 0), bucket(0, 3, 0)}, now: noon, want: 5},
		"an hour counts to its end's day after": {buckets: []v1alpha1.HarmBucket{bucket(0, 3, 0)}, now: noon.Add(day + hour - time.Second), want: 3},
		"and no longer":                         {buckets: []v1alpha1.HarmBucket{bucket(0, 3, 0)}, now: noon.Add(day + hour)},
		"an hour that is to come counts as now": {buckets: []v1alpha1.HarmBucket{bucket(1000, 3, 0)}, now: noon, want: 3},
	} {
		NewWithT(t).Expect(counted(c.buckets, day, at(c.now)).harmful).To(Equal(c.want), name)
	}
}

func TestTidy(t *testing.T) {
	g := NewWithT(t)
	buckets := []v1alpha1.HarmBucket{bucket(5000, 4, 1), bucket(-1, 1, 0), bucket(0, 2, 2), bucket(-25, 9, 9)}
	tidied := tidy(buckets, 24*hour, at(noon.Add(time.Minute)))
	g.Expect(tidied).To(Equal([]v1alpha1.HarmBucket{bucket(-1, 1, 0), bucket(0, 6, 3)}), "what was to come is now")
	g.Expect(tidy(tidied, 24*hour, at(noon.Add(25*hour)))).To(BeEmpty(), "and does not count for ever")

	var week []v1alpha1.HarmBucket
	for i := range 1000 {
		week = add(tidy(week, maxDuration, at(noon.Add(time.Duration(i)*hour))), noon.Add(time.Duration(i)*hour), amount{1, 1})
	}
	g.Expect(len(week)).To(BeNumerically("<=", 200), "what the API takes")
	g.Expect(add([]v1alpha1.HarmBucket{bucket(0, math.MaxInt32, 0)}, noon, amount{harmful: 5})[0].Harmful).To(Equal(int32(math.MaxInt32)))
}

func TestSubtract(t *testing.T) {
	g := NewWithT(t)
	buckets := []v1alpha1.HarmBucket{bucket(-1, 2, 0), bucket(0, 3, 4)}
	left, missing := subtract(buckets, amount{4, 1})
	g.Expect(left).To(Equal([]v1alpha1.HarmBucket{bucket(0, 1, 3)}), "the earliest first")
	g.Expect(missing).To(BeZero())
	left, missing = subtract(buckets, amount{9, 9})
	g.Expect(left).To(BeEmpty(), "never below 0")
	g.Expect(missing).To(Equal(amount{4, 5}))
	g.Expect(buckets[0]).To(Equal(bucket(-1, 2, 0)), "what was given stays")
}

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		harmful, percent *int32
		users, want      int
		limited          bool
	}{
		{new(int32(50)), new(int32(10)), 10000, 50, true}, {new(int32(50)), new(int32(10)), 309, 30, true},
		{new(int32(50)), new(int32(10)), 30, 10, true}, {new(int32(0)), nil, 1000, 10, true},
		{nil, new(int32(10)), 1000, 100, true}, {nil, nil, 1000, 0, false},
	} {
		got, limited := allowed(&v1alpha1.GuardWindow{MaxHarmful: c.harmful, MaxPercent: c.percent}, c.users)
		NewWithT(t).Expect([]any{got, limited}).To(Equal([]any{c.want, c.limited}), "%+v", c)
	}
}

func TestEveryWindowHolds(t *testing.T) {
	g := NewWithT(t)
	strict, long := v1alpha1.GuardWindow{MaxHarmful: new(int32(20)), MaxCreated: new(int32(5))}, v1alpha1.GuardWindow{
		MaxHarmful: new(int32(30)), Duration: metav1.Duration{Duration: 48 * hour},
	}
	a := account{windows: []v1alpha1.GuardWindow{strict, long}, buckets: []v1alpha1.HarmBucket{bucket(-30, 15, 0)}, now: at(noon)}
	g.Expect(a.fitsHarm(15, 1000)).To(BeTrue())
	g.Expect(a.fitsHarm(16, 1000)).To(BeFalse(), "the longer window remembers more")
	a.buckets = nil
	g.Expect(a.fitsHarm(21, 1000)).To(BeFalse(), "the smaller figure holds")
	g.Expect(a.fitsCreated(5)).To(BeTrue())
	g.Expect(a.fitsCreated(6)).To(BeFalse())
	g.Expect((&account{windows: []v1alpha1.GuardWindow{{}}}).fitsHarm(1e6, 1000)).To(BeTrue(), "absent figures do not limit")
}

// jumping is a clock whose wall clock jumps.
type jumping struct {
	wall    time.Time
	elapsed time.Duration
	seen    map[time.Time]time.Duration // when each time was returned
}

func (j *jumping) Now() time.Time                  { j.seen[j.wall] = j.elapsed; return j.wall }
func (j *jumping) Since(t time.Time) time.Duration { return j.elapsed - j.seen[t] }

func (j *jumping) pass(d time.Duration) { j.elapsed += d; j.wall = j.wall.Add(d) }

func newJumping(wall time.Time) *jumping {
	return &jumping{wall: wall, seen: map[time.Time]time.Duration{}}
}

func TestClockThatJumps(t *testing.T) {
	g := NewWithT(t)
	source := newJumping(noon)
	c := newClock(source)
	source.pass(hour)
	g.Expect(c.now()).To(Equal(at(noon.Add(hour))))

	source.wall = source.wall.Add(100 * hour)
	g.Expect(c.now()).To(Equal(Instant{Early: noon.Add(hour), Late: noon.Add(101 * hour)}), "nothing expires by a jump ahead")
	source.wall = source.wall.Add(-200 * hour)
	g.Expect(c.now()).To(Equal(Instant{Early: noon.Add(-99 * hour), Late: noon.Add(hour)}), "nor by one back")
}

// A wall clock that was wrong when the process began and was corrected is trusted once nothing
// from before counts any more.
func TestClockThatWasSetRight(t *testing.T) {
	g := NewWithT(t)
	wrong := noon.Add(-10000 * hour)
	source := newJumping(wrong)
	c := newClock(source)
	source.wall = noon
	g.Expect(c.now()).To(Equal(Instant{Early: wrong, Late: noon}))
	source.pass(maxDuration)
	g.Expect(c.now().Early).To(Equal(wrong.Add(maxDuration)))
	source.pass(2 * hour)
	g.Expect(c.now()).To(Equal(at(noon.Add(maxDuration + 2*hour))))
	source.pass(hour)
	g.Expect(c.now()).To(Equal(at(noon.Add(maxDuration + 3*hour))))
}
