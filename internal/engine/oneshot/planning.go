package oneshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Delays before a pass is repeated.
const (
	soon         = 50 * time.Millisecond
	firstPoll    = time.Second
	leavingDelay = 10 * time.Second
)

// planPurpose is the purpose of the reading that a run is planned from.
const planPurpose = "plan"

// planning is the phase in which no run is open.
type planning[T Object] struct{ *run[T] }

// plan checks whether a run is due, and plans its first round.
func (p planning[T]) plan(ctx context.Context) (outcome lifecycle.Outcome, goesOn bool) {
	p.looked = true
	if err := p.sources.load(ctx); err != nil {
		return p.failed(err), false
	}
	ran := p.sources.ran()
	if ran && !p.pass.Requested {
		if again, err := p.leavers.unblocked(ctx); err != nil {
			return p.failed(err), false
		} else if !again {
			p.memories.forget(p.object.GetUID())
			return conclusion(p.status), false
		}
	}
	if err := p.sources.rows(ctx); err != nil {
		return p.failed(err), false
	}
	if outcome, ok := p.admit(p.source()); !ok && !p.settings.OnlyNew {
		return outcome, false
	}
	if err := p.announce(ctx, ran); err != nil {
		return lifecycle.Failed(err), false
	}
	if err := p.learn(ctx); err != nil {
		return p.failed(err), false
	}
	f, err := p.read(ctx)
	if err != nil {
		return p.failed(err), false
	}
	set, found := p.source(), foundBy(f.decisions)
	if p.settings.OnlyNew {
		if set, err = p.selectNew(ctx, f); err != nil {
			return p.failed(err), false
		}
		if outcome, ok := p.admit(set); !ok {
			return outcome, false
		}
	}
	if outcome, ok := p.admitManagers(f, set); !ok {
		return outcome, false
	}
	if err := p.leavers.judge(ctx, f, found); err != nil {
		return p.failed(err), false
	}
	if err := p.newLedger(ctx, set); err != nil {
		return p.failed(err), false
	}
	f.decisions = append(f.decisions, p.leavers.suspensions(len(set.Rows))...)
	return p.round.begin(ctx, f)
}

// source returns the rows that the rows of the run are chosen from.
func (p planning[T]) source() *rows.Set { return cmp.Or(p.m.all, p.m.set) }

// read reads the directory to find the users of the rows and the members.
func (p planning[T]) read(ctx context.Context) (*finding, error) {
	roster, err := p.leavers.roster(ctx)
	if err != nil {
		return nil, err
	}
	return p.observe(ctx, question{purpose: planPurpose, rows: p.plannable(), roster: roster})
}

// inTime limits the outcome of a pass so that the next pass is in time for the next run. The
// time of the next run is known only after the pass has checked whether a run is due.
func (p planning[T]) inTime(outcome lifecycle.Outcome) lifecycle.Outcome {
	if next := p.m.source.Next; p.looked && !next.IsZero() {
		return outcome.Within(next.Sub(p.pass.Now))
	}
	return outcome
}

// plannable returns the rows of the source that are compared with the directory. With OnlyNew,
// invalid rows are included: they may be left out.
func (p planning[T]) plannable() []*rows.Row {
	set := p.source()
	all := make([]*rows.Row, 0, len(set.Rows))
	for i := range set.Rows {
		if row := &set.Rows[i]; p.settings.OnlyNew || len(row.Problems) == 0 {
			all = append(all, row)
		}
	}
	return all
}

// admit reports whether there are rows, and whether they are valid enough for a run. Rows that
// are not take the place of the previous run: if the source returns to the previous rows, they
// are compared with the directory again.
func (p planning[T]) admit(set *rows.Set) (lifecycle.Outcome, bool) {
	entries := entriesOf(set)
	if problem := NoRows(p.object, set); problem != "" && !p.settings.OnlyNew {
		return lifecycle.Stalled(v1alpha1.InvalidRowsReason, problem), false
	}
	// Duplicates fail alone and do not keep other rows waiting.
	invalid := slices.DeleteFunc(slices.Clone(entries), func(entry ledger.Entry) bool { return entry.Reason != v1alpha1.RowInvalidReason })
	if p.settings.OnInvalidRow == v1alpha1.OnInvalidRowSkip {
		return lifecycle.Outcome{}, true
	}
	return p.refuse(set, invalid)
}

