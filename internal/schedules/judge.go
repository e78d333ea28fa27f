package schedules

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// recall restores from the status what is known of the last event whose time has come.
func (p *planner) recall() {
	for i := range p.status.Passed {
		item := &p.status.Passed[i]
		if p.isLast(declared(item.State, item.At, item.InsteadOf)) {
			p.executed = p.executed.Union(IDs(item.Executed)).Intersection(p.known)
			latest(p.awaited, IDs(item.Awaited).Intersection(p.known), item.At.Time)
		}
	}
}

// latest notes a time for users who have no later one.
func latest(times map[string]time.Time, users sets.Set[string], at time.Time) {
	for id := range users {
		if at.After(times[id]) {
			times[id] = at
		}
	}
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

// judged returns the verdict on a user.
func (p *planner) judged(u User) verdict {
	if p.last == nil {
		return nothingPassed
	}
	switch due := cmp.Or(p.pending[u.ID], p.awaited[u.ID]); {
	case p.executed.Has(u.ID):
		return executed
	case due.IsZero():
		return pastDue
	case due.After(p.Now):
		return pending
	case p.LookedAt.Before(due.Add(Grace)):
		return awaited
	default:
		return missed
	}
}

// judge records who is seen in the state of the last event, whoever brought them there, and
// gives every user a phase.
func (p *planner) judge() {
	for _, u := range p.Sight.Users {
		if p.able.Has(u.ID) && p.last != nil && !p.LookedAt.Before(p.last.At) && u.State == wireStates[p.last.State] {
			p.executed.Insert(u.ID)
			delete(p.awaited, u.ID)
			if at := p.pending[u.ID]; !at.After(p.Now) {
				delete(p.pending, u.ID)
			}
		}
	}
	for _, u := range p.Sight.Users {
		u.Phase = p.phaseOf(u)
		p.Decision.Users = append(p.Decision.Users, u)
	}
}

func (p *planner) phaseOf(u User) v1alpha1.ScheduledUserPhase {
	scheduled := !slices.ContainsFunc(p.coming, func(e Event) bool { return !p.covered[e].Has(u.ID) })
	verdict := p.judged(u)
	switch {
	case u.ID == "":
		return v1alpha1.PhaseNotFound
	case u.Protected:
		return v1alpha1.PhaseProtected
	case u.Owner != "":
		return v1alpha1.PhaseContested
	case verdict == missed:
		return v1alpha1.PhaseMissed
	case p.rejected(u):
		return v1alpha1.PhasePastDue
	case p.lostUsers.Has(u.ID) && !scheduled:
		return v1alpha1.PhaseLost
	case !scheduled, verdict == awaited, verdict == pastDue && p.policy == v1alpha1.PastDueRunNow:
		return v1alpha1.PhasePending
	case len(p.coming) > 0, verdict == pending:
		return v1alpha1.PhaseScheduled
	case verdict == pastDue:
		return v1alpha1.PhasePastDue
	default:
		return v1alpha1.PhaseExecuted
	}
}

// rejected reports whether nothing is done for a user because nothing was scheduled in time.
func (p *planner) rejected(u User) bool {
	return p.judged(u) == pastDue && p.policy == v1alpha1.PastDueReject
}

// remember builds the status of the last event.
func (p *planner) remember() {
	if p.last == nil {
		return
	}
	byTime := map[time.Time][]string{}
	for id, at := range p.awaited {
		byTime[at.UTC()] = append(byTime[at.UTC()], id)
	}
	if p.executed.Len() > 0 && byTime[p.last.At] == nil {
		byTime[p.last.At] = []string{}
	}
	for at, ids := range byTime {
		item := v1alpha1.PassedEventStatus{State: p.last.State, At: metav1.NewTime(at), Awaited: join(sets.New(ids...))}
		if at.Equal(p.last.At) {
			item.Executed = join(p.executed)
		} else {
			item.InsteadOf = new(metav1.NewTime(p.last.At))
		}
		p.passed = append(p.passed, item)
	}
	slices.SortFunc(p.passed, func(a, b v1alpha1.PassedEventStatus) int { return a.At.Compare(b.At.Time) })
}
