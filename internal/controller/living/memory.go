package living

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
)

// maxPlanAge is how long a plan is carried out without looking again.
const maxPlanAge = 10 * time.Minute

// memory is what this process knows of one object besides its status. All of
// it can be lost: a restart observes again.
type memory[T Object, M any] struct {
	// kind is the kind's own.
	kind M
	// basis and session are what the present plan or observation is made from.
	basis   basis
	session *session.Session
	// since is when this process first saw the basis; zero if that is older than
	// the process.
	since time.Time
	// newerThan is what the observation under way must be newer than; zero: none
	// is under way.
	newerThan time.Time
	// object is as the last pass left it, its version included, while there is a plan.
	object T
	// plan that is being carried out, and when it was made; nil: none.
	plan      *Plan[T, M]
	plannedAt time.Time
	// left are the changes of it that may be and are still to be carried out.
	left []Change[T, M]
	// rejections is how many were refused and kept nothing else from being carried
	// out, and rejection the outcome of the first.
	rejections int
	rejection  lifecycle.Outcome
	// total is how many there were.
	total int
	// changedAt is when the last change ended.
	changedAt time.Time
	// made are digests of the changes that were carried out since the last
	// observation that found nothing to change.
	made map[string]bool
	// unseen counts the observations since that found any of them still to be
	// made, and again how often they were made again for that.
	unseen, again int
	// waiter wakes the object when users appear whom it waits for.
	waiter session.Waiter
	// account is of the harm that was counted.
	account account
	// proved is set once an observation of the basis found nothing to change.
	proved bool
}

// basis is everything in the cluster that a plan is made from, but for the
// Organization. Where it changes, all is read anew.
type basis struct {
	generation                          int64
	version, request, empty, resolution string
}

// rebase takes note of what everything is made from now, and drops the plan that
// was made from something else. Another session is no reason to read anew: a
// thousand objects of one Organization would all do that when it is edited. Nor
// is a restart for a basis that is old, that is older than the process.
func (m *memory[T, M]) rebase(now basis, s *session.Session, at time.Time, old bool) {
	if m.session != s || m.plan != nil && at.Sub(m.plannedAt) > maxPlanAge {
		m.drop()
	}
	first := m.session == nil
	m.session = s
	if m.basis == now {
		return
	}
	m.basis, m.since = now, at
	if first && old {
		m.since = time.Time{}
	}
	m.drop()
	m.settle()
	m.proved = false
}

// settle forgets what was made: it was seen, or does not matter any more.
func (m *memory[T, M]) settle() { m.made, m.unseen, m.again = nil, 0, 0 }

// meet takes note of the object of a new pass. A plan that was being carried
// out is dropped where somebody else wrote the object since: a process that was
// frozen over its lease, and does not know it yet, must not go on with what
// another leader has finished.
func (m *memory[T, M]) meet(object T) {
	if m.plan != nil && m.object.GetResourceVersion() != object.GetResourceVersion() {
		m.drop()
	}
	m.object = object
}

// part ends a pass: without a plan, the object is not kept.
func (m *memory[T, M]) part() {
	if m.plan == nil {
		var none T
		m.object = none
	}
}

// drop lets the next pass observe anew.
func (m *memory[T, M]) drop() {
	m.plan, m.left, m.rejections, m.newerThan = nil, nil, 0, time.Time{}
	m.account.drop()
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
	if forgotten := m.of[uid]; forgotten != nil {
		forgotten.waiter.Stop()
	}
	delete(m.of, uid)
}
