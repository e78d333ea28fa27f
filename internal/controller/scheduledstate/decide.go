package scheduledstate

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// grace is how long after its time an event may be seen; who is not in its
	// state by then missed it. How late JumpCloud may be is unknown.
	grace = 15 * time.Minute
	// lossMargin is how far away a job's time must be for it to be lost. Nearer
	// to it, one that is gone has perhaps run.
	lossMargin = 5 * time.Minute
	// runDelay is how far ahead a date is put that has passed (RunNow).
	runDelay = 2 * time.Minute
	// maxOurs is how many jobs of ours for one event are not made one.
	maxOurs = 100
	// maxAdopted and maxListed bound what the status lists.
	maxAdopted = 500
	maxListed  = 100
)

// looks are how long after its time it is looked whether an event has happened.
var looks = []time.Duration{0, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, grace}

// terms are what a spec asks for.
type terms struct {
	events []event
	policy v1alpha1.PastDuePolicy
	// mails say who gets the activation mail of which state.
	mails map[v1alpha1.SchedulableState]string
	// whole is set where a person is to see, or to approve, all changes at once.
	whole bool
	// again is set where a person asked for a new try of what came to nothing.
	again bool
}

// order is one job that is to be scheduled.
type order struct {
	event
	// makesUp is set where the event's time has passed, and the job is to run
	// shortly after it is sent.
	makesUp bool
	// before is when the next event comes, of one that makes up; zero: none does.
	before time.Time
	users  []string // sorted ids
	mail   string
	// harmed are how many of them were not to be suspended then already.
	harmed int
}

// decision is what is to be done, and what the status says then.
type decision struct {
	// orders are to be scheduled; then cancels are to be deleted.
	orders  []order
	cancels []v1alpha1.ScheduledJobStatus
	// held are orders that came to nothing before and are not repeated.
	held []order
	// suspects are jobs of ours that the list lacks. They count as scheduled until
	// they are proved lost; newlyLost were right now.
	suspects, newlyLost []v1alpha1.ScheduledJobStatus
	// phases of the users, in their order.
	phases []v1alpha1.ScheduledUserPhase
	jobs   []v1alpha1.ScheduledJobStatus
	passed []v1alpha1.PassedEventStatus
	next   *v1alpha1.NextEvent
	// ignored counts users of whom pastDuePolicy Ignore says that nothing is done.
	ignored int
	// verifying is set while events whose time has come may still be seen.
	verifying bool
	// wake is when the next thing changes by itself; zero: nothing does.
	wake time.Time
}

// planner makes one decision.
type planner struct {
	terms
	sight
	status *v1alpha1.ScheduledUserStateStatus

	known, able sets.Set[string] // all who are there, and those who may be changed
	last        *event           // the latest event whose time has come
	coming      []event
	covered     map[event]sets.Set[string] // users of events to come who are scheduled
	lostUsers   sets.Set[string]
	replaced    []*v1alpha1.ScheduledJobStatus
	// Of the last event: when the jobs run that are still there for users, when
	// those ran that are not, and who was seen in its state.
	pending, awaited map[string]time.Time
	executed         sets.Set[string]

	decision
}

// decide is a pure function of what is declared, known and seen.
func decide(t terms, status *v1alpha1.ScheduledUserStateStatus, s sight) decision {
	p := &planner{
		terms: t, sight: s, status: status, known: idsOf(s.users), able: sets.New[string](),
		covered: map[event]sets.Set[string]{}, lostUsers: sets.New[string](),
		pending: map[string]time.Time{}, awaited: map[string]time.Time{}, executed: sets.New[string](),
	}
	for _, u := range s.users {
		if u.id != "" && !u.protected {
			p.able.Insert(u.id)
		}
	}
	for _, e := range t.events {
		if e.passed(s.now) {
			p.last = &e
		} else {
			p.coming = append(p.coming, e)
			p.covered[e] = sets.New[string]()
		}
	}
	p.recall()
	p.sortJobs()
	p.judge()
	p.order()
	p.cancel()
	p.remember()
	p.lookAhead()
	return p.decision
}

// recall reads what is known of the last event whose time has come.
func (p *planner) recall() {
	for i := range p.status.Passed {
		item := &p.status.Passed[i]
		if p.last == nil || *p.last != declared(item.State, item.At, item.InsteadOf) {
			continue
		}
		p.executed = p.executed.Union(split(item.Executed)).Intersection(p.known)
		p.await(split(item.Awaited), item.At.Time)
	}
}

// await takes note of users for whom a job was to run, and is gone since.
func (p *planner) await(users sets.Set[string], at time.Time) {
	for id := range users.Intersection(p.known) {
		if at.After(p.awaited[id]) {
			p.awaited[id] = at
		}
	}
}

// declared is the event of the spec that something is about.
func declared(state v1alpha1.SchedulableState, at metav1.Time, insteadOf *metav1.Time) event {
	if insteadOf != nil {
		at = *insteadOf
	}
	return event{state, at.UTC()}
}

// verdict is what is known of a user and the last event whose time has come.
type verdict int

const (
	nothingPassed verdict = iota
	executed
	pending // a job is there and has not run
	awaited // a job has run or should have; it may still be seen
	missed
	pastDue // nothing was scheduled when the time came
)

