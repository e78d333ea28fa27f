package oneshot

import (
	"context"
	"errors"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// trusted is how long the room that was counted for a row may wait until the row is sent.
const trusted = time.Hour

// window manages the room that the run takes in the guard's window.
type window[T Object] struct {
	*run[T]
	// reserved is what this pass took, and needed is all that its plan takes.
	reserved, needed reservation
}

// weigh judges which decisions of the plan may be sent, and takes room in the guard's window
// for those that no approval covers. Where the window has no room, they wait.
func (w *window[T]) weigh(ctx context.Context, open []plan.Decision, entries map[int]*ledger.Entry, a plan.Approval) (plan.Evaluation, error) {
	for range 3 { // harm and creations may each exceed the window
		evaluation := plan.Evaluate(open, a)
		uncounted, need := uncounted(open, entries, &evaluation, &a)
		if !w.sending() || len(uncounted) == 0 {
			return evaluation, nil
		}
		if !isOpen(w.status) {
			if err := w.Ledger.Check(ctx, w.owner(), w.m.ledger); err != nil {
				return evaluation, err // the run cannot begin
			}
		}
		more := need.minus(w.taken()).atLeastNone()
		answer, err := w.pass.Reserve(ctx, more.harmful, more.created)
		if err != nil {
			return evaluation, err
		}
		if !answer.Any() {
			w.took(uncounted, need, more, answer.CreatedCounted || more.created == 0)
			return evaluation, nil
		}
		a.HarmFull, a.CreatedFull = a.HarmFull || answer.Harmful, a.CreatedFull || answer.Created
	}
	return plan.Evaluation{}, errors.New("the guard's window is full for rows that do not wait for it")
}

// took records that room was taken for rows: need is all that they need, more is what was
// added to earlier room. Creations that were not counted have no room to give back.
func (w *window[T]) took(rows []*ledger.Entry, need, more reservation, createdCounted bool) {
	if !createdCounted {
		need.created, more.created = 0, 0
	}
	for _, entry := range rows {
		entry.Reserved = createdCounted || w.m.decided.byRow[entry.Row].Harmful
	}
	w.reserved, w.needed, w.m.reservedAt = more, need, time.Now()
	if !isOpen(w.status) {
		w.m.opening.reserved = w.m.opening.reserved.plus(more)
	}
	w.recount(need.harmful)
}

// uncounted returns the rows that are sent without an approval and are not counted yet, and
// how much room they need.
func uncounted(open []plan.Decision, entries map[int]*ledger.Entry, evaluation *plan.Evaluation, a *plan.Approval) (rows []*ledger.Entry, need reservation) {
	for i := range open {
		d := &open[i]
		entry := entries[d.Row.Number]
		earlier := a.Earlier[entry.Row]
		// A row that is counted as a creation is not counted as harm.
		counted := entry.Reserved && (entry.Harmful || !d.Harmful)
		if !d.Sends() || counted || evaluation.Withheld[entry.Row] || evaluation.Approved[entry.Row] || earlier.Grants(d, a.Salt) {
			continue
		}
		switch {
		case d.Harmful:
			need.harmful++
		case d.Action == plan.Create:
			need.created++
		default:
			continue
		}
		rows = append(rows, entry)
	}
	return rows, need
}

// countedAs reports whether a row is counted as what is planned for it now.
func countedAs(entry *ledger.Entry, d *plan.Decision) bool {
	if entry.Action == ledger.ActionCreate {
		return d.Action == plan.Create
	}
	return d.Harmful
}

// free marks a row as not counted, because it was provably not made.
func (w *window[T]) free(entry *ledger.Entry) {
	if !entry.Reserved {
		return
	}
	switch {
	case !w.remembered():
	case entry.Action == ledger.ActionCreate:
		w.m.unused.created++
	default:
		w.m.unused.harmful++
	}
	entry.Reserved, entry.Harmful = false, false
}

// giveBack returns unused room to the guard's window, once the ledger says that the rows are
// not counted: a process that takes over must not send them without room.
func (w *window[T]) giveBack(ctx context.Context) {
	all := w.m.unused.plus(w.m.surplus)
	if all == (reservation{}) {
		return
	}
	if !w.remembered() {
		w.m.unused, w.m.surplus = reservation{}, reservation{}
		return
	}
	if err := w.pass.Release(ctx, all.harmful, all.created); err != nil {
		log.FromContext(ctx).Info("Room in the guard's window that was not used stays taken for now", "error", err.Error())
		return
	}
	w.recount(-w.m.unused.harmful)
	w.m.unused, w.m.surplus = reservation{}, reservation{}
}

// remembered reports whether the window certainly still counts what the run counted. Room that
// the window has forgotten is not given back: that would be room of other objects.
func (w *window[T]) remembered() bool {
	started := w.status.StartTime
	return guard.Within(w.m.reservedAt, w.limits(), w.pass.Now) ||
		started != nil && guard.Within(started.Time, w.limits(), w.pass.Now)
}

// distrust handles room that was counted too long ago, which the window may forget before the
// harm is done. For rows that were not sent yet, it gives the room back; they are planned and
// counted again. For rows that were sent with an unknown outcome, it renews the room if they
// may be sent again. It reports whether there is anything to plan again.
func (w *window[T]) distrust(ctx context.Context) (bool, error) {
	recent := func(b v1alpha1.HarmBucket) bool { return w.pass.Now.Sub(b.Hour.Time).Abs() < trusted }
	if time.Since(w.m.reservedAt) < trusted || slices.ContainsFunc(w.status.Harmed, recent) {
		return false, nil
	}
	unsent, sent := w.counted()
	for _, entry := range unsent {
		w.free(entry)
		w.leaveJob(entry)
	}
	lapsed, err := w.renew(ctx, sent)
	if err != nil || len(unsent) == 0 && !lapsed {
		return false, err
	}
	return true, w.record(ctx, false)
}

// counted returns the rows that are counted and may be sent from now on: those that were not
// sent yet, and those that were.
func (w *window[T]) counted() (unsent, sent []*ledger.Entry) {
	may := unannounced(w.status)
	for _, entry := range w.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Reserved }) {
		switch {
		case w.sends(entry) == 0:
			unsent = append(unsent, entry)
		case (entry.Harmful || creates(entry)) && (entry.Job == 0 || may(entry)):
			sent = append(sent, entry)
		}
	}
	return unsent, sent
}

