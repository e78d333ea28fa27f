package schedules

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// Grace is how long after its time an event may still be seen; a user who is not in its
	// state by then missed it. How late JumpCloud may be is unknown.
	Grace = 15 * time.Minute
	// RunDelay is how far ahead a passed date is put off (RunNow).
	RunDelay = 2 * time.Minute

	// lossMargin is how far ahead a job's time must be for the job to be lost. A missing job
	// that is due sooner may have run.
	lossMargin = 5 * time.Minute
	// maxOurs is how many jobs of ours for one event may exist before they are merged into
	// one.
	maxOurs = 100
	// maxAdopted and maxListed bound what the status lists: jobs of others, and users.
	maxAdopted = 500
	maxListed  = 100
)

// Decision is what to do, and what the status then says: see Record.
type Decision struct {
	// Orders are scheduled first; then Cancellations are made.
	Orders        []Order
	Cancellations []Cancellation
	// Held are orders that came to nothing before and are not repeated.
	Held []Order
	// Suspects are jobs of ours that the list lacks. They count as scheduled until they are
	// proved lost; NewlyLost have just been proved lost.
	Suspects, NewlyLost []v1alpha1.ScheduledJobStatus
	// Users are those of the sight, each with a phase.
	Users []User
	// Ignored is set if nothing is to be done for users in the phase PastDue.
	Ignored bool
	// Verifying is set while events whose time has come may still be seen.
	Verifying bool
	// Wake is when the next thing changes by itself; zero: nothing does.
	Wake time.Time

	kept   []v1alpha1.ScheduledJobStatus
	passed []v1alpha1.PassedEventStatus
	next   *v1alpha1.NextEvent
}

// In returns the users who are in a phase.
func (d *Decision) In(phase v1alpha1.ScheduledUserPhase) []User {
	var users []User
	for _, u := range d.Users {
		if u.Phase == phase {
			users = append(users, u)
		}
	}
	return users
}

// Record writes into a status what the decision says of jobs and users.
func (d *Decision) Record(status *v1alpha1.ScheduledUserStateStatus) {
	status.Jobs, status.Passed, status.Next, status.Users = d.kept, d.passed, d.next, nil
	count := map[v1alpha1.ScheduledUserPhase]int32{}
	for _, u := range d.Users {
		count[u.Phase]++
		settled := u.Phase == v1alpha1.PhaseScheduled || u.Phase == v1alpha1.PhaseExecuted
		if !settled && len(status.Users) < maxListed {
			status.Users = append(status.Users, v1alpha1.ScheduledUserStatus{Username: u.Name, ID: u.ID, Phase: u.Phase})
		}
	}
	status.Summary = &v1alpha1.ScheduleSummary{
		Users:     int32(len(d.Users)),
		Scheduled: count[v1alpha1.PhaseScheduled],
		Executed:  count[v1alpha1.PhaseExecuted],
		Missed:    count[v1alpha1.PhaseMissed],
		Lost:      count[v1alpha1.PhaseLost],
		NotFound:  count[v1alpha1.PhaseNotFound],
	}
}

// planner makes one decision.
type planner struct {
	Terms
	Sight
	status *v1alpha1.ScheduledUserStateStatus

	known, able sets.Set[string] // users in the directory, and those who may be changed
	last        *Event           // the latest event whose time has come
	coming      []Event
	covered     map[Event]sets.Set[string] // by event to come: users who are scheduled
	lostUsers   sets.Set[string]
	replaced    []*v1alpha1.ScheduledJobStatus
	harmed      map[string]time.Time // when users were counted as harmed lately
	// For the last event: when a user's job that is still there is due, when one that is gone
	// was due, and who was seen in the state.
	pending, awaited map[string]time.Time
	executed         sets.Set[string]

	Decision
}

// Decide is a pure function of what is declared, known and seen.
func Decide(t Terms, status *v1alpha1.ScheduledUserStateStatus, s Sight) Decision {
	p := &planner{
		Terms: t, Sight: s, status: status, known: IDsOf(s.Users), able: sets.New[string](),
		covered: map[Event]sets.Set[string]{}, lostUsers: sets.New[string](),
		pending: map[string]time.Time{}, awaited: map[string]time.Time{}, executed: sets.New[string](),
	}
	for _, u := range s.Users {
		if u.ID != "" && !u.Protected && u.Owner == "" {
			p.able.Insert(u.ID)
		}
	}
	for _, e := range t.Events {
		if e.Passed(s.Now) {
			p.last = &e
		} else {
			p.coming = append(p.coming, e)
			p.covered[e] = sets.New[string]()
		}
	}
	p.policy = cmp.Or(p.policy, v1alpha1.PastDueReject)
	if p.policy == v1alpha1.PastDueRunNow && !p.beforeNext(p.Now.Add(RunDelay)) {
		p.policy = v1alpha1.PastDueIgnore // the job would run after the opposite event
	}
	p.Ignored = p.policy == v1alpha1.PastDueIgnore
	p.recall()
	p.sortJobs()
	p.judge()
	p.order()
	p.cancel()
	p.remember()
	p.lookAhead()
	p.reclaim()
	return p.Decision
}

// isLast reports whether an event is the latest whose time has come.
func (p *planner) isLast(e Event) bool { return p.last != nil && e == *p.last }

// beforeNext reports whether a time is before the next event.
func (p *planner) beforeNext(at time.Time) bool {
	return len(p.coming) == 0 || at.Before(p.coming[0].At)
}
