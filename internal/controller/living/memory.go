package living

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// maxPlanAge is how long a plan is carried out without looking again.
const maxPlanAge = 10 * time.Minute

// memory is what this process knows of one object besides its status. All of
// it can be lost: a restart observes again.
type memory[T Object, M any] struct {
	// kind is the kind's own.
	kind M
	// basis is what the present plan or observation is made from, and since when
	// this process knows it.
	basis string
	since time.Time
	// newerThan is what the observation under way must be newer than; zero: none
	// is under way.
	newerThan time.Time
	// plan that is being carried out, and when it was made; nil: none.
	plan      *Plan[T, M]
	plannedAt time.Time
	// left are the changes of it that may be and are still to be carried out.
	left []Change[T, M]
	// total is how many there were.
	total int
	// changedAt is when the last change ended.
	changedAt time.Time
	// made are digests of the changes that were carried out since the last
	// observation that found nothing to change.
	made map[string]bool
	// unseen counts the observations since that found any of them still to be made.
	unseen int
	// proved is set once an observation of the basis found nothing to change.
	proved bool
}

// rebase takes note of what everything is made from now.
func (m *memory[T, M]) rebase(basis string, now time.Time) {
	if m.basis == basis {
		if m.plan != nil && now.Sub(m.plannedAt) > maxPlanAge {
			m.drop()
		}
		return
	}
	m.basis, m.since = basis, now
	m.drop()
	m.made, m.unseen, m.proved = nil, 0, false
}

// drop lets the next pass observe anew.
func (m *memory[T, M]) drop() {
	m.plan, m.left, m.newerThan = nil, nil, time.Time{}
}

// memories are those of all objects of a kind. The zero value is ready for use.
type memories[T Object, M any] struct {
	mu sync.Mutex
	of map[types.UID]*memory[T, M]
}

func (m *memories[T, M]) get(uid types.UID) *memory[T, M] {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[types.UID]*memory[T, M]{}
	}
	if m.of[uid] == nil {
		m.of[uid] = &memory[T, M]{}
	}
	return m.of[uid]
}

func (m *memories[T, M]) forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of, uid)
}
