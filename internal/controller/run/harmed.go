package run

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// defaultWindow is how long harm counts where the Organization does not say.
const defaultWindow = 24 * time.Hour

// window is how long the object's own harm counts.
func (r *run[T]) window() time.Duration {
	if d := r.pass.Session.Spec.Guard.Window.Duration.Duration; d > 0 {
		return d
	}
	return defaultWindow
}

// harmedIn is how much harm the buckets hold that is not older than the window.
// Buckets of a clock that was far ahead would count for ever, and do not count.
func harmedIn(buckets []v1alpha1.HarmBucket, window time.Duration, now time.Time) int {
	harm := 0
	for _, bucket := range buckets {
		if counts(bucket, window, now) {
			harm += int(bucket.Harmful)
		}
	}
	return harm
}

func counts(bucket v1alpha1.HarmBucket, window time.Duration, now time.Time) bool {
	return bucket.Hour.Add(time.Hour).After(now.Add(-window)) && bucket.Hour.Before(&metav1.Time{Time: now.Add(window)})
}

// countHarm counts harm in the bucket of the present hour, or takes it back from
// the latest ones, and drops what no longer counts.
func countHarm(buckets []v1alpha1.HarmBucket, window time.Duration, now time.Time, harm int) []v1alpha1.HarmBucket {
	if harm == 0 {
		return buckets
	}
	kept := slices.DeleteFunc(slices.Clone(buckets), func(b v1alpha1.HarmBucket) bool { return !counts(b, window, now) })
	hour := metav1.NewTime(now.UTC().Truncate(time.Hour))
	if harm > 0 {
		if last := len(kept) - 1; last >= 0 && kept[last].Hour.Equal(&hour) {
			kept[last].Harmful += count32(harm)
			return kept
		}
		return append(kept, v1alpha1.HarmBucket{Hour: hour, Harmful: count32(harm)})
	}
	for i := len(kept) - 1; i >= 0 && harm < 0; i-- {
		taken := min(kept[i].Harmful, count32(-harm))
		kept[i].Harmful -= taken
		harm += int(taken)
	}
	return slices.DeleteFunc(kept, func(b v1alpha1.HarmBucket) bool { return b.Harmful == 0 })
}
