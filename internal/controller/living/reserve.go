package living

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// errFull says that the guard's window has no room for less than it had none for.
var errFull = errors.New("the guard's window withholds what is not harmful")

// trusted is how long it is believed after a restart that what was announced is
// counted. After that it is counted anew: rather twice than too short a time.
const trusted = time.Hour

// harms are how many users changes harm, by short digests.
type harms map[string]int

func (h harms) sum() int {
	sum := 0
	for _, harm := range h {
		sum += harm
	}
	return sum
}

// account is what a process knows of the harm that it counted and did not do yet.
type account struct {
	// reserved changes are of the present plan and were not tried yet; unsent ones
	// are of a plan that was dropped, and were provably not made.
	reserved, unsent harms
	// fresh is how much of what is reserved the status does not say yet.
	fresh int
	// before is what the status said before the announcement that is about to be
	// written.
	before *announcement
	// doubts are announcements of which it is not known whether they were stored.
	doubts []doubt
	// owed is what is to be given back to the guard's window.
	owed int
	// at is the announcement that this process made last. If the status has
	// another one, another process has taken over what was counted.
	at *metav1.MicroTime
}

// announcement is what the status says to be counted.
type announcement struct {
	harmed  []v1alpha1.HarmBucket
	counted string
	at      *metav1.MicroTime
	mine    *metav1.MicroTime // the one that this process made last
}

// doubt is an announcement whose write failed without a clear answer, over the
// object of that version, and what was reserved for it.
type doubt struct {
	version string
	at      *metav1.MicroTime
	fresh   int
}

// drop is what becomes of the account of a plan that is dropped.
func (a *account) drop() {
	if a.unsent == nil {
		a.unsent = harms{}
	}
	maps.Copy(a.unsent, a.reserved)
	a.reserved, a.fresh = nil, 0
}

// recountHarmed marks what of the plan is counted already, forgets that of what
// is not planned any more, and returns what the object did in the window.
func (w *work[T, M]) recountHarmed(terms []approval.Change) int {
	if guard.Ahead(w.status.Harmed, w.pass.Now) {
		w.recount(0)
	}
	counted := approval.Unpack(w.status.Counted)
	planned := map[string]bool{}
	for i := range terms {
		planned[approval.Short(terms[i].Digest)] = true
	}
	w.refund(counted, planned)
	var kept []string
	for i := range terms {
		if key := approval.Short(terms[i].Digest); counted[key] && w.trusts() {
			terms[i].Counted = true
			kept = append(kept, key)
		}
	}
	w.noteCounted(kept)
	return guard.HarmOf(w.status.Harmed, w.window(), w.pass.Now)
}

func (w *work[T, M]) window() *v1alpha1.GuardWindow { return &w.pass.Session.Spec.Guard.Window }

// recount counts so much more harm, or so much less.
func (w *work[T, M]) recount(by int) {
	w.status.Harmed = guard.Recount(w.status.Harmed, w.window(), w.pass.Now, by)
}

// trusts reports whether what the status says to be counted was so lately.
func (w *work[T, M]) trusts() bool {
	at := w.status.CountedAt
	return at != nil && w.pass.Now.Sub(at.Time).Abs() < trusted
}

func (w *work[T, M]) noteCounted(keys []string) {
	w.status.Counted = approval.Pack(keys)
	if w.status.Counted == "" {
		w.status.CountedAt = nil
	}
}

// refund takes out of the counts what this process announced and did not make,
// and what is not planned any more. Another process that has taken it over may
// have made it. The window gets it back once the status says so: see settle.
func (w *work[T, M]) refund(counted, planned map[string]bool) {
	a := &w.m.account
	if len(a.doubts) > 0 {
		return // an old copy of the object does not say what is counted
	}
	if !a.at.Equal(w.status.CountedAt) {
		a.unsent = nil
	}
	due := 0
	for key, harm := range a.unsent {
		switch {
		case !counted[key]:
			delete(a.unsent, key)
		case !planned[key] || !w.trusts():
			w.due[key] = harm
			due += harm
			delete(counted, key)
		}
	}
	if due > 0 {
		w.recount(-due)
	}
}

// forgo takes out of the counts all that was announced and not made of a plan
// that was dropped.
func (w *work[T, M]) forgo() {
	counted := approval.Unpack(w.status.Counted)
	w.refund(counted, nil)
	w.noteCounted(slices.Collect(maps.Keys(counted)))
}

