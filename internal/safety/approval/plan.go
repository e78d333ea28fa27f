package approval

import (
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Plan is what the status of an object tells of its plan.
type Plan struct {
	// Hash of the plan, and how many of its changes are withheld and harmful.
	Hash              string
	Withheld, Harmful int32
	v1alpha1.Grant
}

// PlanOf returns the plan of an object of a kind that has plans; an empty one
// where there is none.
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

// Guarded reports whether the plan waits because of the guard or its window, or
// would do so if what is done of it had not been approved: an approval of the
// Organization releases it.
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

// Concerned reports whether it matters to the object what its Organization
// released.
func (p *Plan) Concerned() bool { return p.Guarded() || p.ApprovedHash != "" }

// ReleasedPlan is what an Organization's status.released remembers of the plan
// of one object.
func ReleasedPlan(kind, namespace, name string, uid types.UID, hash string) string {
	return Short(strings.Join([]string{kind, namespace, name, string(uid), hash}, "\n"))
}

// ReleasedIn reports whether a plan of that hash, of the object, was released.
// What was released is in force as long as its hash is approved, which is for
// the caller to know.
func ReleasedIn(released *v1alpha1.ReleasedStatus, kind, namespace, name string, uid types.UID) func(hash string) bool {
	plans := Unpack(released.Plans)
	return func(hash string) bool { return plans[ReleasedPlan(kind, namespace, name, uid, hash)] }
}
