package lifecycle

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
)

// Approvals returns what people have approved for the object: its
// spec.approvedPlan, which the caller passes, its PlanApprovals, and what its
// Organization released.
func (p *Pass[T]) Approvals(ctx context.Context, approvedPlan string) (approval.Approvals, error) {
	return p.shell.approvals(ctx, p, approvedPlan)
}

func (r *Reconciler[T]) approvals(_ context.Context, _ *Pass[T], approvedPlan string) (approval.Approvals, error) {
	return approval.Approvals{Hashes: []string{approvedPlan}}, nil
}