// refuse ends a pass if there are invalid rows, which keep all others from being sent. It
// returns true if there are none.
func (p planning[T]) refuse(set *rows.Set, invalid []ledger.Entry) (lifecycle.Outcome, bool) {
	total := len(set.Rows)
	if len(invalid) == 0 {
		return lifecycle.Outcome{}, true
	}
	p.renew(set)
	p.status.Summary = &v1alpha1.RunSummary{Total: count32(total), Failed: count32(len(invalid)), Pending: count32(total - len(invalid))}
	p.status.Failures = p.failures(invalid)
	p.memories.forget(p.object.GetUID())
	return lifecycle.Stalled(v1alpha1.InvalidRowsReason, invalidText(len(invalid), total, p.status.Failures[0].Message)), false
}

// NoRows returns a message if an import has no rows and does not declare that this is
// intended; "" if it may run with these rows.
func NoRows(object metav1.Object, set *rows.Set) string {
	if len(set.Rows) > 0 || object.GetAnnotations()[v1alpha1.AllowEmptyAnnotation] == "true" {
		return ""
	}
	meant := "or set the annotation " + v1alpha1.AllowEmptyAnnotation + `="true" if that is meant.`
	if set.LeftOut > 0 {
		return fmt.Sprintf("spec.filter leaves out every row, %d in all: correct it, ", set.LeftOut) + meant
	}
	return "There are no rows: fill spec.users or the sources of spec.usersFrom, " + meant
}

// announce records in the status that a new key is being planned, before a reading that may
// take long. A key that was announced before is not written again.
func (p planning[T]) announce(ctx context.Context, ran bool) error {
	if ran || p.status.RunKey == p.m.key && p.status.StartTime == nil {
		return nil
	}
	set := p.source()
	total := len(set.Rows)
	p.renew(set)
	if !p.settings.OnlyNew {
		p.status.Summary = &v1alpha1.RunSummary{Total: count32(total), Pending: count32(total)}
	}
	return p.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason, fmt.Sprintf("Comparing %d rows with the directory.", total), 0))
}

// newLedger starts the ledger of a run of these rows. It replaces the stored ledger once it is
// written.
func (p planning[T]) newLedger(ctx context.Context, set *rows.Set) error {
	stored, err := p.Ledger.Read(ctx, p.owner())
	if err != nil {
		return err
	}
	// A process that was frozen may have read the ledger of a run that another process made in
	// the meantime, and would replace it with an empty one.
	if err := p.pass.EnsureCurrent(ctx); err != nil {
		return err
	}
	p.m.lost, p.m.all, p.m.set = nil, p.source(), set
	p.m.ledger = stored.Successor(p.m.key, p.status.RunNumber+1, append(entriesOf(set), p.leavers.entries(len(set.Rows))...))
	return nil
}

// entriesOf starts one entry per row. Rows that are not to be sent get their outcome at once.
func entriesOf(set *rows.Set) []ledger.Entry {
	entries := make([]ledger.Entry, len(set.Rows))
	for i := range set.Rows {
		row := &set.Rows[i]
		entries[i] = ledger.Entry{Row: row.Number, Username: row.Username(), Email: row.Email()}
		if row.Superseded == "" && len(row.Problems) == 0 {
			continue
		}
		entries[i].Username, entries[i].Email = rows.Brief(row.Username()), rows.Brief(row.Email())
		if row.Superseded != "" {
			entries[i].Action = ledger.ActionSkip
			settle(&entries[i], ledger.OutcomeSkipped, "", row.Origin+": is about the same user as "+row.Superseded+", which is used")
			continue
		}
		entries[i].Action = ledger.ActionInvalid
		reason := v1alpha1.RowInvalidReason
		if row.Duplicate {
			reason = v1alpha1.RowDuplicateReason
		}
		settle(&entries[i], ledger.OutcomeFailed, reason, row.Complaint())
	}
	return entries
}
