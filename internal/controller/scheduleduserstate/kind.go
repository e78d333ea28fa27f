// Package scheduleduserstate keeps the scheduled changes of users' states as
// ScheduledUserStates declare them. It reads and makes the calls; package schedules decides.
package scheduleduserstate

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

type (
	pass   = continuous.Pass[*v1alpha1.ScheduledUserState, Memory]
	plan   = continuous.Plan[*v1alpha1.ScheduledUserState, Memory]
	change = continuous.Change[*v1alpha1.ScheduledUserState, Memory]
)

// Counters counts the outcomes of submissions. Its methods must not block.
type Counters interface {
	Submission(organizationID, kind, outcome string)
}

// Kind implements continuous.Kind for ScheduledUserStates.
type Kind struct {
	// Limits bound the waiting for a submission; the deletion of an object waits at most
	// JobTimeout for one.
	submission.Limits
	// Counters counts submissions for the metrics.
	Counters Counters
}

// Memory is what this process knows of an object besides its status. All of it can be lost.
type Memory struct {
	// seen is what was observed of the latest submission.
	seen submission.Observation
	// answer has the jobs in the submission's answer, found those that the latest look
	// recognized as the submission's.
	answer, found []*schedules.Job
	// accepted are jobs that JumpCloud answered with, cancelled those that were deleted, until
	// a listing is read that began later.
	accepted  map[string]acceptance
	cancelled map[string]time.Time
	// hidden is when the listing began in which a row that cannot be read may be the job of
	// the open submission; zero: the latest listing had no such row.
	hidden time.Time
	// check is the proof in progress that jobs are lost.
	check check
}

type acceptance struct {
	*schedules.Job
	at time.Time
}

// Name returns the name of the kind.
func (Kind) Name() string { return "ScheduledUserState" }

