package approval

import "github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"

// AlwaysAllowed is how many users any plan may harm.
const AlwaysAllowed = 3

// Allowed returns how many users one plan may harm in an organization of so
// many: the smaller of the guard's two figures, but at least AlwaysAllowed. An
// absent figure does not limit.
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
