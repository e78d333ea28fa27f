package oneshot

import (
	"context"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// present ends a pass that may only plan: the ledger shows what would be done.
func (r *round[T]) present(ctx context.Context) lifecycle.Outcome {
	if err := r.keep(ctx); err != nil {
		return r.failed(err)
	}
	text := planText(&r.m.plan) + leaversText(r.status.Leavers)
	if r.settings.Mode == v1alpha1.ModePlan {
		return lifecycle.Done(v1alpha1.PlannedReason, text+". Nothing was sent.")
	}
	because, remedy := r.pass.Session.PlanOnly()
	return lifecycle.Stalled(v1alpha1.PlanOnlyReason, because+", so nothing was sent. "+text+". "+remedy+" to carry that out.")
}

// await ends a pass whose plan waits for an approval.
func (r *round[T]) await(ctx context.Context, v plan.Evaluation, approvals approval.Approvals) lifecycle.Outcome {
	var err error
	if isOpen(r.status) {
		// The manifest holds what was done so far, and what waits.
		r.status.Plan = new(r.m.plan)
		r.summarize()
		if err = r.record(ctx, false); err == nil {
			err = r.pass.RemoveFinalizer(ctx)
		}
	} else {
		err = r.keep(ctx)
	}
	if err != nil {
		return r.failed(err)
	}
	text := withheldText(v.By, count32(len(v.Withheld)), &r.m.plan)
	if left := strings.TrimPrefix(leaversText(r.status.Leavers), "; "); left != "" {
		text += " " + capital(left) + "."
	}
	text += " Look at the plan in ConfigMap " + r.ledgerName() + ". " +
		approvals.Advice(v.Hash, r.Kind.Name(), r.object.GetName())
	if v.Changed {
		return lifecycle.Stalled(v1alpha1.PlanChangedReason, "The approval is for another plan. "+text)
	}
	return lifecycle.Stalled(v1alpha1.ApprovalRequiredReason, text)
}

// keep writes a plan that is not carried out.
func (r *round[T]) keep(ctx context.Context) error {
	if err := r.record(ctx, true); err != nil {
		return err
	}
	r.renew(r.m.set)
	r.status.Plan, r.status.Leavers = new(r.m.plan), r.leavers.report()
	r.summarize()
	r.status.Failures = r.failures(r.m.ledger.Entries)
	if err := r.pass.RemoveFinalizer(ctx); err != nil {
		return err
	}
	// Rows hold passwords, and a plan may wait for weeks.
	r.memories.forget(r.object.GetUID())
	return nil
}
