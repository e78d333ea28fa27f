package approval

import (
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Plan is what the status of an object says about its plan.
type Plan struct {
	// Hash of the plan, and how many of its changes are withheld and harmful.
	Hash              string
	Withheld, Harmful int32
	v1alpha1.Grant
}

// PlanOf returns the plan of an object of a kind that has plans; an empty one if there is
// none.
func PlanOf(object any) Plan {
	switch object := object.(type) {
	case interface{ Living() *v1alpha1.LivingStatus }:
		if plan := object.Living().Plan; plan != nil {
			return Plan{plan.Hash, plan.Withheld, plan.Harmful, plan.Grant}
		}
	case interface{ Run() *v1alpha1.RunStatus }:
		if plan := object.Run().Plan; plan != nil {
			return Plan{plan.Hash, plan.Withheld, plan.Harmful, plan.Grant}
		}
	}
	return Plan{}
}

// Guarded reports whether the plan waits because of the guard or its window, or would wait if
// what is being done of it had not been approved: an approval of the Organization releases it.
func (p *Plan) Guarded() bool {
	if p.Hash == "" {
		return false
	}
	switch p.WithheldBy {
	case v1alpha1.WithheldByGuard, v1alpha1.WithheldByWindow, v1alpha1.WithheldByWithdrawal:
		return true
	default:
		return false
	}
}

// Concerned reports whether the plans that its Organization released matter to the object.
func (p *Plan) Concerned() bool { return p.Guarded() || p.ApprovedHash != "" }

// ReleasedPlan returns the form in which an Organization's status.released stores the plan of
// one object.
func ReleasedPlan(kind, namespace, name string, uid types.UID, hash string) string {
	return Short(strings.Join([]string{kind, namespace, name, string(uid), hash}, "\n"))
}

// ReleasedIn returns a function that reports whether the object's plan with a hash was
// released. A released plan is in force as long as its hash is approved, which the caller must
// know.
func ReleasedIn(released *v1alpha1.ReleasedStatus, kind, namespace, name string, uid types.UID) func(hash string) bool {
	plans := Unpack(released.Plans)
	return func(hash string) bool { return plans[ReleasedPlan(kind, namespace, name, uid, hash)] }
}
