package continuous

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// maxPlanAge is how long a plan is carried out without a new observation.
const maxPlanAge = 10 * time.Minute

// phase of an object in this process. A new process begins with idle.
type phase int

const (
	// idle: the next pass observes what must change. Then: observing.
	idle phase = iota
	// observing: an observation is under way, over as many passes as it takes. Then: idle, if
	// nothing must or may be changed; carryingOut otherwise.
	observing
	// carryingOut: changes are made, one slice per pass. Then: idle, to observe what was made,
	// or to replace a plan that was dropped.
	carryingOut
)

// memory is what this process knows of one object besides its status. All of it can be lost: a
// restart observes again.
type memory[T Object, M any] struct {
	// kind is the kind's own.
	kind M
	// basis and session are what the present plan or observation is made from.
	basis   basis
	session *session.Session
	// since is when this process first saw the basis; zero if that is older than the process.
	since time.Time

	phase phase
	// newerThan is Pass.NewerThan of the observation that is under way.
	newerThan time.Time
	// rereadSince is the time since which a reading must have begun for changes that reread to
	// be carried out from it; zero: none of them may be carried out yet.
	rereadSince time.Time
	// carrying is the plan in the phase carryingOut; otherwise nil.
	carrying *carrying[T, M]

	// handed is a change that is in a job; nil: there is none.
	handed *handover[T, M]
	// changedAt is when the last change ended.
	changedAt time.Time
	proof     proof
	// waiter wakes the object when users appear that it waits for.
	waiter directory.Waiter
	// account is that of the harm that was counted.
	account account
}

// carrying is a plan that is being carried out.
type carrying[T Object, M any] struct {
	// object is as the last pass left it, including its version.
	object T
	plan   *Plan[T, M]
	// since is when the plan was made.
	since time.Time
	// left are the permitted changes that are still to be carried out, and total is how many
	// there were at first.
	left  []Change[T, M]
	total int
	// rejections is how many changes were refused without ending the plan, and rejection is
	// the outcome of the first.
	rejections int
	rejection  lifecycle.Outcome
}

// basis is everything in the cluster that a plan is made from, except the Organization. If it
// changes, everything is read again.
type basis struct {
	generation                          int64
	version, request, empty, resolution string
}

// rebase records the present basis, and drops a plan that was made from another one. Another
// session is no reason to read again: a thousand objects of one Organization would all do that
// when it is edited. Nor is a restart, if the basis is older than the process.
func (m *memory[T, M]) rebase(now basis, s *session.Session, at time.Time, old bool) {
	if m.session != s || m.phase == carryingOut && at.Sub(m.carrying.since) > maxPlanAge {
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
	m.proof = proof{made: m.proof.made} // another spec does not repeat changes that are not seen yet
}

// meet records the object of a new pass. It drops the plan that is being carried out if
// another writer changed the object since: a process that was frozen beyond its lease, and
// does not know that yet, must not continue what another leader has finished.
func (m *memory[T, M]) meet(object T) {
	if m.phase == carryingOut && m.carrying.object.GetResourceVersion() != object.GetResourceVersion() {
		m.drop()
	}
	if m.phase == carryingOut {
		m.carrying.object = object
	}
}

// observe begins an observation, if none is under way, and returns what it must be newer than:
// see Pass.NewerThan.
func (m *memory[T, M]) observe(now time.Time, resync time.Duration) time.Time {
	if m.phase != observing {
		m.phase, m.newerThan = observing, Latest(Latest(now.Add(-resync), m.since), m.rereadSince)
	}
	return m.newerThan
}

// carryOut begins a plan.
func (m *memory[T, M]) carryOut(object T, plan *Plan[T, M], left []Change[T, M], now time.Time) {
	m.phase, m.rereadSince = carryingOut, time.Time{}
	m.carrying = &carrying[T, M]{object: object, plan: plan, since: now, left: left, total: len(left)}
}

// made removes the first change from those that are left.
func (m *memory[T, M]) made(change *Change[T, M], now time.Time) {
	m.proof.expect(change.digest())
	m.changedAt = now
	m.carrying.left = m.carrying.left[1:]
}

// drop makes the next pass observe again. Nothing of a plan is kept.
func (m *memory[T, M]) drop() {
	m.phase, m.newerThan, m.rereadSince, m.carrying = idle, time.Time{}, time.Time{}, nil
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

// forget drops what is known of an object. It returns the ticket of a change of the object
// that was sent in a job that has not ended; nil: there is none.
func (m *memories[T, M]) forget(uid types.UID) (sent *batch.Ticket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if forgotten := m.of[uid]; forgotten != nil {
		forgotten.waiter.Stop()
		if kind, ok := any(&forgotten.kind).(Forgetter); ok {
			kind.Forget()
		}
		if forgotten.handed != nil && !forgotten.handed.ticket.Withdraw() {
			sent = forgotten.handed.ticket
		}
	}
	delete(m.of, uid)
	return sent
}
