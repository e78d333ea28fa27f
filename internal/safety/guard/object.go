package guard

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// HarmOf sums what one object counted in the window of the guard.
func HarmOf(buckets []v1alpha1.HarmBucket, window *v1alpha1.GuardWindow, now Instant) int {
	return counted(buckets, length(window), now).harmful
}

// Counts reports whether an Organization counts anything.
func Counts(o *v1alpha1.Organization) bool { return len(harmed(o)) > 0 }

// GaveBack reports whether an Organization counts less than before, of either
// kind.
func GaveBack(before, after *v1alpha1.GuardStatus) bool {
	was, is := total(before), total(after)
	return is.harmful < was.harmful || is.created < was.created
}

func total(status *v1alpha1.GuardStatus) (sum amount) {
	if status == nil {
		return sum
	}
	for i := range status.Harmed {
		sum.harmful += int(status.Harmed[i].Harmful)
		sum.created += int(status.Harmed[i].Created)
	}
	return sum
}

// Within reports whether what was counted at a time is in the window of the guard.
func Within(at time.Time, window *v1alpha1.GuardWindow, now time.Time) bool {
	return now.Sub(at).Abs() < length(window)
}

// Recount returns the buckets of one object with so much more harm in the
// present hour, or so much less in the earliest ones. What the window does not
// hold any more is dropped, and what is ahead of the present hour is of it.
func Recount(buckets []v1alpha1.HarmBucket, window *v1alpha1.GuardWindow, now Instant, by int) []v1alpha1.HarmBucket {
	kept := tidy(buckets, length(window), now)
	if by < 0 {
		kept, _ = subtract(kept, amount{harmful: -by})
		return kept
	}
	return tidy(add(kept, now.Late, amount{harmful: by}), length(window), now)
}

// Ahead reports whether a bucket of one object is of an hour that has not begun:
// a clock was wrong. It is recounted, or it would count for ever.
func Ahead(buckets []v1alpha1.HarmBucket, now Instant) bool {
	return anyAhead(buckets, now)
}