// judged is the verdict on a user.
func (p *planner) judged(u user) verdict {
	if p.last == nil {
		return nothingPassed
	}
	due, there := p.pending[u.id]
	if !there {
		due = p.awaited[u.id]
	}
	switch {
	case p.executed.Has(u.id):
		return executed
	case due.IsZero():
		return pastDue
	case due.After(p.now):
		return pending
	case p.lookedAt.Before(due.Add(grace)):
		return awaited
	default:
		return missed
	}
}

// judge takes note of who is seen in the state of the last event, whoever
// brought them there, and gives every user a phase.
func (p *planner) judge() {
	for _, u := range p.users {
		if p.able.Has(u.id) && p.last != nil && !p.lookedAt.Before(p.last.at) && u.state == wireStates[p.last.state] {
			p.executed.Insert(u.id)
			delete(p.awaited, u.id)
			if at := p.pending[u.id]; !at.After(p.now) {
				delete(p.pending, u.id)
			}
		}
	}
	for _, u := range p.users {
		p.phases = append(p.phases, p.phaseOf(u))
	}
}

func (p *planner) phaseOf(u user) v1alpha1.ScheduledUserPhase {
	scheduled := !slices.ContainsFunc(p.coming, func(e event) bool { return !p.covered[e].Has(u.id) })
	verdict := p.judged(u)
	switch {
	case u.id == "":
		return v1alpha1.PhaseNotFound
	case u.protected:
		return v1alpha1.PhaseProtected
	case verdict == missed:
		return v1alpha1.PhaseMissed
	case p.rejected(u):
		return v1alpha1.PhasePastDue
	case p.lostUsers.Has(u.id) && !scheduled:
		return v1alpha1.PhaseLost
	case !scheduled, verdict == awaited, verdict == pastDue && p.pastDuePolicy() == v1alpha1.PastDueRunNow:
		return v1alpha1.PhasePending
	case len(p.coming) > 0, verdict == pending:
		return v1alpha1.PhaseScheduled
	case verdict == pastDue:
		p.ignored++
		return v1alpha1.PhasePastDue
	default:
		return v1alpha1.PhaseExecuted
	}
}

// rejected tells whether nothing is done for a user, because nothing was
// scheduled when the time came.
func (p *planner) rejected(u user) bool {
	return p.judged(u) == pastDue && p.pastDuePolicy() == v1alpha1.PastDueReject
}

// pastDuePolicy is the policy for who was not scheduled in time. What would
// run after the opposite event is not made up for.
func (p *planner) pastDuePolicy() v1alpha1.PastDuePolicy {
	switch {
	case p.policy == v1alpha1.PastDueRunNow && !p.beforeNext(p.now.Add(runDelay)):
		return v1alpha1.PastDueIgnore
	case p.policy == "":
		return v1alpha1.PastDueReject
	default:
		return p.policy
	}
}

// beforeNext tells whether a time is before the next event.
func (p *planner) beforeNext(at time.Time) bool {
	return len(p.coming) == 0 || at.Before(p.coming[0].at)
}

// remember makes what is to be known of the last event.
func (p *planner) remember() {
	if p.last == nil {
		return
	}
	byTime := map[time.Time]sets.Set[string]{}
	for id, at := range p.awaited {
		if byTime[at.UTC()] == nil {
			byTime[at.UTC()] = sets.New[string]()
		}
		byTime[at.UTC()].Insert(id)
	}
	if p.executed.Len() > 0 && byTime[p.last.at] == nil {
		byTime[p.last.at] = sets.New[string]()
	}
	for at, users := range byTime {
		item := v1alpha1.PassedEventStatus{State: p.last.state, At: metav1.NewTime(at), Awaited: join(users)}
		if at.Equal(p.last.at) {
			item.Executed = join(p.executed)
		} else {
			item.InsteadOf = new(metav1.NewTime(p.last.at))
		}
		p.passed = append(p.passed, item)
	}
	slices.SortFunc(p.passed, func(a, b v1alpha1.PassedEventStatus) int { return a.At.Compare(b.At.Time) })
}

// lookAhead finds what comes next, and when it is to be looked at again.
func (p *planner) lookAhead() {
	for _, j := range p.sight.jobs {
		first := p.next == nil || j.at.Before(p.next.At.Time) || j.at.Equal(p.next.At.Time) && j.state < p.next.State
		if !j.passed(p.now) && first && overlap(j.users, p.known) {
			p.next = &v1alpha1.NextEvent{State: j.state, At: metav1.NewTime(j.at)}
		}
	}
	wake := func(at time.Time) {
		if at.After(p.now) && (p.wake.IsZero() || at.Before(p.wake)) {
			p.wake = at
		}
	}
	for _, e := range p.coming {
		wake(e.at)
	}
	for _, at := range p.pending {
		wake(at)
		p.verify(at, wake)
	}
	for _, at := range p.awaited {
		p.verify(at, wake)
	}
}

// verify has it looked again at what was to happen, as long as it may be seen.
func (p *planner) verify(due time.Time, wake func(time.Time)) {
	if due.After(p.now) || !p.lookedAt.Before(due.Add(grace)) {
		return
	}
	p.verifying = true
	wake(nextLook(due, p.now))
}

// nextLook is the first look at an event after a time, if there is one.
func nextLook(due, now time.Time) time.Time {
	for _, after := range looks {
		if at := due.Add(after); at.After(now) {
			return at
		}
	}
	return now.Add(time.Second)
}

// lookSince is the latest look at an event that is due: what is read must be
// newer than it.
func lookSince(due, now time.Time) time.Time {
	at := due
	for _, after := range looks {
		if next := due.Add(after); !next.After(now) {
			at = next
		}
	}
	return at
}
