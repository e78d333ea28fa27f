// Package guard keeps the guard's window: it counts what all objects of an organization do
// without an approval in any period of the window's length. It counts by the hour, in the
// status of the Organization, before the changes are sent.
//
// Counts are never too low and never permanent: an hour counts until the window has passed
// since its end. A process that dies between a reservation and the call leaves a count that is
// too high, for one window.
package guard

import (
	"math"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// AlwaysAllowed is how many users any window allows to be harmed.
	AlwaysAllowed = 10
	// defaultDuration is the length of a window that does not state one.
	defaultDuration = 24 * time.Hour
	hour            = time.Hour
)

// Instant is the present time as far as it is known. If the clocks of a process disagree,
// nothing expires before Early, and Late is what is written.
type Instant struct{ Early, Late time.Time }

// amount is a number of harmed and of created users, counted or to be counted.
type amount struct{ harmful, created int }

// counted sums what is counted in a window of this length.
func counted(buckets []v1alpha1.HarmBucket, length time.Duration, now Instant) (sum amount) {
	for i := range buckets {
		if !expired(&buckets[i], length, now) {
			sum.harmful += int(buckets[i].Harmful)
			sum.created += int(buckets[i].Created)
		}
	}
	return sum
}

func expired(bucket *v1alpha1.HarmBucket, length time.Duration, now Instant) bool {
	return !expiry(bucket, length).After(now.Early)
}

// expiry returns when a bucket stops counting in a window of this length.
func expiry(bucket *v1alpha1.HarmBucket, length time.Duration) time.Time {
	return bucket.Hour.Add(hour + length)
}

// ahead reports whether a bucket belongs to an hour that has not begun: a clock was wrong.
// Such a bucket counts as of now and gets the present hour, or it would count forever.
func ahead(bucket *v1alpha1.HarmBucket, now Instant) bool { return bucket.Hour.After(now.Late) }

func anyAhead(buckets []v1alpha1.HarmBucket, now Instant) bool {
	return slices.ContainsFunc(buckets, func(bucket v1alpha1.HarmBucket) bool { return ahead(&bucket, now) })
}

// tidy returns the buckets that count in a window of this length, one for each hour, oldest
// first.
func tidy(buckets []v1alpha1.HarmBucket, length time.Duration, now Instant) []v1alpha1.HarmBucket {
	var kept []v1alpha1.HarmBucket
	for i := range buckets {
		if !expired(&buckets[i], length, now) {
			at := buckets[i].Hour.Time
			if ahead(&buckets[i], now) {
				at = now.Late
			}
			kept = add(kept, at, amount{int(buckets[i].Harmful), int(buckets[i].Created)})
		}
	}
	slices.SortFunc(kept, func(a, b v1alpha1.HarmBucket) int { return a.Hour.Compare(b.Hour.Time) })
	return kept
}

// add adds an amount to the hour of the given time.
func add(buckets []v1alpha1.HarmBucket, at time.Time, what amount) []v1alpha1.HarmBucket {
	if what == (amount{}) {
		return buckets
	}
	of := metav1.NewTime(at.UTC().Truncate(hour))
	i := slices.IndexFunc(buckets, func(bucket v1alpha1.HarmBucket) bool { return bucket.Hour.Equal(&of) })
	if i < 0 {
		buckets, i = append(buckets, v1alpha1.HarmBucket{Hour: of}), len(buckets)
	}
	buckets[i].Harmful, buckets[i].Created = sum32(buckets[i].Harmful, what.harmful), sum32(buckets[i].Created, what.created)
	return buckets
}

// subtract removes an amount that was counted, from the earliest hours first, and returns what
// it did not find. The hour in which the amount was counted is not known: what is left belongs
// to others, and counts as long as it must, or longer.
func subtract(buckets []v1alpha1.HarmBucket, what amount) (left []v1alpha1.HarmBucket, missing amount) {
	left = slices.Clone(buckets)
	for i := range left {
		harmful, created := min(what.harmful, int(left[i].Harmful)), min(what.created, int(left[i].Created))
		left[i].Harmful -= int32(harmful)
		left[i].Created -= int32(created)
		what.harmful -= harmful
		what.created -= created
	}
	return slices.DeleteFunc(left, func(bucket v1alpha1.HarmBucket) bool { return bucket.Harmful == 0 && bucket.Created == 0 }), what
}

func sum32(a int32, b int) int32 { return int32(min(int(a)+b, math.MaxInt32)) }
