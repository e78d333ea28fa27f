package session

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// remoteKey names an organization at an endpoint.
type remoteKey struct {
	baseURL, organizationID string
}

// remote is what all Organization objects share that connect to the same
// organization: JumpCloud limits organizations, not objects.
type remote struct {
	key    remoteKey
	gate   *jumpcloud.Gate
	users  *users
	groups *sharedList[jumpcloud.UserGroupSummary]
	states *sharedList[jumpcloud.ScheduledState]
	// limits are those of each sharer; the smallest ones hold.
	limits map[types.NamespacedName]v1alpha1.Limits
}

// remoteOf returns the remote that an organization's sessions share, or a new
// one that join puts into the pool.
func (p *Pool) remoteOf(baseURL, organizationID string) *remote {
	key := remoteKey{baseURL, organizationID}
	if r, ok := p.remotes[key]; ok {
		return r
	}
	return &remote{
		key: key, gate: newGate(v1alpha1.Limits{}),
		users: newUsers(), groups: newUserGroups(), states: newScheduledStates(),
		limits: map[types.NamespacedName]v1alpha1.Limits{},
	}
}

func (p *Pool) join(s *Session) {
	p.remotes[s.remote.key] = s.remote
	s.remote.limits[s.Organization] = s.Spec.Limits
	s.remote.applyLimits()
}

func (p *Pool) leave(s *Session) {
	delete(s.remote.limits, s.Organization)
	if len(s.remote.limits) == 0 {
		delete(p.remotes, s.remote.key)
		return
	}
	s.remote.applyLimits()
}

func (r *remote) applyLimits() {
	var lowest v1alpha1.Limits
	for _, limits := range r.limits {
		lowest.RequestsPerSecond = smaller(lowest.RequestsPerSecond, limits.RequestsPerSecond)
		lowest.Burst = smaller(lowest.Burst, limits.Burst)
	}
	r.gate.SetLimits(rate(lowest))
}

func newGate(limits v1alpha1.Limits) *jumpcloud.Gate { return jumpcloud.NewGate(rate(limits)) }

// rate returns the limits, or the API's defaults where they are not set: a
// limit of 0 would let nothing through.
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

// smaller returns the smaller of two limits; 0 is none.
func smaller(a, b int32) int32 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
