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

// maxPlanAge is how long a plan is carried out without looking again.
const maxPlanAge = 10 * time.Minute

// phase of an object in this process. A new process begins with idle.
type phase int

const (
	// idle: the next pass looks what is to be changed. Then: observing.
	idle phase = iota
	// observing: a look is under way, over as many passes as it takes. Then: idle,
	// where nothing is to be changed or may be; carryingOut, where something is.
	observing
	// carryingOut: changes are made, a slice a pass. Then: idle, for what was made
	// is to be seen, and for a plan that was dropped another one is to be made.
	carryingOut
)

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

	phase phase
	// newerThan is what the look must be newer than, while observing.
	newerThan time.Time
	// rereadSince is what a reading must be newer than from which changes that reread
	// are carried out; zero: none of them may be yet.
	rereadSince time.Time
	// carrying is what is carried out, while carryingOut; else nil.
	carrying *carrying[T, M]

	// handed is a change that is in a job; nil: none is.
	handed *handover[T, M]
	// changedAt is when the last change ended.
	changedAt time.Time
	proof     proof
	// waiter wakes the object when users appear whom it waits for.
	waiter directory.Waiter
	// account is of the harm that was counted.
	account account
}

// carrying is a plan that is being carried out.
type carrying[T Object, M any] struct {
	// object is as the last pass left it, its version included.
	object T
	plan   *Plan[T, M]
	// since is when the plan was made.
	since time.Time
	// left are the changes that may be and are still to be carried out, and total
	// is how many there were.
	left  []Change[T, M]
	total int
	// rejections is how many were refused and kept nothing else from being carried
	// out, and rejection the outcome of the first.
	rejections int
	rejection  lifecycle.Outcome
}

// basis is everything in the cluster that a plan is made from, but for the
// Organization. Where it changes, all is read again.
type basis struct {
	generation                          int64
	version, request, empty, resolution string
}

// rebase takes note of what everything is made from now, and drops the plan that
// was made from something else. Another session is no reason to read again: a
// thousand objects of one Organization would all do that when it is edited. Nor
// is a restart for a basis that is old, that is older than the process.
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
	m.proof = proof{made: m.proof.made} // what is not seen yet is not made again for another spec
}

// meet takes note of the object of a new pass. A plan that was being carried
// out is dropped where another writer changed the object since: a process that was
// frozen over its lease, and does not know it yet, must not go on with what
// another leader has finished.
func (m *memory[T, M]) meet(object T) {
	if m.phase == carryingOut && m.carrying.object.GetResourceVersion() != object.GetResourceVersion() {
		m.drop()
	}
	if m.phase == carryingOut {
		m.carrying.object = object
	}
}

// observe begins a look, if none is under way, and returns what it must be newer
// than: when the basis was first seen, or a resync interval ago.
func (m *memory[T, M]) observe(now time.Time, resync time.Duration) time.Time {
	if m.phase != observing {
		m.phase, m.newerThan = observing, Latest(Latest(now.Add(-resync), m.since), m.rereadSince)
	}
	return m.newerThan
}

// carryOut begins with a plan.
func (m *memory[T, M]) carryOut(object T, plan *Plan[T, M], left []Change[T, M], now time.Time) {
	m.phase, m.rereadSince = carryingOut, time.Time{}
	m.carrying = &carrying[T, M]{object: object, plan: plan, since: now, left: left, total: len(left)}
}

// made takes a change off those that are left.
func (m *memory[T, M]) made(change *Change[T, M], now time.Time) {
	m.proof.expect(change.digest())
	m.changedAt = now
	m.carrying.left = m.carrying.left[1:]
}

// drop lets the next pass look again. Of a plan, nothing is kept.
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

// forget drops what is known of an object, and returns the ticket of a change of it that
// was sent and whose job has not ended; nil: there is none.
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