// renew moves room that was counted for rows that were sent to the present hour: their harm
// may be done only when they are sent again. Rows that the window has forgotten, or has no
// room for, lose their room, and nothing is given back for them, because they may be done. It
// reports whether there are such rows.
func (w *window[T]) renew(ctx context.Context, sent []*ledger.Entry) (lapsed bool, _ error) {
	if len(sent) == 0 || !w.sending() {
		return false, nil
	}
	if w.remembered() {
		var all reservation
		for _, entry := range sent {
			if entry.Harmful {
				all.harmful++
			}
			if creates(entry) {
				all.created++
			}
		}
		short, err := w.pass.Renew(ctx, all.harmful, all.created)
		if err != nil {
			return false, err
		}
		if !short.Any() {
			w.recount(-all.harmful)
			w.recount(all.harmful)
			w.m.reservedAt = time.Now()
			return false, nil
		}
	}
	for _, entry := range sent {
		entry.Reserved, entry.Harmful = false, false
	}
	return true, nil
}

// creates reports whether a row is to create a user that was not seen yet.
func creates(entry *ledger.Entry) bool {
	return entry.Action == ledger.ActionCreate && entry.UserID == ""
}

// sending reports whether this pass may send what it plans.
func (w *window[T]) sending() bool {
	return w.mode() != v1alpha1.ModePlan && !w.pass.Paused && w.round.unwritable == nil
}

func (w *window[T]) limits() *v1alpha1.GuardWindow { return &w.pass.Session.Spec.Guard.Window }

// recount adds by to the object's own harm; by may be negative.
func (w *window[T]) recount(by int) {
	if by != 0 || guard.Ahead(w.status.Harmed, w.pass.Instant) {
		w.status.Harmed = guard.Recount(w.status.Harmed, w.limits(), w.pass.Instant, by)
	}
}

// taken returns the room that earlier attempts of this process to open the same run took. It
// is used again: either no such attempt was stored, or this one will get a conflict and send
// nothing.
func (w *window[T]) taken() reservation {
	if isOpen(w.status) {
		return reservation{}
	}
	if o := &w.m.opening; o.run != w.m.ledger.RunNumber || time.Since(o.at) > trusted {
		w.m.opening = opening{run: w.m.ledger.RunNumber, at: time.Now()}
	}
	return w.m.opening.reserved
}

// unreserve gives back what this pass took for a run that was not opened: nothing of it was
// announced.
func (w *window[T]) unreserve(ctx context.Context) {
	w.m.surplus = w.m.surplus.plus(w.reserved)
	w.m.opening.reserved = w.m.opening.reserved.minus(w.reserved)
	w.recount(-w.needed.harmful)
	w.reserved, w.needed, w.m.lost = reservation{}, reservation{}, nil
	w.giveBack(ctx)
}

// unopened reports whether the write that opens the run was provably not stored although it
// got a conflict, which also happens if the write is repeated on the way and meets itself. The
// stored status proves it with an earlier run, or with the same run begun at another time.
func (w *window[T]) unopened(ctx context.Context) bool {
	live, err := w.pass.Live(ctx)
	if err != nil {
		return false
	}
	stored := live.Run()
	if stored.RunNumber != w.status.RunNumber {
		return stored.RunNumber < w.status.RunNumber
	}
	return stored.StartTime != nil && stored.StartTime.Unix() != w.status.StartTime.Unix()
}

// opened records that this pass opened the run. Room that earlier attempts took beyond its
// needs is to be given back.
func (w *window[T]) opened() {
	if w.m.opening.run == w.status.RunNumber {
		w.m.surplus = w.m.surplus.plus(w.m.opening.reserved.minus(w.needed).atLeastNone())
	}
	w.opens, w.m.opening = false, opening{}
}

// keepCounted copies into the ledger that was read which rows of the same run were counted
// when the ledger could not be written: they are still counted, and must not be counted again
// with each attempt.
func (w *window[T]) keepCounted() {
	lost, l := w.m.lost, w.m.ledger
	w.m.lost = nil
	if lost == nil || lost.RunNumber != l.RunNumber || lost.RunKey != l.RunKey || len(lost.Entries) != len(l.Entries) {
		return
	}
	for i := range l.Entries {
		entry, was := &l.Entries[i], &lost.Entries[i]
		if was.Reserved && !entry.Reserved && pending(was) && pending(entry) && w.sends(entry) == 0 {
			entry.Action, entry.Harmful, entry.Reserved = was.Action, was.Harmful, true
		}
	}
}
