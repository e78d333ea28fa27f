package scheduleduserstate

import (
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

// terms are what a spec asks for.
type terms struct {
	events []event
	policy v1alpha1.PastDuePolicy
	// mails say who gets the activation mail of which state.
	mails map[v1alpha1.SchedulableState]string
	// whole is set where a person is to see, or to approve, all changes at once.
	whole bool
	// counts reports whether who was counted as harmed at a time still counts, and
	// is not to be counted again.
	counts func(at *metav1.Time) bool
	// takesOver is set where a person says that jobs of others are the object's own.
	takesOver bool
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
	// harmed are how many of them are not to be changed so, or by an earlier event
	// of the object, already.
	harmed int
	// countedAt is when the first of its users were counted as harmed before; zero:
	// none were. exempt is set where some of them are not counted by this order.
	countedAt time.Time
	exempt    bool
}

// cancellation is one job that is to be deleted.
type cancellation struct {
	v1alpha1.ScheduledJobStatus
	// harmed are how many users were to be suspended by it, and are not then.
	harmed int
}

// decision is what is to be done, and what the status says then.
type decision struct {
	// orders are to be scheduled; then cancels are to be deleted.
	orders  []order
	cancels []cancellation
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
		if u.id != "" && !u.protected && u.owner == "" {
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

// declared is the event of the spec that something is about.
func declared(state v1alpha1.SchedulableState, at metav1.Time, insteadOf *metav1.Time) event {
	if insteadOf != nil {
		at = *insteadOf
	}
	return event{state, at.UTC()}
}
