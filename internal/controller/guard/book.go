package guard

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// book is what the process remembers of one organization.
type book struct {
	turn chan struct{} // holds a token while no one has the turn
	// counted holds what was last seen of each Organization object: what one
	// counted that was deleted since still counts.
	counted map[types.UID][]v1alpha1.HarmBucket
	// doubts are reservations of which it is not known whether they were stored.
	// Nothing was sent for them.
	doubts []doubt
}

func newBook() *book {
	b := &book{turn: make(chan struct{}, 1), counted: map[types.UID][]v1alpha1.HarmBucket{}}
	b.turn <- struct{}{}
	return b
}

// doubt is a reservation whose write failed without a clear answer, over the
// Organization object of that version.
type doubt struct {
	uid            types.UID
	version, token string
	what           amount
}

// stored returns what the doubts counted that turn out to have been stored in an
// object as it is now. Where another process has written the counters since, that
// cannot be seen: then too much is counted, for one window.
func (b *book) stored(o *v1alpha1.Organization) (what amount) {
	for _, d := range b.doubts {
		if d.uid == o.UID && o.Status.Guard != nil && o.Status.Guard.LastWrite == d.token {
			return d.what
		}
	}
	return amount{}
}

// settle drops the doubts that are none any more: an object of a later version
// takes no write over the earlier one.
func (b *book) settle(o *v1alpha1.Organization) {
	b.doubts = slices.DeleteFunc(b.doubts, func(d doubt) bool { return d.uid == o.UID && d.version != o.ResourceVersion })
}
