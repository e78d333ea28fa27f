package living

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// defaultWindow is how long harm counts where the guard does not say.
const defaultWindow = 24 * time.Hour

// windowOf is how long what an object harmed counts.
func windowOf(guard v1alpha1.Guard) time.Duration {
	if d := guard.Window.Duration.Duration; d > 0 {
		return d
	}
	return defaultWindow
}

// harmedIn sums what was counted within the window.
func harmedIn(buckets []v1alpha1.HarmBucket, now time.Time, window time.Duration) int {
	sum := 0
	for _, bucket := range buckets {
		if counts(bucket, now, window) {
			sum += int(bucket.Harmful)
		}
	}
	return sum
}

// counts reports whether any of a bucket's hour is within the window. What a
// clock counted that was ahead counts.
func counts(bucket v1alpha1.HarmBucket, now time.Time, window time.Duration) bool {
	return now.Before(bucket.Hour.Add(time.Hour + window))
}

// ahead reports whether a clock that was ahead counted something: it would
// count for longer than the window.
func ahead(buckets []v1alpha1.HarmBucket, now time.Time) bool {
	return slices.ContainsFunc(buckets, func(b v1alpha1.HarmBucket) bool { return b.Hour.After(now.Add(time.Hour)) })
}

// recounted returns the buckets with so much more harm in the present hour, or
// so much less in the latest ones. What is out of the window is dropped, and
// what a clock counted that was ahead is of the present hour.
func recounted(buckets []v1alpha1.HarmBucket, now time.Time, window time.Duration, by int) []v1alpha1.HarmBucket {
	hour := now.UTC().Truncate(time.Hour)
	byHour := map[time.Time]int{}
	for _, bucket := range buckets {
		if counts(bucket, now, window) {
			at := bucket.Hour.UTC()
			if at.After(hour) {
				at = hour
			}
			byHour[at] += int(bucket.Harmful)
		}
	}
	if by > 0 {
		byHour[hour] += by
	}
	hours := make([]time.Time, 0, len(byHour))
	for at := range byHour {
		hours = append(hours, at)
	}
	slices.SortFunc(hours, time.Time.Compare)
	for i := len(hours) - 1; i >= 0 && by < 0; i-- {
		less := min(byHour[hours[i]], -by)
		byHour[hours[i]], by = byHour[hours[i]]-less, by+less
	}
	var after []v1alpha1.HarmBucket
	for _, at := range hours {
		if byHour[at] > 0 {
			after = append(after, v1alpha1.HarmBucket{Hour: metav1.NewTime(at), Harmful: count32(byHour[at])})
		}
	}
	return after
}