// Settings makes the engine finalize an object while jobs of its own are scheduled. A
// submission adds the finalizer before it is announced, see submit.
func (k Kind) Settings(object *v1alpha1.ScheduledUserState) continuous.Settings {
	spec, status, sent := &object.Spec, &object.Status, object.Status.Submission
	cancels := sent != nil && sent.State == v1alpha1.JobOutcomeUnknown
	for i := range status.Jobs {
		cancels = cancels || !status.Jobs[i].Adopted
	}
	settings := continuous.Settings{Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan, Thing: "the scheduled state of users"}
	switch {
	case sent != nil && submission.Open(sent.State) && !time.Now().After(announcedBy(object).Add(k.JobTimeout)):
		settings.Deletion = continuous.DeletionSettles
	case cancels && spec.DeletionPolicy != v1alpha1.DeletionPolicyRetain:
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// announcedBy returns when the submission was announced, at the latest. An object that is
// being deleted announces none, so a later time comes from a clock that was ahead.
func announcedBy(object *v1alpha1.ScheduledUserState) time.Time {
	at := ptr.Deref(object.Status.Submission.IntendedAt, metav1.MicroTime{}).Time
	if deleted := object.DeletionTimestamp; deleted != nil && deleted.Time.Before(at) {
		return deleted.Time
	}
	return at
}

// Identity returns the events as keys that objects share: two objects may declare one event
// for different users, see contest.
func (Kind) Identity(object *v1alpha1.ScheduledUserState) continuous.Identity {
	return continuous.Identity{Shared: schedules.Keys(&object.Spec)}
}

// Load reads nothing in the cluster.
func (Kind) Load(context.Context, *pass) (string, error) { return "", nil }

// Observe settles the open submission, looks at users and jobs, and plans what to schedule and
// what to cancel.
func (k Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	if err := k.follow(ctx, pass); err != nil {
		return nil, err
	}
	status := &pass.Object.Status
	t, err := termsOf(pass)
	if err != nil {
		return nil, continuous.Stalled(v1alpha1.InvalidSpecReason, err.Error()+".")
	}
	if finished(pass.Object) && !pass.Requested {
		return &plan{Outcome: executedOutcome(&t, int(status.Summary.Users))}, nil
	}
	d, err := look(ctx, pass, &t)
	if err != nil {
		return nil, err
	}
	known := recorded(status)
	d.Record(status)
	report(pass, &d, known)
	p := &plan{Outcome: outcomeOf(&d, &t, status, pass.Now)}
	for _, o := range d.Orders {
		p.Changes = append(p.Changes, k.schedule(o))
	}
	for _, c := range d.Cancellations {
		p.Changes = append(p.Changes, cancel(c))
	}
	return p, nil
}

// report tells of jobs of ours that others have just removed, and of jobs of others that were
// not known.
func report(pass *pass, d *schedules.Decision, known sets.Set[string]) {
	for _, lost := range d.NewlyLost {
		pass.Event(corev1.EventTypeWarning, "ScheduleLost", fmt.Sprintf(
			"Job %s for %d users was removed by another client. They are to be scheduled again.", lost.ScheduledJobID, lost.Users))
	}
	_, found := adopted(pass.Object.Status.Jobs)
	if found = slices.DeleteFunc(found, known.Has); len(found) > 0 {
		pass.Event(corev1.EventTypeWarning, "JobsAdopted", fmt.Sprintf(
			"JumpCloud has jobs for this object's users and times that this object did not make: %s. It counts them and does not cancel them.", text.First(found, shown, len(found))))
	}
}

// PlanDeletion plans to cancel the object's own jobs. What others have scheduled stays. Users
// who are not suspended because of that are harmed.
func (k Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	if err := k.follow(ctx, pass); err != nil {
		return nil, err
	}
	p := &plan{Outcome: lifecycle.Done(v1alpha1.UpToDateReason, "Nothing of the object's is scheduled any more.")}
	if pass.Object.Spec.DeletionPolicy == v1alpha1.DeletionPolicyRetain {
		return p, nil
	}
	for _, c := range schedules.CancelAll(pass.Object.Status.Jobs, countsStill(pass), pass.Now) {
		p.Changes = append(p.Changes, cancel(c))
	}
	return p, nil
}

// finished reports whether all users were seen in the final state. Such an object makes no
// more requests to JumpCloud, and ignores what happens to the users later.
func finished(object *v1alpha1.ScheduledUserState) bool {
	status := &object.Status
	return status.ObservedGeneration == object.Generation && status.Summary != nil &&
		status.Summary.Executed == status.Summary.Users && len(status.Jobs) == 0
}

// termsOf returns what the object asks for. The error says what is wrong with its spec.
func termsOf(pass *pass) (schedules.Terms, error) {
	spec := &pass.Object.Spec
	t, err := schedules.TermsOf(spec)
	t.Counts = countsStill(pass)
	t.Again = pass.Requested && !triedSince(pass, pass.NewerThan)
	t.TakesOver = pass.Object.Annotations[v1alpha1.AdoptAnnotation] == "true"
	t.Whole = spec.Mode == v1alpha1.ModePlan || spec.Mode == v1alpha1.ModeApplyAfterApproval || pass.Session.Spec.Mode == v1alpha1.ModePlan
	return t, err
}

// countsStill returns a function that reports whether a time is in the guard's window.
func countsStill(pass *pass) func(time.Time) bool {
	return func(at time.Time) bool { return guard.Within(at, &pass.Session.Spec.Guard.Window, pass.Now) }
}

// triedSince reports whether something was sent after a time. A request permits one try, but
// stands until the object is at rest. A time from a clock that was ahead counts as when this
// process first saw the submission.
func triedSince(pass *pass, at time.Time) bool {
	record := pass.Object.Status.Submission
	if record == nil {
		return false
	}
	tried := ptr.Deref(record.IntendedAt, metav1.MicroTime{}).Time
	if seen := pass.Memory.seen.FirstSeen; !seen.IsZero() && seen.Before(tried) {
		tried = seen
	}
	return !tried.Before(at.Truncate(time.Microsecond))
}
