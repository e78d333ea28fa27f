package guard

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// memory is what the process remembers of one organization.
type memory struct {
	semaphore chan struct{} // holds a token while it is free
	// counted holds what was last seen of each Organization object: what one
	// counted that was deleted since still counts.
	counted map[types.UID][]v1alpha1.HarmBucket
	// unconfirmed are reservations of which it is not known whether they were stored.
	// Nothing was sent for them.
	unconfirmed []reservation
}

func newMemory() *memory {
	m := &memory{semaphore: make(chan struct{}, 1), counted: map[types.UID][]v1alpha1.HarmBucket{}}
	m.semaphore <- struct{}{}
	return m
}

// reservation is one whose write failed without a clear answer, over the
// Organization object of that version.
type reservation struct {
	uid            types.UID
	version, token string
	what           amount
}

// stored returns what an unconfirmed reservation counted that turns out to be
// stored in an object as it is now. Where another process has written the counters since, that
// cannot be seen: then too much is counted, for one window.
func (m *memory) stored(o *v1alpha1.Organization) (what amount) {
	for _, d := range m.unconfirmed {
		if d.uid == o.UID && o.Status.Guard != nil && o.Status.Guard.LastWrite == d.token {
			return d.what
		}
	}
	return amount{}
}

// settle drops reservations of which it is known by now: an object of a later
// version takes no write over the earlier one.
func (m *memory) settle(o *v1alpha1.Organization) {
	m.unconfirmed = slices.DeleteFunc(m.unconfirmed, func(d reservation) bool { return d.uid == o.UID && d.version != o.ResourceVersion })
}
