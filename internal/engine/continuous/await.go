package continuous

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// await returns the outcome while changes wait for an approval.
func (r *report[T, M]) await(plan *Plan[T, M], j *evaluation) lifecycle.Outcome {
	reason, changed := v1alpha1.ApprovalRequiredReason, ""
	if j.Changed {
		reason, changed = v1alpha1.PlanChangedReason, "The approval is for another plan. "
	}
	var withheld []Change[T, M]
	for i := range plan.Changes {
		if j.Withheld[i] {
			withheld = append(withheld, plan.Changes[i])
		}
	}
	return lifecycle.Stalled(reason, fmt.Sprintf("%s%s for an approval%s, see %s: %s. %s %s",
		changed, waiting(len(withheld)), r.effects(), r.whole(), sample(withheld), r.why(j), r.advice(j))).DueWith(plan.Outcome)
}

// why says why changes wait.
func (r *report[T, M]) why(j *evaluation) string {
	switch j.By {
	case v1alpha1.WithheldByMode:
		return "The mode is ApplyAfterApproval."
	case v1alpha1.WithheldByGuard:
		before := ""
		if j.harmed > 0 {
			before = fmt.Sprintf(", including %s harmed recently", text.Plural(j.harmed, "user"))
		}
		return fmt.Sprintf("The Organization's guard lets an object harm %d without approval%s.", j.allowed, before)
	case v1alpha1.WithheldByWindow:
		return fmt.Sprintf("Organization %s has no room left in spec.guard.window: its status.withheld lists all that waits, and approving the hash there releases it.",
			r.pass.Session.Organization)
	case v1alpha1.WithheldByWithdrawal:
		return "The approval that they had was withdrawn."
	default:
		return "Such changes always need an approval."
	}
}

// advice says how to let the changes happen, and how to do without them.
func (r *report[T, M]) advice(j *evaluation) string {
	without := ""
	if r.deleting {
		without = "The annotation " + v1alpha1.AbandonAnnotation + `="true" ends the deletion without them. `
	}
	return without + j.approvals.Advice(j.Hash, r.Kind.Name(), r.pass.Object.GetName())
}
