package guard

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// memory is what the process remembers about one organization.
type memory struct {
	semaphore chan struct{} // holds a token while it is free
	// counted holds what was last seen in each Organization object: the counts of an object
	// that has since been deleted still apply.
	counted map[types.UID][]v1alpha1.HarmBucket
	// unconfirmed are reservations that may or may not have been stored. Nothing was sent for
	// them.
	unconfirmed []reservation
}

func newMemory() *memory {
	m := &memory{semaphore: make(chan struct{}, 1), counted: map[types.UID][]v1alpha1.HarmBucket{}}
	m.semaphore <- struct{}{}
	return m
}

// reservation is a reservation whose write failed without a clear answer. The write was based
// on this version of the Organization object.
type reservation struct {
	uid            types.UID
	version, token string
	what           amount
}

// stored returns the amount of an unconfirmed reservation that turns out to be stored in the
// object as it is now. If another process has written the counters since, that cannot be seen:
// then too much is counted, for one window.
func (m *memory) stored(o *v1alpha1.Organization) (what amount) {
	for _, d := range m.unconfirmed {
		if d.uid == o.UID && o.Status.Guard != nil && o.Status.Guard.LastWrite == d.token {
			return d.what
		}
	}
	return amount{}
}

// settle drops reservations whose fate is clear: once the object has a later version, a write
// based on the earlier one can no longer succeed.
func (m *memory) settle(o *v1alpha1.Organization) {
	m.unconfirmed = slices.DeleteFunc(m.unconfirmed, func(d reservation) bool { return d.uid == o.UID && d.version != o.ResourceVersion })
}
