package oneshot

import (
	"context"
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// round plans what is sent next, from a complete reading of the directory: it plans the rows
// that have no outcome, and the jobs that send them.
type round[T Object] struct {
	*run[T]
	// unwritable is the reason why nothing may be sent by this pass's plan; nil if it may be
	// sent. It is set before the plan, which takes room only for what may be sent.
	unwritable error
	// waits holds the rows that wait for other objects' turns.
	waits map[int]bool
}

// begin plans which of the rows without an outcome are sent now, and makes them the manifest,
// so that submitting is next. If nothing is to be sent, the run ends, or waits for an
// approval.
func (r *round[T]) begin(ctx context.Context, f *finding) (outcome lifecycle.Outcome, goesOn bool) {
	approvals, err := r.pass.Approvals(ctx, r.settings.ApprovedPlan)
	if err != nil {
		return r.failed(err), false
	}
	r.unwritable = r.pass.Session.Client.MayWrite()
	evaluation, sends, err := r.plan(ctx, f, approvals)
	if err != nil {
		return r.failed(err), false
	}
	switch {
	case sends == 0 && len(evaluation.Withheld) == 0 && (isOpen(r.status) || r.settings.Mode != v1alpha1.ModePlan):
		return finishing[T]{r.run}.finish(ctx), false
	case r.mode() == v1alpha1.ModePlan && isOpen(r.status):
		return submitting[T]{r.run}.hold(ctx), false
	case r.mode() == v1alpha1.ModePlan:
		return r.present(ctx), false
	case sends == 0:
		return r.await(ctx, evaluation, approvals), false
	case r.pass.Paused:
		return paused(), false
	}
	opens := !isOpen(r.status)
	waits, err := r.turns.others(ctx)
	r.waits = waits.rows
	switch {
	case err != nil:
	case len(waits.rows) == sends:
		return r.waitForTurns(ctx, waits), false
	case r.unwritable != nil:
		err = r.unwritable
	default:
		err = r.start(ctx)
	}
	if err != nil {
		if opens {
			r.window.unreserve(ctx)
		}
		return r.failed(err), false
	}
	return lifecycle.Outcome{}, true
}

// plan records the decisions about rows without an outcome in the ledger, and returns which of
// them may be sent, and how many rows that is.
func (r *round[T]) plan(ctx context.Context, f *finding, approvals approval.Approvals) (evaluation plan.Evaluation, sends int, err error) {
	byRow := map[int]*ledger.Entry{}
	for _, entry := range r.m.entries(pending) {
		byRow[entry.Row] = entry
	}
	open := make([]plan.Decision, 0, len(byRow))
	for _, d := range f.decisions {
		if entry := byRow[d.Row.Number]; entry != nil {
			open = append(open, d)
			if r.sends(entry) == 0 && !countedAs(entry, &d) {
				r.window.free(entry)
			}
		}
	}
	if _, err = r.window.distrust(ctx); err != nil {
		return evaluation, 0, err
	}
	r.window.recount(0)
	r.grants.withdraw(approvals)
	a := r.grants.approval(approvals, f.Users) // counts what was sent until now
	r.m.decided.take(open, r.pass.Session, f.Began)
	for i := range open {
		r.enter(byRow[open[i].Row.Number], &open[i])
	}
	if evaluation, err = r.window.weigh(ctx, open, byRow, a); err != nil {
		return evaluation, 0, err
	}
	for i := range open {
		d, entry := &open[i], byRow[open[i].Row.Number]
		r.grants.permit(entry, d, &evaluation)
		if pending(entry) && !entry.Withheld && d.Sends() {
			sends++
		}
	}
	r.describe(open, &evaluation)
	return evaluation, sends, nil
}

// describe records what the plan would do, and what part of it waits for an approval. For an
// open run, it keeps the plan that the run began with.
func (r *round[T]) describe(open []plan.Decision, evaluation *plan.Evaluation) {
	grant := v1alpha1.Grant{}
	if r.status.Plan != nil {
		grant = r.status.Plan.Grant
	}
	r.m.plan = plan.Count(open, r.settings.Defaults)
	if isOpen(r.status) && r.status.Plan != nil {
		r.m.plan = *r.status.Plan
	} else {
		r.m.plan.Total = count32(len(r.m.entries(func(entry *ledger.Entry) bool { return !entry.Reported() })))
		r.m.plan.Invalid += r.m.plan.Total - count32(len(open))
	}
	if !isOpen(r.status) || len(evaluation.Withheld) > 0 {
		r.m.plan.Hash = evaluation.Hash
	}
	r.m.plan.Withheld, r.m.plan.Withdrawn, grant.WithheldBy = 0, r.grants.countWithdrawn(), ""
	if r.mode() != v1alpha1.ModePlan {
		r.m.plan.Withheld, grant.WithheldBy = count32(len(evaluation.Withheld)), evaluation.By
	}
	switch {
	case evaluation.Granted:
		grant.ApprovedHash = evaluation.Hash
	case !isOpen(r.status):
		grant.ApprovedHash = "" // it belonged to a run that started over
	case grant.ApprovedHash != "" && !r.grants.approvedIsOpen():
		grant.ApprovedHash, grant.DoneHash = "", grant.ApprovedHash
	}
	r.m.plan.Grant = grant
}

// enter records a decision in the row's entry. The action of a row that was sent stays: what
// is sent later completes it.
func (r *round[T]) enter(entry *ledger.Entry, d *plan.Decision) {
	r.leaveJob(entry)
	sent := entry.Attempts > 0
	entry.UserID, entry.Deferred = d.UserID, d.Deferred
	note(entry, d, sent)
	r.carryKept(entry, d)
	switch d.Action {
	case plan.Fail:
		if !sent {
			entry.Action = ledger.ActionInvalid
		}
		settle(entry, ledger.OutcomeFailed, d.Reason, d.Row.Origin+": "+d.Message)
	case plan.Unchanged, plan.Skip:
		switch {
		case d.Leaver:
			dismiss(entry, d, sent)
		case sent:
			succeed(entry)
		case d.Action == plan.Skip:
			entry.Action = ledger.ActionSkip
			conclude(entry, ledger.OutcomeSkipped, "the user exists, and existing users are left alone")
		default:
			entry.Action = ledger.ActionUnchanged
			conclude(entry, ledger.OutcomeUnchanged, "")
		}
	default:
		if sent && entry.Attempts > mostSends(entry) {
			settle(entry, ledger.OutcomeFailed, v1alpha1.RowNotAppliedReason, fmt.Sprintf("the row was sent %d times and the directory does not show it", entry.Attempts))
			return
		}
		if !sent {
			entry.Action = actionOf(d)
		}
		entry.Digests = r.digests(d)
		if entry.Outcome == "" && !sent {
			entry.Message = joined(changed(d), notes[entry.Reason])
			r.show(r.object, entry, d)
		}
	}
}

func actionOf(d *plan.Decision) ledger.Action {
	switch {
	case d.Action == plan.Create:
		return ledger.ActionCreate
	case d.Leaver:
		return ledger.ActionSuspendLeaver
	case d.Suspend:
		return ledger.ActionSuspend
	default:
		return ledger.ActionUpdate
	}
}
