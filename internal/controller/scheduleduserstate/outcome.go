package scheduleduserstate

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// outcomeOf returns the outcome of a pass in which nothing is left to change. What needs a
// person comes before what resolves by itself.
func outcomeOf(d *schedules.Decision, t *schedules.Terms, status *v1alpha1.ScheduledUserStateStatus, now time.Time) lifecycle.Outcome {
	wake := d.Wake.Sub(now)
	outcome, stopped := stopped(d, status)
	switch {
	case !stopped && d.Verifying:
		return lifecycle.Progressing(v1alpha1.ProgressingReason, "The time has come: the users are looked at until they are seen in their state.", wake)
	case !stopped:
		outcome = settled(d, t, status)
	}
	if !d.Wake.IsZero() {
		outcome = outcome.Within(wake)
	}
	return outcome
}

// stopped returns the outcome if events came to nothing and nothing is done about that; false:
// they did not.
func stopped(d *schedules.Decision, status *v1alpha1.ScheduledUserStateStatus) (lifecycle.Outcome, bool) {
	const tryAgain = "To try again, change the spec or set the annotation " + v1alpha1.ReconcileRequestedAtAnnotation + " to a new value."
	missed, late := d.In(v1alpha1.PhaseMissed), d.In(v1alpha1.PhasePastDue)
	switch {
	case len(missed) > 0:
		return lifecycle.Stalled(v1alpha1.ScheduleMissedReason, fmt.Sprintf(
			"%s scheduled but not in the state %s after the time (%s). Check JumpCloud for the reason. Then declare the state in a User, or set another date; every resync checks again.",
			were(len(missed)), schedules.Grace, first(missed))), true
	case len(late) > 0 && !d.Ignored:
		return lifecycle.Stalled(v1alpha1.ScheduleInPastReason, fmt.Sprintf(
			"The date has passed, and %s not scheduled (%s). Set another date, or pastDuePolicy to RunNow or Ignore.", were(len(late)), first(late))), true
	case len(d.Held) > 0 && schedules.Distorted(status.Submission):
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, "JumpCloud scheduled something other than requested, and that was cancelled. "+tryAgain), true
	case len(d.Held) > 0:
		return lifecycle.Stalled(v1alpha1.RowsFailedReason, "A person abandoned the submission, so its users are not scheduled. "+tryAgain), true
	default:
		return lifecycle.Outcome{}, false
	}
}

// settled returns the outcome if nothing is about to happen.
func settled(d *schedules.Decision, t *schedules.Terms, status *v1alpha1.ScheduledUserStateStatus) lifecycle.Outcome {
	contested, absent, protected := d.In(v1alpha1.PhaseContested), d.In(v1alpha1.PhaseNotFound), d.In(v1alpha1.PhaseProtected)
	switch users, executed := len(d.Users), int(status.Summary.Executed); {
	case len(contested) > 0:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, schedules.ContestedText(names(contested), contested[0].Owner))
	case len(absent) > 0:
		return lifecycle.Waiting(v1alpha1.UsersNotFoundReason, fmt.Sprintf(
			"%s not in the directory (%s). All others are handled; these follow when they appear.", are(len(absent)), first(absent)))
	case len(protected) > 0:
		return lifecycle.Stalled(v1alpha1.ProtectedUserReason, fmt.Sprintf(
			"%s protected, as administrators or by spec.protectedUsers of the Organization (%s). All others are handled; remove these from spec.users.",
			are(len(protected)), first(protected)))
	case executed == users:
		return executedOutcome(t, users)
	case status.Summary.Scheduled > 0:
		return lifecycle.Done(v1alpha1.ScheduledReason, scheduledText(t, status))
	default:
		return lifecycle.Done(v1alpha1.UpToDateReason, fmt.Sprintf(
			"The date has passed, and pastDuePolicy says to leave it at that: %s %s.", are(executed), final(t)))
	}
}

// executedOutcome is the outcome once all users have been seen in the final state.
func executedOutcome(t *schedules.Terms, users int) lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.ExecutedReason, fmt.Sprintf("%s seen to be %s.", were(users), final(t)))
}

func final(t *schedules.Terms) v1alpha1.SchedulableState { return t.Events[len(t.Events)-1].State }

// scheduledText says what will happen, without dates: those are in the status.
func scheduledText(t *schedules.Terms, status *v1alpha1.ScheduledUserStateStatus) string {
	states := string(t.Events[0].State)
	if len(t.Events) > 1 {
		states += " from startDate on and " + string(t.Events[1].State) + " from endDate on"
	}
	said := fmt.Sprintf("%d of %s scheduled to be %s", status.Summary.Scheduled, are(int(status.Summary.Users)), states)
	if users, jobs := adopted(status.Jobs); users > 0 {
		said += fmt.Sprintf(" (%d by jobs of others: %s). This object did not make those jobs and never cancels them. If its status was lost, for example by a restore, "+
			"make them its own with the annotation %s=\"true\"", users, text.First(jobs, shown, len(jobs)), v1alpha1.AdoptAnnotation)
	}
	return said + "."
}

// adopted counts the users of jobs that others made, and names the jobs.
func adopted(jobs []v1alpha1.ScheduledJobStatus) (users int, ids []string) {
	all := sets.New[string]()
	for i := range jobs {
		if jobs[i].Adopted {
			all = all.Union(schedules.IDs(jobs[i].UserIDs))
			ids = append(ids, jobs[i].ScheduledJobID)
		}
	}
	return all.Len(), ids
}

// shown is how many users or jobs a message names.
const shown = 3

// names returns the spec's names of users.
func names(users []schedules.User) []string {
	var all []string
	for _, u := range users {
		all = append(all, u.Name)
	}
	return all
}

// first names the first of the users.
func first(users []schedules.User) string { return text.First(names(users), shown, len(users)) }

func are(n int) string { return text.Count(n, "user is", "users are") }

func were(n int) string { return text.Count(n, "user was", "users were") }
