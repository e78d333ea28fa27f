package continuous

import (
	"context"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// lately is how old a count may be when its harm is done. An older count is moved to the
// present hour; otherwise the window would forget it too soon.
const lately = time.Hour

// harms are how many users changes harm, by short digests.
type harms map[string]int

func (h harms) sum() int {
	sum := 0
	for _, harm := range h {
		sum += harm
	}
	return sum
}

// account is what a process knows of the harm that it counted and has not done yet.
type account struct {
	// reserved changes are those of the present plan that were not tried yet; unsent ones are
	// those of a plan that was dropped, and were provably not made.
	reserved, unsent harms
	// fresh is how much of reserved the status does not record yet.
	fresh int
	// before is the announcement in the status before the one that is about to be written.
	before *announcement
	// doubts are announcements that may or may not have been stored.
	doubts []doubt
	// owed must be given back to the guard's window.
	owed owed
	// at is the latest announcement of this process. If the status has another one, another
	// process has taken over what was counted.
	at *metav1.MicroTime
}

// harmCount keeps the counts of one object's harm in a pass: those in its status, and those in
// the guard's window of the Organization.
type harmCount[T Object] struct {
	*account
	pass   *lifecycle.Pass[T]
	status *v1alpha1.LivingStatus
	// due is what this pass took out of the counts: see refund.
	due harms
	// dueSince is when that was counted.
	dueSince time.Time
	// read is what the status said when the pass began.
	read announcement
}

// announcement is the part of the status that says which harm is counted.
type announcement struct {
	harmed  []v1alpha1.HarmBucket
	counted string
	at      *metav1.MicroTime
	mine    *metav1.MicroTime // the latest one of this process
}

// doubt is an announcement that may or may not have been stored, with the version of the
// object that it was to replace, and what was reserved for it.
type doubt struct {
	version string
	at      *metav1.MicroTime
	fresh   int
	// before is what the status said when the pass began.
	before announcement
}

// unstored reports whether a later status proves that the announcement was not stored: the
// status is unchanged, or has an earlier announcement. If another process has written its own
// announcement over it, the reservation stays counted.
func (d *doubt) unstored(status *v1alpha1.LivingStatus) bool {
	switch at := status.CountedAt; {
	case d.at.Equal(at):
		return false
	case at != nil && at.Before(d.at):
		return true
	default:
		return at.Equal(d.before.at) && equality.Semantic.DeepEqual(status.Harmed, d.before.harmed)
	}
}

// drop moves the reservations of a dropped plan to unsent.
func (a *account) drop() {
	if a.unsent == nil {
		a.unsent = harms{}
	}
	maps.Copy(a.unsent, a.reserved)
	a.reserved, a.fresh = nil, 0
}

// notMade records that a counted change was provably not made, after its plan was dropped.
func (a *account) notMade(key string, harm int) {
	if a.unsent == nil {
		a.unsent = harms{}
	}
	a.unsent[key] = harm
}

// mark marks the changes of the plan that are already counted, forgets the digests of changes
// that are not planned any more, and returns how much the object harmed within the window.
func (h *harmCount[T]) mark(terms []approval.Change) int {
	if guard.Ahead(h.status.Harmed, h.pass.Instant) {
		h.recount(0)
	}
	counted := approval.Unpack(h.status.Counted)
	planned := map[string]bool{}
	for i := range terms {
		planned[approval.Short(terms[i].Digest)] = true
	}
	h.refund(counted, planned)
	var kept []string
	for i := range terms {
		if key := approval.Short(terms[i].Digest); counted[key] && h.remembers() {
			terms[i].Counted = true
			kept = append(kept, key)
		}
	}
	h.noteCounted(kept)
	return guard.HarmOf(h.status.Harmed, h.window(), h.pass.Instant)
}

func (h *harmCount[T]) window() *v1alpha1.GuardWindow { return &h.pass.Session.Spec.Guard.Window }

// recount counts that much more harm, or less if by is negative.
func (h *harmCount[T]) recount(by int) {
	h.status.Harmed = guard.Recount(h.status.Harmed, h.window(), h.pass.Instant, by)
}

// stale reports whether the latest count in the status was not made lately.
func (h *harmCount[T]) stale() bool {
	at := h.status.CountedAt
	return at == nil || h.pass.Now.Sub(at.Time).Abs() >= lately
}

// remembers reports whether the window still contains what the status counts. Forgotten harm
// is counted again, and not given back: that would be other objects' room.
func (h *harmCount[T]) remembers() bool {
	at := h.status.CountedAt
	return at != nil && guard.Within(at.Time, h.window(), h.pass.Now)
}

func (h *harmCount[T]) noteCounted(keys []string) {
	h.status.Counted = approval.Pack(keys)
	if h.status.Counted == "" {
		h.status.CountedAt = nil
	}
}

// refund takes out of the counts the changes that this process announced, did not make, and
// does not plan any more. If another process has taken over, it may have made them, and they
// stay counted. The window gets the room back once the status says so: see settle.
func (h *harmCount[T]) refund(counted, planned map[string]bool) {
	a := h.account
	if len(a.doubts) > 0 {
		return // an old copy of the object does not say what is counted
	}
	if !a.at.Equal(h.status.CountedAt) {
		a.unsent = nil
	}
	due := 0
	for key, harm := range a.unsent {
		switch {
		case !counted[key], !h.remembers():
			delete(a.unsent, key)
		case !planned[key]:
			h.due[key] = harm
			due += harm
			delete(counted, key)
		}
	}
	if due > 0 {
		h.dueSince = h.status.CountedAt.Time
		h.recount(-due)
	}
}

// forgo takes out of the counts all changes of a dropped plan that were announced and not
// made.
func (h *harmCount[T]) forgo() {
	counted := approval.Unpack(h.status.Counted)
	h.refund(counted, nil)
	h.noteCounted(slices.Collect(maps.Keys(counted)))
}

// settle ends a pass: it gives the window back what refund took out of the counts. It writes
// the status first, because whoever takes over relies on the counts there.
func (h *harmCount[T]) settle(ctx context.Context, outcome lifecycle.Outcome) lifecycle.Outcome {
	a := h.account
	if len(h.due) > 0 && outcome.Told() && h.pass.Save(ctx, outcome) == nil {
		a.owed.add(h.due.sum(), h.dueSince)
		for key := range h.due {
			delete(a.unsent, key)
		}
	}
	h.giveBack(ctx)
	return outcome
}

// announce counts the harm that is about to be done, in the present hour. The status is
// written before the first call.
func (h *harmCount[T]) announce(carried, fresh harms) {
	a := h.account
	a.before = &announcement{h.status.Harmed, h.status.Counted, h.status.CountedAt.DeepCopy(), a.at}
	taken := len(carried) > 0 && !a.at.Equal(h.status.CountedAt)
	if len(carried) > 0 && h.stale() {
		taken = true
		h.recount(-carried.sum())
		h.recount(carried.sum())
	}
	if len(fresh) > 0 {
		h.recount(fresh.sum())
		h.status.Counted = approval.Pack(slices.Concat(
			slices.Collect(maps.Keys(approval.Unpack(h.status.Counted))), slices.Collect(maps.Keys(fresh))))
	}
	if taken || len(fresh) > 0 {
		h.status.CountedAt = new(metav1.NewMicroTime(h.pass.Now.Truncate(time.Microsecond)))
	}
	a.at, a.fresh = h.status.CountedAt.DeepCopy(), fresh.sum()
	a.reserved = harms{}
	for _, part := range []harms{carried, fresh} {
		for key, harm := range part {
			a.reserved[key] = harm
			delete(a.unsent, key)
		}
	}
}

// withdraw takes back an announcement whose write failed: the status that reports the failure
// must not count it. Its reservation is given back once it is known that the announcement was
// not stored.
func (h *harmCount[T]) withdraw(ctx context.Context, version string, err error) {
	a := h.account
	if a.before == nil {
		return
	}
	h.status.Harmed, h.status.Counted, h.status.CountedAt = a.before.harmed, a.before.counted, a.before.at
	if a.fresh == 0 {
		return
	}
	d := doubt{version, a.at, a.fresh, h.read}
	if h.refused(ctx, &d, err) {
		a.owed.add(a.fresh, a.at.Time)
		a.at = a.before.mine
	} else {
		a.doubts = append(a.doubts, d)
	}
}

// refused reports whether an announcement was provably not stored. The answer to its write
// does not prove it: a write that is repeated on the way may conflict with itself, or may be
// refused although the first one was stored and its answer lost.
func (h *harmCount[T]) refused(ctx context.Context, d *doubt, err error) bool {
	if !apierrors.IsConflict(err) && !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		return false
	}
	live, err := h.pass.Live(ctx)
	return err == nil && d.unstored(live.Living())
}

// resolve gives back the reservations of announcements that were not stored. It needs a later
// version of the object than the one that they were to replace.
func (h *harmCount[T]) resolve(ctx context.Context) {
	a := h.account
	if len(a.doubts) == 0 || a.doubts[0].version == h.pass.Object.GetResourceVersion() {
		return
	}
	for i := range a.doubts {
		if d := &a.doubts[i]; d.unstored(h.status) {
			a.owed.add(d.fresh, d.at.Time)
		}
	}
	a.doubts = nil
	h.giveBack(ctx)
}
