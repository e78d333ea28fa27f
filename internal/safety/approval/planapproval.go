package approval

import (
	"cmp"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Counts reports whether a PlanApproval counts for the object with this UID: it is not being
// deleted, it was not used, and it was not made for an earlier object of the same name.
func Counts(p *v1alpha1.PlanApproval, object types.UID) bool {
	return p.DeletionTimestamp.IsZero() && !Used(p) && !Foreign(p, object)
}

// Used reports whether the plan that a PlanApproval names is done. A PlanApproval counts once.
func Used(p *v1alpha1.PlanApproval) bool {
	ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition)
	return ready != nil && ready.Status == metav1.ConditionTrue && ready.Reason == v1alpha1.UsedReason
}

// Foreign reports whether a PlanApproval belongs to another object than the one with this UID,
// which had the same name.
func Foreign(p *v1alpha1.PlanApproval, object types.UID) bool {
	if p.Status.ObjectUID != "" {
		return p.Status.ObjectUID != string(object)
	}
	foreign := false
	for i := range p.OwnerReferences {
		if owner := &p.OwnerReferences[i]; owner.Kind == string(p.Spec.ObjectRef.Kind) && owner.Name == p.Spec.ObjectRef.Name {
			if owner.UID == object {
				return false
			}
			foreign = true
		}
	}
	return foreign
}

// OlderApproval orders PlanApprovals by age, and those of the same second by UID.
func OlderApproval(a, b *v1alpha1.PlanApproval) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.UID, b.UID))
}

// Names reports whether one of the PlanApprovals names the plan.
func Names(approvals []v1alpha1.PlanApproval, plan string) bool {
	return slices.ContainsFunc(approvals, func(p v1alpha1.PlanApproval) bool { return p.Spec.Plan == plan })
}
