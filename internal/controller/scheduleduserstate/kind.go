// Package scheduleduserstate keeps the scheduled changes of users' states as
// ScheduledUserStates declare them. Dates (zone.go, event.go) and decisions
// (decide.go, jobs.go, judge.go, order.go, ahead.go, outcome.go) are pure; the
// other files read and make the calls.
package scheduleduserstate

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

type (
	pass   = continuous.Pass[*v1alpha1.ScheduledUserState, Memory]
	plan   = continuous.Plan[*v1alpha1.ScheduledUserState, Memory]
	change = continuous.Change[*v1alpha1.ScheduledUserState, Memory]
)

// Counters count what becomes of submissions. Its methods must not block.
type Counters interface {
	Submission(organizationID, kind, outcome string)
}

// Kind is the continuous.Kind of ScheduledUserStates.
type Kind struct {
	// Limits of the waiting for a submission; the deletion of an object waits no longer
	// than JobTimeout for one.
	submission.Limits
	// Counters count for the metrics.
	Counters Counters
}

var _ continuous.Kind[*v1alpha1.ScheduledUserState, Memory] = Kind{}

// Memory is what this process knows of an object besides its status. All of it
// can be lost.
type Memory struct {
	// seen is what was observed of the latest submission.
	seen submission.Observation
	// answer holds the jobs that were answered to it, found those that the latest
	// look showed to be its.
	answer, found []*job
	// accepted jobs were answered, and cancelled ones deleted, after the time at
	// which a listing may have begun.
	accepted  map[string]acceptance
	cancelled map[string]time.Time
	// hidden is when the listing began in which the job of the open submission may
	// be one that cannot be read; zero: the latest listing had no such row.
	hidden time.Time
	// check is the proof under way that jobs are lost.
	check check
}

type acceptance struct {
	*job
	at time.Time
}

// Name of the kind.
func (Kind) Name() string { return "ScheduledUserState" }