// settle ends a pass: what was taken out of the counts goes back to the window.
// The status is written first: whoever takes over relies on what it counts.
func (w *work[T, M]) settle(ctx context.Context, outcome lifecycle.Outcome) lifecycle.Outcome {
	a := &w.m.account
	if len(w.due) > 0 && outcome.Told() && w.pass.Save(ctx, outcome) == nil {
		a.owed += w.due.sum()
		for key := range w.due {
			delete(a.unsent, key)
		}
	}
	w.giveBack(ctx)
	return outcome
}

// admit reserves room in the guard's window for what may be carried out and no
// approval covers. Where there is none, the plan is judged anew without it.
func (w *work[T, M]) admit(ctx context.Context, changes []Change[T, M], j judgement) (judgement, error) {
	var full fullness
	for {
		carried, fresh := j.toll()
		if len(fresh) == 0 && j.Created == 0 {
			w.announce(carried, fresh)
			return j, nil
		}
		harmFull, createdFull, err := w.pass.Reserve(ctx, fresh.sum(), j.Created)
		if err != nil {
			return j, err
		}
		if !harmFull && !createdFull {
			w.announce(carried, fresh)
			return j, nil
		}
		if full.harm && harmFull || full.created && createdFull {
			return j, errFull
		}
		full = fullness{full.harm || harmFull, full.created || createdFull}
		if j, err = w.judge(ctx, changes, full); err != nil {
			return j, err
		}
	}
}

// toll is the harm that may be done and that no approval covers: what is
// counted already, and what is to be.
func (j *judgement) toll() (carried, fresh harms) {
	carried, fresh = harms{}, harms{}
	for i := range j.terms {
		c := &j.terms[i]
		switch {
		case c.Harm == 0 || c.Covered || j.Withheld[i] || j.Approved[i]:
		case c.Counted:
			carried[approval.Short(c.Digest)] = c.Harm
		default:
			fresh[approval.Short(c.Digest)] = c.Harm
		}
	}
	return carried, fresh
}

// announce counts what is about to be done. The status is written before the
// first call.
func (w *work[T, M]) announce(carried, fresh harms) {
	a := &w.m.account
	a.before = &announcement{w.status.Harmed, w.status.Counted, w.status.CountedAt.DeepCopy(), a.at}
	taken := len(carried) > 0 && !a.at.Equal(w.status.CountedAt)
	if len(fresh) > 0 {
		w.recount(fresh.sum())
		w.status.Counted = approval.Pack(slices.Concat(
			slices.Collect(maps.Keys(approval.Unpack(w.status.Counted))), slices.Collect(maps.Keys(fresh))))
	}
	if taken || len(fresh) > 0 {
		w.status.CountedAt = new(metav1.NewMicroTime(w.pass.Now.Truncate(time.Microsecond)))
	}
	a.at, a.fresh = w.status.CountedAt.DeepCopy(), fresh.sum()
	a.reserved = harms{}
	for _, part := range []harms{carried, fresh} {
		for key, harm := range part {
			a.reserved[key] = harm
			delete(a.unsent, key)
		}
	}
}

// unannounce takes an announcement back whose write failed: what the status
// tells of the failure must not say that it is counted. What was reserved for it is
// given back once it is known that the announcement was not stored.
func (w *work[T, M]) unannounce(version string, err error) {
	a := &w.m.account
	if a.before == nil {
		return
	}
	w.status.Harmed, w.status.Counted, w.status.CountedAt = a.before.harmed, a.before.counted, a.before.at
	switch {
	case a.fresh == 0:
	case apierrors.IsConflict(err) || apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsNotFound(err):
		a.owed, a.at = a.owed+a.fresh, a.before.mine
	default:
		a.doubts = append(a.doubts, doubt{version, a.at, a.fresh})
	}
}

// resolve gives back what was reserved for announcements that were not stored. A
// later version of the object than the one that was written over tells.
func (w *work[T, M]) resolve(ctx context.Context) {
	a := &w.m.account
	if len(a.doubts) == 0 || a.doubts[0].version == w.object.GetResourceVersion() {
		return
	}
	for _, d := range a.doubts {
		if !d.at.Equal(w.status.CountedAt) {
			a.owed += d.fresh
		}
	}
	a.doubts = nil
	w.giveBack(ctx)
}

func (w *work[T, M]) giveBack(ctx context.Context) {
	a := &w.m.account
	if a.owed > 0 && w.pass.Release(ctx, a.owed, 0) == nil {
		a.owed = 0
	}
}

// notMade reports whether a call provably changed nothing.
func notMade(err error) bool {
	if err == nil {
		return false
	}
	switch jumpcloud.ClassOf(err) {
	case jumpcloud.NotSent, jumpcloud.Refused, jumpcloud.RateLimited, jumpcloud.Auth:
		return true
	default:
		return false
	}
}
