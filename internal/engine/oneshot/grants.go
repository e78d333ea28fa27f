package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// grants compares the plan with approvals.
type grants[T Object] struct{ *run[T] }

// approval returns what the plan of this pass is compared with.
func (g *grants[T]) approval(approvals approval.Approvals, users int) plan.Approval {
	a := plan.Approval{
		Mode: g.mode(), Approvals: approvals, Salt: g.salt(),
		// Number is the number that the run has, or will have: an approval of this run's plan
		// is valid from the first plan to the end of the run, and for no later run.
		Run:     plan.Run{Key: g.m.key, Number: g.m.ledger.RunNumber},
		Allowed: approval.Allowed(g.pass.Session.Spec.Guard, users),
		Earlier: map[int]plan.Earlier{},
	}
	for i := range g.m.ledger.Entries {
		entry := &g.m.ledger.Entries[i]
		if entry.Reserved && entry.Harmful {
			a.Harmed++
		}
		if pending(entry) {
			a.Earlier[entry.Row] = g.earlier(entry)
		}
	}
	// In a long run, some harm is older than the hourly counts reach.
	a.Harmed = max(a.Harmed, guard.HarmOf(g.status.Harmed, g.window.limits(), g.pass.Instant))
	return a
}

// earlier returns what was allowed of a row before. An approval counts only while the status
// names it.
func (g *grants[T]) earlier(entry *ledger.Entry) plan.Earlier {
	e := plan.Earlier{Withdrawn: entry.Withdrawn, Reserved: entry.Reserved, Harmful: entry.Harmful, Sent: g.sends(entry) > 0}
	if g.status.Plan != nil && g.status.Plan.ApprovedHash != "" {
		e.Approved = approval.Unpack(entry.Approved)
	}
	return e
}

// withdraw marks rows whose approval is no longer in force as needing another one. Harm that
// was done under the old approval does not allow more of it.
func (g *grants[T]) withdraw(approvals approval.Approvals) {
	p := g.status.Plan
	inForce := p != nil && approvals.Include(p.ApprovedHash)
	if inForce && isOpen(g.status) {
		return
	}
	// When the run starts over, it is not known which rows the approval was about.
	all := !isOpen(g.status) && p != nil && (p.Withdrawn > 0 || p.ApprovedHash != "" && !inForce)
	for _, entry := range g.m.entries(pending) {
		if all || entry.Approved != "" {
			entry.Approved, entry.Withdrawn, entry.Harmful = "", true, entry.Harmful && entry.Reserved
		}
	}
	if p == nil {
		return
	}
	p.Withdrawn = g.countWithdrawn()
	if !inForce {
		p.ApprovedHash = ""
	}
}

// countWithdrawn counts the rows that wait because their approval was withdrawn.
func (g *grants[T]) countWithdrawn() int32 {
	return count32(len(g.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Withdrawn })))
}

// withdrawn reports whether the approval under which jobs are sent is no longer in force.
func (g *grants[T]) withdrawn(ctx context.Context) (bool, error) {
	if g.status.Plan == nil || !g.approvedIsOpen() {
		return false, nil
	}
	approvals, err := g.pass.Approvals(ctx, g.settings.ApprovedPlan)
	return err == nil && !approvals.Include(g.status.Plan.ApprovedHash), err
}

// permit records the verdict on a row in its entry. The row's approved changes shrink to those
// that are still planned.
func (g *grants[T]) permit(entry *ledger.Entry, d *plan.Decision, evaluation *plan.Evaluation) {
	sent := entry.Attempts > 0
	entry.Withheld = evaluation.Withheld[entry.Row]
	entry.Harmful = sent && entry.Harmful || d.Harmful && !entry.Withheld
	switch {
	case evaluation.Approved[entry.Row]:
		entry.Approved, entry.Withdrawn = approval.Pack(d.Parts(g.salt())), false
	case entry.Approved != "" && !d.Created:
		approved := approval.Unpack(entry.Approved)
		var left []string
		for _, part := range d.Parts(g.salt()) {
			if approved[part] {
				left = append(left, part)
			}
		}
		entry.Approved = approval.Pack(left)
	}
	if !sent && (entry.Withheld || !d.Sends() && !d.Deferred) {
		g.window.free(entry)
	}
}

// approvedIsOpen reports whether anything that was approved is still to be done.
func (g *grants[T]) approvedIsOpen() bool {
	return len(g.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Approved != "" })) > 0
}

// endGrant records an approval as used if everything that it approved is done. It approves
// nothing more.
func (g *grants[T]) endGrant() {
	if g.status.Plan == nil {
		return
	}
	grant := &g.status.Plan.Grant
	if grant.ApprovedHash != "" && !g.approvedIsOpen() {
		grant.DoneHash = grant.ApprovedHash
	}
	grant.ApprovedHash, grant.WithheldBy, g.status.Plan.Withheld, g.status.Plan.Withdrawn = "", "", 0, 0
}