// Settings say that an object is finalized while jobs of it are scheduled. What
// a submission will make of that is known when it is announced.
func (k Kind) Settings(object *v1alpha1.ScheduledUserState) continuous.Settings {
	spec, status := &object.Spec, &object.Status
	cancels := status.Submission != nil && status.Submission.State == v1alpha1.JobOutcomeUnknown
	for i := range status.Jobs {
		cancels = cancels || !status.Jobs[i].Adopted
	}
	settings := continuous.Settings{Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan, Thing: "the scheduled state of users"}
	switch {
	case open(status.Submission) && !time.Now().After(announcedBy(object).Add(k.JobTimeout)):
		settings.Deletion = continuous.DeletionSettles
	case cancels && spec.DeletionPolicy != v1alpha1.DeletionPolicyRetain:
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// announcedBy is when the submission was announced, at the latest: of an object
// that is being deleted none is any more, whatever the clock said that wrote it.
func announcedBy(object *v1alpha1.ScheduledUserState) time.Time {
	at := ptr.Deref(object.Status.Submission.IntendedAt, metav1.MicroTime{}).Time
	if deleted := object.DeletionTimestamp; deleted != nil && deleted.Time.Before(at) {
		return deleted.Time
	}
	return at
}

// Identity are the events, which objects share: what two of them declare of
// different users does not meet, see contest.
func (Kind) Identity(object *v1alpha1.ScheduledUserState) continuous.Identity {
	return continuous.Identity{Shared: identityKeys(object)}
}

func identityKeys(object *v1alpha1.ScheduledUserState) []string {
	events, err := eventsOf(&object.Spec)
	if err != nil {
		return nil
	}
	var keys []string
	for _, e := range events {
		keys = append(keys, e.key())
	}
	return keys
}

// Load has nothing to read in the cluster.
func (Kind) Load(context.Context, *pass) (string, error) { return "", nil }

// Observe settles the submission that is open, looks at users and jobs, and
// plans what to schedule and what to cancel.
func (k Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	if err := k.follow(ctx, pass); err != nil {
		return nil, err
	}
	object := pass.Object
	events, err := eventsOf(&object.Spec)
	if err != nil {
		return nil, continuous.Stalled(v1alpha1.InvalidSpecReason, err.Error()+".")
	}
	t := termsOf(pass, events)
	if finished(object) && !pass.Requested {
		return &plan{Outcome: executedOutcome(t, int(object.Status.Summary.Users))}, nil
	}
	d, users, err := k.look(ctx, pass, t)
	if err != nil {
		return nil, err
	}
	for _, lost := range d.newlyLost {
		pass.Event(corev1.EventTypeWarning, "ScheduleLost", fmt.Sprintf(
			"Job %s for %d users was removed by another client. They are to be scheduled again.", lost.ScheduledJobID, lost.Users))
	}
	reclaim(d.jobs, object.Status.Submission)
	if found := foundFrom(object.Status.Jobs, d.jobs); len(found) > 0 {
		pass.Event(corev1.EventTypeWarning, "JobsAdopted", fmt.Sprintf(
			"JumpCloud has jobs for this object's users and times that this object did not make: %s. It counts them and does not cancel them.", text.First(found, shown, len(found))))
	}
	d.note(&object.Status, users)
	p := &plan{Outcome: d.outcome(t, &object.Status, users, pass.Now)}
	for _, o := range d.orders {
		p.Changes = append(p.Changes, k.schedule(o))
	}
	for _, c := range d.cancels {
		p.Changes = append(p.Changes, k.cancel(c.ScheduledJobStatus, c.harmed))
	}
	return p, nil
}

// foundFrom are the jobs of others that were not counted before.
func foundFrom(before, after []v1alpha1.ScheduledJobStatus) (found []string) {
	for i := range after {
		known := slices.ContainsFunc(before, func(record v1alpha1.ScheduledJobStatus) bool { return record.ScheduledJobID == after[i].ScheduledJobID })
		if after[i].Adopted && !known {
			found = append(found, after[i].ScheduledJobID)
		}
	}
	return found
}

// reclaim takes the job that the last submission made for ours where the list
// of jobs in the status was not kept: a CRD may have lacked it.
func reclaim(jobs []v1alpha1.ScheduledJobStatus, last *v1alpha1.ScheduleSubmission) {
	for i := range jobs {
		if last != nil && jobs[i].Adopted && jobs[i].ScheduledJobID == last.JobID {
			jobs[i].Adopted, jobs[i].Mail, jobs[i].UserIDs = false, last.Mail, last.UserIDs
		}
	}
}

// PlanDeletion plans to cancel the jobs that are the object's own. What others had
// scheduled stays. Who was to be suspended and is not is harmed by that.
func (k Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	if err := k.follow(ctx, pass); err != nil {
		return nil, err
	}
	p := &plan{Outcome: lifecycle.Done(v1alpha1.UpToDateReason, "Nothing of the object's is scheduled any more.")}
	if pass.Object.Spec.DeletionPolicy == v1alpha1.DeletionPolicyRetain {
		return p, nil
	}
	for _, record := range pass.Object.Status.Jobs {
		if record.Adopted {
			continue
		}
		harmed := 0
		if !countsStill(pass)(record.CountedAt) {
			harmed = suspends(&record, pass.Now).Len()
		}
		p.Changes = append(p.Changes, k.cancel(record, harmed))
	}
	return p, nil
}

// finished tells that all users were seen in the final state. Such an object
// costs JumpCloud nothing any more, and what becomes of the users is no concern
// of it.
func finished(object *v1alpha1.ScheduledUserState) bool {
	status := &object.Status
	return status.ObservedGeneration == object.Generation && status.Summary != nil &&
		status.Summary.Executed == status.Summary.Users && len(status.Jobs) == 0
}

func termsOf(pass *pass, events []event) terms {
	spec := &pass.Object.Spec
	mode := pass.Session.Spec.Mode
	t := terms{
		events: events, policy: spec.PastDuePolicy, mails: map[v1alpha1.SchedulableState]string{},
		counts: countsStill(pass),
		again:  pass.Requested && !triedSince(pass, pass.NewerThan),

		takesOver: pass.Object.Annotations[v1alpha1.AdoptAnnotation] == "true",
		whole:     spec.Mode == v1alpha1.ModePlan || spec.Mode == v1alpha1.ModeApplyAfterApproval || mode == v1alpha1.ModePlan,
	}
	for _, e := range events {
		t.mails[e.state] = mailFor(spec, e.state)
	}
	return t
}

// countsStill reports of a time whether it is in the guard's window.
func countsStill(pass *pass) func(*metav1.Time) bool {
	return func(at *metav1.Time) bool {
		return at != nil && guard.Within(at.Time, &pass.Session.Spec.Guard.Window, pass.Now)
	}
}

// triedSince reports whether something was sent after a time. A request is good
// for one try: it stands until the object is at rest. What a clock wrote that was
// ahead was sent before this process first saw it.
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
