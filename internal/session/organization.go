package session

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// organizationKey identifies an organization at an endpoint.
type organizationKey struct {
	baseURL, id string
}

// organization is what all Organization objects share that connect to the same organization:
// JumpCloud limits organizations, not objects.
type organization struct {
	key       organizationKey
	limiter   *jumpcloud.Limiter
	directory *directory.Cache
	// limits holds the limits of each object; the smallest ones apply.
	limits map[types.NamespacedName]v1alpha1.Limits
}

func newOrganization(key organizationKey) *organization {
	return &organization{
		key: key, limiter: newLimiter(v1alpha1.Limits{}), directory: directory.NewCache(),
		limits: map[types.NamespacedName]v1alpha1.Limits{},
	}
}

func (o *organization) join(object types.NamespacedName, limits v1alpha1.Limits) {
	o.limits[object] = limits
	o.applyLimits()
}

// leave removes an object, and reports whether none is left.
func (o *organization) leave(object types.NamespacedName) (unused bool) {
	delete(o.limits, object)
	if len(o.limits) == 0 {
		return true
	}
	o.applyLimits()
	return false
}

func (o *organization) applyLimits() {
	var lowest v1alpha1.Limits
	for _, limits := range o.limits {
		lowest.RequestsPerSecond = smaller(lowest.RequestsPerSecond, limits.RequestsPerSecond)
		lowest.Burst = smaller(lowest.Burst, limits.Burst)
	}
	o.limiter.SetLimits(rate(lowest))
}

func newLimiter(limits v1alpha1.Limits) *jumpcloud.Limiter { return jumpcloud.NewLimiter(rate(limits)) }

// rate returns the limits, or the API's defaults if they are not set: a limit of 0 would let
// nothing through.
func rate(limits v1alpha1.Limits) (requestsPerSecond float64, burst int) {
	requestsPerSecond, burst = 10, 20
	if limits.RequestsPerSecond > 0 {
		requestsPerSecond = float64(limits.RequestsPerSecond)
	}
	if limits.Burst > 0 {
		burst = int(limits.Burst)
	}
	return requestsPerSecond, burst
}

// smaller returns the smaller of two limits; 0 means no limit.
func smaller(a, b int32) int32 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
