package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// approval is what the plan of this pass is held against.
func (r *run[T]) approval(approvals approval.Approvals, users int) plan.Approval {
	a := plan.Approval{
		Mode: r.mode(), Approvals: approvals, Salt: r.salt(),
		// The number that the run has, or will have: an approval of this run's plan
		// holds from the first plan to the end, and for no later run.
		Run:     plan.Run{Key: r.m.key, Number: r.m.ledger.RunNumber},
		Allowed: approval.Allowed(r.pass.Session.Spec.Guard, users),
		Earlier: map[int]plan.Earlier{},
	}
	for i := range r.m.ledger.Entries {
		entry := &r.m.ledger.Entries[i]
		if entry.Reserved && entry.Harmful {
			a.Harmed++
		}
		if pending(entry) {
			a.Earlier[entry.Row] = r.earlier(entry)
		}
	}
	// Of a long run some harm is older than what is counted by the hour.
	a.Harmed = max(a.Harmed, guard.HarmOf(r.status.Harmed, r.window(), r.pass.Now))
	return a
}

// earlier is what was allowed of a row before. What was approved counts only as
// long as the status names the approval.
func (r *run[T]) earlier(entry *ledger.Entry) plan.Earlier {
	e := plan.Earlier{Reserved: entry.Reserved, Harmful: entry.Harmful, Sent: r.sends(entry) > 0}
	if r.status.Plan != nil && r.status.Plan.ApprovedHash != "" {
		e.Approved = approval.Unpack(entry.Approved)
	}
	return e
}

// withdraw forgets what was approved where nothing approves it any more. What
// harm was done by it allows no more of it.
func (r *run[T]) withdraw(approvals approval.Approvals) {
	if isOpen(r.status) && r.status.Plan != nil {
		if approvals.Include(r.status.Plan.ApprovedHash) {
			return
		}
		r.status.Plan.ApprovedHash = ""
	}
	for _, entry := range r.m.entries(pending) {
		if entry.Approved != "" {
			entry.Approved, entry.Harmful = "", entry.Harmful && entry.Reserved
		}
	}
}

// withdrawn reports whether the approval by which jobs are sent counts no more.
func (r *run[T]) withdrawn(ctx context.Context) (bool, error) {
	if r.status.Plan == nil || r.status.Plan.ApprovedHash == "" {
		return false, nil
	}
	approvals, err := r.pass.Approvals(ctx, r.settings.ApprovedPlan)
	return err == nil && !approvals.Include(r.status.Plan.ApprovedHash), err
}

// permit takes what the verdict says of a row into its entry. What was approved
// of it shrinks to what is still planned.
func (r *run[T]) permit(entry *ledger.Entry, d *plan.Decision, evaluation *plan.Evaluation) {
	sent := entry.Attempts > 0
	entry.Withheld = evaluation.Withheld[entry.Row]
	entry.Harmful = sent && entry.Harmful || d.Harmful && !entry.Withheld
	switch {
	case evaluation.Approved[entry.Row]:
		entry.Approved = approval.Pack(d.Parts(r.salt()))
	case entry.Approved != "" && !d.Created:
		approved := approval.Unpack(entry.Approved)
		var left []string
		for _, part := range d.Parts(r.salt()) {
			if approved[part] {
				left = append(left, part)
			}
		}
		entry.Approved = approval.Pack(left)
	}
	if !sent && (entry.Withheld || !d.Sends() && !d.Deferred) {
		r.free(entry)
	}
}

// approvedIsOpen reports whether anything that was approved is still to be done.
func (r *run[T]) approvedIsOpen() bool {
	return len(r.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Approved != "" })) > 0
}

// endGrant takes down that an approval was used, if all was done that it
// approved. It is good for nothing more.
func (r *run[T]) endGrant() {
	if r.status.Plan == nil {
		return
	}
	grant := &r.status.Plan.Grant
	if grant.ApprovedHash != "" && !r.approvedIsOpen() {
		grant.DoneHash = grant.ApprovedHash
	}
	grant.ApprovedHash, grant.WithheldBy, r.status.Plan.Withheld = "", "", 0
}
