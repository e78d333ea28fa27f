package scheduleduserstate

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// note writes the decision into the status.
func (d *decision) note(status *v1alpha1.ScheduledUserStateStatus, users []user) {
	status.Jobs, status.Passed, status.Next = d.jobs, d.passed, d.next
	status.Summary = d.summary()
	status.Users = nil
	for i, u := range users {
		switch phase := d.phases[i]; {
		case phase == v1alpha1.PhaseScheduled, phase == v1alpha1.PhaseExecuted:
		case len(status.Users) < maxListed:
			status.Users = append(status.Users, v1alpha1.ScheduledUserStatus{Username: u.name, ID: u.id, Phase: phase})
		}
	}
}

func (d *decision) summary() *v1alpha1.ScheduleSummary {
	return &v1alpha1.ScheduleSummary{
		Users:     int32(len(d.phases)),
		Scheduled: d.count(v1alpha1.PhaseScheduled),
		Executed:  d.count(v1alpha1.PhaseExecuted),
		Missed:    d.count(v1alpha1.PhaseMissed),
		Lost:      d.count(v1alpha1.PhaseLost),
		NotFound:  d.count(v1alpha1.PhaseNotFound),
	}
}

func (d *decision) count(phase v1alpha1.ScheduledUserPhase) int32 {
	n := int32(0)
	for _, other := range d.phases {
		if other == phase {
			n++
		}
	}
	return n
}

// outcome returns the outcome of a pass in which nothing is left to change. What needs a
// person comes before what resolves by itself.
func (d *decision) outcome(t terms, status *v1alpha1.ScheduledUserStateStatus, users []user, now time.Time) lifecycle.Outcome {
	wake := d.wake.Sub(now)
	if d.verifying && !d.mustAct() {
		return lifecycle.Progressing(v1alpha1.ProgressingReason, "The time has come: the users are looked at until they are seen in their state.", wake)
	}
	outcome := d.settled(t, status, users)
	if !d.wake.IsZero() {
		outcome = outcome.Within(wake)
	}
	return outcome
}

// mustAct reports whether a person must look at something.
func (d *decision) mustAct() bool {
	return d.count(v1alpha1.PhaseMissed) > 0 || int(d.count(v1alpha1.PhasePastDue)) > d.ignored || len(d.held) > 0
}

// settled returns the outcome if nothing is about to happen.
func (d *decision) settled(t terms, status *v1alpha1.ScheduledUserStateStatus, users []user) lifecycle.Outcome {
	n := func(phase v1alpha1.ScheduledUserPhase) int { return int(d.count(phase)) }
	named := func(phase v1alpha1.ScheduledUserPhase) string { return d.named(phase, users) }
	switch {
	case n(v1alpha1.PhaseMissed) > 0:
		return lifecycle.Stalled(v1alpha1.ScheduleMissedReason, fmt.Sprintf(
			"%s scheduled but not in the state %s after the time (%s). Check JumpCloud for the reason. Then declare the state in a User, or set another date; every resync checks again.",
			were(n(v1alpha1.PhaseMissed)), grace, named(v1alpha1.PhaseMissed)))
	case n(v1alpha1.PhasePastDue)-d.ignored > 0:
		return lifecycle.Stalled(v1alpha1.ScheduleInPastReason, fmt.Sprintf(
			"The date has passed, and %s not scheduled (%s). Set another date, or pastDuePolicy to RunNow or Ignore.",
			were(n(v1alpha1.PhasePastDue)), named(v1alpha1.PhasePastDue)))
	case len(d.held) > 0 && distorted(status.Submission):
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, "JumpCloud scheduled something other than requested, and that was cancelled. "+
			"To try again, change the spec or set the annotation "+v1alpha1.ReconcileRequestedAtAnnotation+" to a new value.")
	case len(d.held) > 0:
		return lifecycle.Stalled(v1alpha1.RowsFailedReason, "A person abandoned the submission, so its users are not scheduled. "+
			"To try again, change the spec or set the annotation "+v1alpha1.ReconcileRequestedAtAnnotation+" to a new value.")
	case n(v1alpha1.PhaseContested) > 0:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, d.contestedText(users))
	case n(v1alpha1.PhaseNotFound) > 0:
		return lifecycle.Waiting(v1alpha1.UsersNotFoundReason, fmt.Sprintf(
			"%s not in the directory (%s). All others are handled; these follow when they appear.", are(n(v1alpha1.PhaseNotFound)), named(v1alpha1.PhaseNotFound)))
	case n(v1alpha1.PhaseProtected) > 0:
		return lifecycle.Stalled(v1alpha1.ProtectedUserReason, fmt.Sprintf(
			"%s protected, as administrators or by spec.protectedUsers of the Organization (%s). All others are handled; remove these from spec.users.",
			are(n(v1alpha1.PhaseProtected)), named(v1alpha1.PhaseProtected)))
	case n(v1alpha1.PhaseExecuted) == len(users):
		return executedOutcome(t, len(users))
	case n(v1alpha1.PhaseScheduled) > 0:
		return lifecycle.Done(v1alpha1.ScheduledReason, d.scheduledText(t, len(users)))
	default:
		return lifecycle.Done(v1alpha1.UpToDateReason, fmt.Sprintf(
			"The date has passed, and pastDuePolicy says to leave it at that: %s %s.", are(n(v1alpha1.PhaseExecuted)), final(t).state))
	}
}

