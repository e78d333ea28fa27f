package run

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/plan"
)

// wave plans what of the rows without an outcome is sent now, after a survey
// that is complete, and sends its first job. Where nothing is to be sent, the
// run ends, or waits for an approval.
func (r *run[T]) wave(ctx context.Context, f *finding) lifecycle.Outcome {
	verdict, sends := r.planWave(f)
	switch {
	case sends == 0 && len(verdict.Withheld) == 0 && (isOpen(r.status) || r.settings.Mode != v1alpha1.ModePlan):
		return r.finish(ctx)
	case r.mode() == v1alpha1.ModePlan && isOpen(r.status):
		return r.hold(ctx)
	case r.mode() == v1alpha1.ModePlan:
		return r.planned(ctx)
	case sends == 0:
		return r.await(ctx, verdict)
	case r.pass.Paused:
		return paused()
	}
	if err := r.pass.Session.Client.MayWrite(); err != nil {
		return r.failed(err)
	}
	if err := r.start(ctx); err != nil {
		return r.failed(err)
	}
	return r.next(ctx)
}

// planWave takes the decisions about rows without an outcome into the ledger,
// and returns what of them may be sent, and how many rows would be.
func (r *run[T]) planWave(f *finding) (verdict plan.Verdict, sends int) {
	byRow := map[int]*ledger.Entry{}
	for _, entry := range r.m.entries(pending) {
		byRow[entry.Row] = entry
	}
	open := make([]plan.Decision, 0, len(byRow))
	for _, d := range f.decisions {
		if byRow[d.Row.Number] != nil {
			open = append(open, d)
		}
	}
	verdict = plan.Judge(open, r.approval(f.Users))
	r.m.plan = plan.Count(open, r.settings.Defaults)
	if isOpen(r.status) && r.status.Plan != nil {
		r.m.plan = *r.status.Plan
	} else {
		r.m.plan.Total = count32(len(r.m.ledger.Entries))
		r.m.plan.Invalid += r.m.plan.Total - count32(len(open))
	}
	if !isOpen(r.status) || len(verdict.Withheld) > 0 {
		r.m.plan.Hash = verdict.Hash
	}

	r.m.plannedAt, r.m.plannedWith = time.Now(), r.pass.Session
	r.m.decisions = map[int]*plan.Decision{}
	for i := range open {
		d := &open[i]
		r.m.decisions[d.Row.Number] = d
		entry := byRow[d.Row.Number]
		r.enter(entry, d)
		entry.Withheld = verdict.Withheld[entry.Row]
		// What is withheld does not make harmful what was sent before.
		entry.Harmful = entry.Attempts > 0 && entry.Harmful || d.Harmful && !entry.Withheld
		if verdict.Granted {
			entry.Approved = d.Digest(r.salt())
		}
		if pending(entry) && !entry.Withheld && d.Sends() {
			sends++
		}
	}
	return verdict, sends
}

// enter takes a decision into the row's entry. The action of a row that was
// sent stays: what is sent later completes it.
func (r *run[T]) enter(entry *ledger.Entry, d *plan.Decision) {
	sent := entry.Attempts > 0
	entry.UserID = d.UserID
	entry.Deferred, entry.Job = d.Deferred, 0
	switch d.Action {
	case plan.Fail:
		if !sent {
			entry.Action = ledger.ActionInvalid
		}
		settle(entry, ledger.OutcomeFailed, d.Reason, d.Row.Origin+": "+d.Message)
	case plan.Unchanged, plan.Skip:
		switch {
		case sent:
			succeed(entry)
		case d.Action == plan.Skip:
			entry.Action = ledger.ActionSkip
			settle(entry, ledger.OutcomeSkipped, "", "the user exists, and existing users are left alone")
		default:
			entry.Action = ledger.ActionUnchanged
			settle(entry, ledger.OutcomeUnchanged, "", "")
		}
	default:
		if sent && entry.Attempts > maxSends {
			settle(entry, ledger.OutcomeFailed, v1alpha1.RowNotAppliedReason, fmt.Sprintf("the row was sent %d times and the directory does not show it", entry.Attempts))
			return
		}
		if !sent {
			entry.Action = actionOf(d)
		}
		entry.Digests = r.digests(d)
		if entry.Outcome == "" && !sent {
			entry.Message = changed(d)
		}
	}
}

func actionOf(d *plan.Decision) ledger.Action {
	switch {
	case d.Action == plan.Create:
		return ledger.ActionCreate
	case d.Suspend:
		return ledger.ActionSuspend
	default:
		return ledger.ActionUpdate
	}
}

func (r *run[T]) salt() string { return string(r.object.GetUID()) }

// mode is how far this run may go: an Organization in mode Plan keeps
// everything beneath it from being sent.
func (r *run[T]) mode() v1alpha1.Mode {
	if r.pass.Session.Spec.Mode == v1alpha1.ModePlan {
		return v1alpha1.ModePlan
	}
	return r.settings.Mode
}

// approval is what the plan of this pass is held against.
func (r *run[T]) approval(users int) plan.Approval {
	a := plan.Approval{
		Mode: r.mode(), Approvals: approval.Approvals{Hashes: []string{r.settings.ApprovedPlan}}, Salt: r.salt(),
		// The number that the run has, or will have: an approval of this run's plan
		// holds from the first plan to the end, and for no later run.
		Run:     plan.Run{Key: r.m.key, Number: r.m.ledger.RunNumber},
		Allowed: approval.Allowed(r.pass.Session.Spec.Guard, users),
		Earlier: map[int]plan.Earlier{},
	}
	for i := range r.m.ledger.Entries {
		entry := &r.m.ledger.Entries[i]
		if entry.Attempts > 0 && entry.Harmful {
			a.Harmed++
		}
		if pending(entry) && (entry.Approved != "" || entry.Attempts > 0) {
			a.Earlier[entry.Row] = plan.Earlier{Digest: entry.Approved, Harmful: entry.Harmful, Sent: entry.Attempts > 0}
		}
	}
	return a
}
