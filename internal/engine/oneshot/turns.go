package oneshot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// turnCheck is the interval after which an object that waits for another object's turn gets a
// pass even if nothing wakes it.
const turnCheck = 5 * time.Minute

// turnsOf manages the run's turns to change lists of users. They are taken job by job, and
// kept until the rows of the job have their outcome.
type turnsOf[T Object] struct {
	*run[T]
	// taken are the turns of the organization, once this pass has taken some.
	taken *turns.Turns
}

// waits holds the rows that wait for other objects' turns, and the first of those objects.
type waits struct {
	rows  map[int]bool
	first turns.Holder
}

func (t *turnsOf[T]) holder() turns.Holder {
	return turns.HolderOf(t.Kind.Name(), t.object)
}

// all returns the turns of the organization. They include those of jobs that were open before
// this process started.
func (t *turnsOf[T]) all(ctx context.Context) (*turns.Turns, error) {
	return t.Turns.Of(ctx, t.pass.Session.OrganizationID)
}

// others returns the rows to be sent that wait for other objects' turns. The object is woken
// once one of these turns has ended.
func (t *turnsOf[T]) others(ctx context.Context) (waits, error) {
	w := waits{rows: map[int]bool{}}
	all, err := t.all(ctx)
	if err != nil {
		return w, err
	}
	holder, engine := t.holder(), t.Engine
	wake := func() { engine.Wake(holder.NamespacedName) }
	for _, entry := range t.m.entries(pending) {
		d := t.m.decided.byRow[entry.Row]
		if d == nil || entry.Withheld || !d.SendsLists() {
			continue
		}
		if other, waiting := all.Wait(holder, d.UserID, wake); waiting {
			if w.rows[entry.Row] = true; len(w.rows) == 1 {
				w.first = other
			}
		}
	}
	return w, nil
}

// take takes the turns that a job needs, except those that other objects have: see has. Lists
// that the job sends must be read after since.
func (t *turnsOf[T]) take(ctx context.Context, index int32) (since time.Time, err error) {
	all, err := t.all(ctx)
	if err != nil {
		return since, err
	}
	holder := t.holder()
	for _, entry := range t.m.entries(inJob(index)) {
		if d := t.m.decided.byRow[entry.Row]; d != nil && d.SendsLists() {
			if ended, taken := all.Take(holder, d.UserID); taken && ended.After(since) {
				since = ended
			}
		}
	}
	t.taken = all
	return since, nil
}

// has reports whether a decision may be carried out: it changes no lists, or the object has
// the turn.
func (t *turnsOf[T]) has(d *plan.Decision) bool {
	return !d.SendsLists() || t.taken != nil && t.taken.Has(t.holder(), d.UserID)
}

// keep ends the turns that the run does not need any more. While it is not known which rows
// are open, it keeps all of them.
func (t *turnsOf[T]) keep() {
	l := t.m.ledger
	if isOpen(t.status) && l == nil {
		return
	}
	needed := sync.OnceValue(func() map[string]bool { return listUsers(t.status, l) })
	t.Turns.Keep(t.holder(), t.object.GetResourceVersion(), func(userID string) bool { return needed()[userID] })
}

// waitForTurns ends a pass in which everything to send waits for other objects' turns.
func (r *round[T]) waitForTurns(ctx context.Context, w waits) lifecycle.Outcome {
	if !isOpen(r.status) {
		r.window.unreserve(ctx)
	} else {
		r.summarize()
		if err := r.record(ctx, false); err != nil {
			return r.failed(err)
		}
	}
	return lifecycle.Progressing(v1alpha1.ProgressingReason, fmt.Sprintf("%s left: a job of %s is changing attributes, addresses or phone "+
		"numbers of the same users. Once its outcome is known, the rest is compared with the directory.",
		counted(count32(len(w.rows)), "row"), w.first.For(r.object.GetNamespace(), r.pass.Session.Organization.Namespace)), turnCheck)
}
