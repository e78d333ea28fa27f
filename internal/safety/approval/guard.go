package approval

import "github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"

// AlwaysAllowed is how many users any plan may harm without an approval.
const AlwaysAllowed = 3

// Allowed returns how many users one plan may harm in an organization with this many users:
// the smaller of the guard's two limits, but at least AlwaysAllowed. A limit that is not set
// does not apply.
func Allowed(guard v1alpha1.Guard, users int) int {
	allowed := users
	if guard.MaxHarmful != nil {
		allowed = min(allowed, int(*guard.MaxHarmful))
	}
	if guard.MaxPercent != nil {
		allowed = min(allowed, users*int(*guard.MaxPercent)/100)
	}
	return max(allowed, AlwaysAllowed)
}
