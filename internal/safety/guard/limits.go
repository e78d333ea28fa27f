package guard

import (
	"math"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// allowed returns how many users may be harmed in the window, in an organization with this
// many users; false: any number.
func allowed(window *v1alpha1.GuardWindow, users int) (int, bool) {
	if window.MaxHarmful == nil && window.MaxPercent == nil {
		return 0, false
	}
	most := math.MaxInt
	if window.MaxHarmful != nil {
		most = int(*window.MaxHarmful)
	}
	if window.MaxPercent != nil {
		most = min(most, users*int(*window.MaxPercent)/100)
	}
	return max(most, AlwaysAllowed), true
}

// length returns the length of the window.
func length(window *v1alpha1.GuardWindow) time.Duration {
	if window.Duration.Duration <= 0 {
		return defaultDuration
	}
	return window.Duration.Duration
}

// longest returns the length of the longest window.
func longest(windows []v1alpha1.GuardWindow) time.Duration {
	most := time.Duration(0)
	for i := range windows {
		most = max(most, length(&windows[i]))
	}
	return most
}

// account is what is known about one organization at one moment.
type account struct {
	windows []v1alpha1.GuardWindow // all of them apply
	buckets []v1alpha1.HarmBucket
	now     Instant
}

// fitsHarm reports whether every window has room for the harm, in an organization with this
// many users.
func (a *account) fitsHarm(harmful, users int) bool {
	for i := range a.windows {
		most, limited := allowed(&a.windows[i], users)
		if limited && counted(a.buckets, length(&a.windows[i]), a.now).harmful+harmful > most {
			return false
		}
	}
	return true
}

// fitsCreated reports whether there is room for the created users.
func (a *account) fitsCreated(created int) bool { return created <= a.roomToCreate() }

// roomToCreate returns how many more users may be created.
func (a *account) roomToCreate() int {
	room := math.MaxInt
	for i := range a.windows {
		if most := a.windows[i].MaxCreated; most != nil {
			room = min(room, int(*most)-counted(a.buckets, length(&a.windows[i]), a.now).created)
		}
	}
	return max(room, 0)
}

// fits reports whether there is room for the whole amount.
func (a *account) fits(want amount, users int) bool {
	return (want.harmful == 0 || a.fitsHarm(want.harmful, users)) && (want.created == 0 || a.fitsCreated(want.created))
}

// roomIn returns the time after which there is room for the whole amount, if nothing is
// counted or given back in the meantime; 0: there never is.
func (a *account) roomIn(want amount, users int) time.Duration {
	var first time.Duration
	for i := range a.buckets {
		for j := range a.windows {
			at := expiry(&a.buckets[i], length(&a.windows[j]))
			later := account{a.windows, a.buckets, Instant{at, at}}
			wait := at.Sub(a.now.Early)
			if wait > 0 && (first == 0 || wait < first) && later.fits(want, users) {
				first = wait
			}
		}
	}
	return first
}

// limitsCreated reports whether created users are counted at all.
func (a *account) limitsCreated() bool {
	for i := range a.windows {
		if a.windows[i].MaxCreated != nil {
			return true
		}
	}
	return false
}
