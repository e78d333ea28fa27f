package guard

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// HarmOf returns the harm that one object counts in the guard's window.
func HarmOf(buckets []v1alpha1.HarmBucket, window *v1alpha1.GuardWindow, now Instant) int {
	return counted(buckets, length(window), now).harmful
}

// Counts reports whether an Organization counts anything.
func Counts(o *v1alpha1.Organization) bool { return len(harmed(o)) > 0 }

// GaveBack reports whether an Organization counts less than before, of either kind.
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

// Within reports whether what was counted at a time is still within the guard's window.
func Within(at time.Time, window *v1alpha1.GuardWindow, now time.Time) bool {
	return now.Sub(at).Abs() < length(window)
}

// Recount returns the buckets of one object with by more harm in the present hour or, if by is
// negative, less harm in the earliest hours. Buckets that the window no longer holds are
// dropped, and those of later hours move to the present hour.
func Recount(buckets []v1alpha1.HarmBucket, window *v1alpha1.GuardWindow, now Instant, by int) []v1alpha1.HarmBucket {
	kept := tidy(buckets, length(window), now)
	if by < 0 {
		kept, _ = subtract(kept, amount{harmful: -by})
		return kept
	}
	return tidy(add(kept, now.Late, amount{harmful: by}), length(window), now)
}

// Ahead reports whether a bucket of one object belongs to an hour that has not begun: a clock
// was wrong. Such buckets must be recounted, or they would count forever.
func Ahead(buckets []v1alpha1.HarmBucket, now Instant) bool {
	return anyAhead(buckets, now)
}
