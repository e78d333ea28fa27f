package scheduleduserstate

import (
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
		if p.last == nil || *p.last != declared(item.State, item.At, item.InsteadOf) {
			continue
		}
		p.executed = p.executed.Union(split(item.Executed)).Intersection(p.known)
		p.await(split(item.Awaited), item.At.Time)
	}
}

// await records users whose job was due at a time and is gone.
func (p *planner) await(users sets.Set[string], at time.Time) {
	for id := range users.Intersection(p.known) {
		if at.After(p.awaited[id]) {
			p.awaited[id] = at
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

// judge records who is seen in the state of the last event, whoever brought them there, and
// gives every user a phase.
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
	case u.owner != "":
		return v1alpha1.PhaseContested
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

// rejected reports whether nothing is done for a user because nothing was scheduled in time.
func (p *planner) rejected(u user) bool {
	return p.judged(u) == pastDue && p.pastDuePolicy() == v1alpha1.PastDueReject
}

// pastDuePolicy returns the policy for users who were not scheduled in time. An event is not
// made up for if the job would run after the opposite event.
func (p *planner) pastDuePolicy() v1alpha1.PastDuePolicy {
	switch {
	case p.policy == v1alpha1.PastDueRunNow && !beforeNext(p.coming, p.now.Add(runDelay)):
		return v1alpha1.PastDueIgnore
	case p.policy == "":
		return v1alpha1.PastDueReject
	default:
		return p.policy
	}
}

// beforeNext reports whether a time is before the next event.
func beforeNext(coming []event, at time.Time) bool {
	return len(coming) == 0 || at.Before(coming[0].at)
}

// remember builds the status of the last event.
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
