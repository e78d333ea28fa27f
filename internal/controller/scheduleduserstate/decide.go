package scheduleduserstate

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// grace is how long after its time an event may still be seen; a user who is not in its
	// state by then missed it. How late JumpCloud may be is unknown.
	grace = 15 * time.Minute
	// lossMargin is how far ahead a job's time must be for the job to be lost. A missing job
	// that is due sooner may have run.
	lossMargin = 5 * time.Minute
	// runDelay is how far ahead a passed date is put off (RunNow).
	runDelay = 2 * time.Minute
	// maxOurs is how many jobs of ours for one event may exist before they are merged into
	// one.
	maxOurs = 100
	// maxAdopted and maxListed bound what the status lists.
	maxAdopted = 500
	maxListed  = 100
)

// terms are what a spec asks for.
type terms struct {
	events []event
	policy v1alpha1.PastDuePolicy
	// mails has who gets the activation mail of each state.
	mails map[v1alpha1.SchedulableState]string
	// whole is set if a person must see, or approve, all changes at once.
	whole bool
	// counts reports whether harm that was counted at a time still counts, and must not be
	// counted again.
	counts func(at *metav1.Time) bool
	// takesOver is set if a person says that jobs of others are the object's own.
	takesOver bool
	// again is set if a person asked for a new try of what came to nothing.
	again bool
}

// order is one job to schedule.
type order struct {
	event
	// makesUp is set if the event's time has passed, so that the job runs shortly after it is
	// sent.
	makesUp bool
	// before is the time of the next event if the order makes up for a passed one; zero: there
	// is none.
	before time.Time
	users  []string // sorted ids
	mail   string
	// harmed counts the users who were not counted before, and whom neither a replaced job nor
	// an earlier event of the object changes already.
	harmed int
	// countedAt is when the first of its users were counted as harmed before; zero: none were.
	// exempt is set if some of the users are not counted by this order.
	countedAt time.Time
	exempt    bool
}

// cancellation is one job to delete.
type cancellation struct {
	v1alpha1.ScheduledJobStatus
	// harmed is how many users will not be suspended because of it.
	harmed int
}

// decision is what to do, and what the status then says.
type decision struct {
	// orders are scheduled first; then cancels are deleted.
	orders  []order
	cancels []cancellation
	// held are orders that came to nothing before and are not repeated.
	held []order
	// suspects are jobs of ours that the list lacks. They count as scheduled until they are
	// proved lost; newlyLost have just been proved lost.
	suspects, newlyLost []v1alpha1.ScheduledJobStatus
	// phases has the phase of each user, in the order of the users.
	phases []v1alpha1.ScheduledUserPhase
	jobs   []v1alpha1.ScheduledJobStatus
	passed []v1alpha1.PassedEventStatus
	next   *v1alpha1.NextEvent
	// ignored counts users for whom nothing is done because of pastDuePolicy Ignore.
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

	known, able sets.Set[string] // users in the directory, and those who may be changed
	last        *event           // the latest event whose time has come
	coming      []event
	covered     map[event]sets.Set[string] // by event to come: users who are scheduled
	lostUsers   sets.Set[string]
	replaced    []*v1alpha1.ScheduledJobStatus
	// For the last event: when a user's job that is still there is due, when one that is gone
	// was due, and who was seen in the state.
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

// declared returns the event of the spec that a job stands for.
func declared(state v1alpha1.SchedulableState, at metav1.Time, insteadOf *metav1.Time) event {
	if insteadOf != nil {
		at = *insteadOf
	}
	return event{state, at.UTC()}
}