// contestedText says which users belong to other objects.
func (d *decision) contestedText(users []user) string {
	first := users[slices.Index(d.phases, v1alpha1.PhaseContested)].owner
	return leftText(int(d.count(v1alpha1.PhaseContested)), d.named(v1alpha1.PhaseContested, users), first)
}

func leftText(n int, names, first string) string {
	return fmt.Sprintf("%s left to objects that name them for the same time and take precedence (%s; the first: ScheduledUserState %s). "+
		"All others are handled. Name each user in one object only.", are(n), names, first)
}

// executedOutcome is the outcome once all users have been seen in the final state.
func executedOutcome(t terms, users int) lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.ExecutedReason, fmt.Sprintf("%s seen to be %s.", were(users), final(t).state))
}

func final(t terms) event { return t.events[len(t.events)-1] }

// scheduledText says what will happen, without dates: those are in the status.
func (d *decision) scheduledText(t terms, users int) string {
	states := string(t.events[0].state)
	if len(t.events) > 1 {
		states += " from startDate on and " + string(t.events[1].state) + " from endDate on"
	}
	said := fmt.Sprintf("%d of %s scheduled to be %s", d.count(v1alpha1.PhaseScheduled), are(users), states)
	if adopted, jobs := d.adopted(); adopted > 0 {
		said += fmt.Sprintf(" (%d by jobs of others: %s). This object did not make those jobs and never cancels them. If its status was lost, for example by a restore, "+
			"make them its own with the annotation %s=\"true\"", adopted, text.First(jobs, shown, len(jobs)), v1alpha1.AdoptAnnotation)
	}
	return said + "."
}

// adopted counts the users of jobs that others made, and names the jobs.
func (d *decision) adopted() (count int, jobs []string) {
	users := sets.New[string]()
	for i := range d.jobs {
		if d.jobs[i].Adopted {
			users = users.Union(split(d.jobs[i].UserIDs))
			jobs = append(jobs, d.jobs[i].ScheduledJobID)
		}
	}
	return users.Len(), jobs
}

// shown is how many users or jobs a message names.
const shown = 3

// named lists the first users in a phase, by their names in the spec.
func (d *decision) named(phase v1alpha1.ScheduledUserPhase, users []user) string {
	var names []string
	for i, u := range users {
		if d.phases[i] == phase {
			names = append(names, u.name)
		}
	}
	return text.First(names, shown, len(names))
}

func are(n int) string { return text.Count(n, "user is", "users are") }

func were(n int) string { return text.Count(n, "user was", "users were") }
