package workdayimport

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// creationSource is what JumpCloud records of users from Workday.
const creationSource = "jumpcloud:workday"

// Kind implements oneshot.Kind for WorkdayImports: the rows are workers who are not in the
// directory, and are sent on behalf of the instance.
type Kind struct {
	// Reader reads WorkdayInstances from the cache: a watch of them wakes imports.
	Reader client.Reader
}

type pass = lifecycle.Pass[*v1alpha1.WorkdayImport]

var _ oneshot.Kind[*v1alpha1.WorkdayImport] = (*Kind)(nil)

// Name returns the name of the kind.
func (*Kind) Name() string { return "WorkdayImport" }

// LedgerSuffix returns what the names of ledger ConfigMaps add to the object's name.
func (*Kind) LedgerSuffix() string { return ledger.WorkdaySuffix }

// MembersSuffix returns what the names of ConfigMaps with an object's members add to its name.
func (*Kind) MembersSuffix() string { return ledger.WorkdayMembersSuffix }

// Settings returns the engine's settings for an object. Existing users are left alone.
func (*Kind) Settings(object *v1alpha1.WorkdayImport) oneshot.Settings {
	spec := &object.Spec
	defaults, _ := rows.FromAttributes(spec.Defaults)
	return oneshot.Settings{
		Operation: v1alpha1.OperationCreate, MatchBy: spec.MatchBy, Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan,
		StateOnUpdate: v1alpha1.StateOnUpdateIgnore, OnInvalidRow: spec.OnInvalidRow, OnUnknownManager: spec.OnUnknownManager,
		Defaults: defaults, OnlyNew: true, Duplicates: cmp.Or(spec.Duplicates, v1alpha1.DuplicatesFail), Leavers: spec.Leavers,
	}
}

// Load finds the instance and determines which run is due: without a schedule, one for each
// spec and instance; with a schedule, also one for each of its times.
func (k *Kind) Load(ctx context.Context, pass *pass, open bool) (oneshot.Source, error) {
	object := pass.Object
	converter, defaults, times, problem := interpret(&object.Spec)
	if problem != "" {
		return oneshot.Source{}, &oneshot.SpecError{Message: problem}
	}
	instance, err := k.instance(ctx, object)
	if err != nil {
		return oneshot.Source{}, err
	}
	if problem := mismatch(pass, instance); problem != "" {
		return oneshot.Source{}, &oneshot.SpecError{Message: problem}
	}
	source := oneshot.Source{Hold: hold(instance), Read: newReading(instance, converter).read}
	at, err := occasion(pass, times, open, &source)
	source.Key = runKey(pass, instance, defaults, at)
	return source, err
}

// occasion returns the time of the schedule that the present run belongs to, and records in
// the source whether the run of that time is due now.
func occasion(pass *pass, times *schedule, open bool, source *oneshot.Source) (time.Time, error) {
	status := &pass.Object.Status
	if times == nil {
		status.LastScheduleTime, status.NextScheduleTime = nil, nil
		return time.Time{}, nil
	}
	var last time.Time
	if status.LastScheduleTime != nil {
		last = status.LastScheduleTime.UTC()
	}
	d := times.due(last, pass.Object.CreationTimestamp.Time, pass.Now, pass.Object.Spec.StartingDeadlineSeconds)
	source.Next, source.Waits = d.next, true // a change of the spec waits for the next time
	status.NextScheduleTime = &metav1.Time{Time: d.next}
	switch {
	case open:
		return last, nil
	case d.at.IsZero() && status.RunKey == "" && !pass.Requested:
		return last, lifecycle.Stop(lifecycle.Done(v1alpha1.ScheduledReason,
			"The first run begins at the first time of the schedule: see status.nextScheduleTime.").Within(d.next.Sub(pass.Now)))
	case d.at.After(last) && held(source):
		return last, nil
	default:
		// It is before the last one if a clock was far ahead.
		source.Due = d.at.After(last)
		if status.LastScheduleTime = nil; !d.at.IsZero() {
			status.LastScheduleTime = &metav1.Time{Time: d.at}
		}
		return d.at, nil
	}
}

// held reports whether nothing may be read or sent now.
func held(source *oneshot.Source) bool { return source.Hold != nil }

// instance returns the WorkdayInstance that the spec names.
func (k *Kind) instance(ctx context.Context, object *v1alpha1.WorkdayImport) (*v1alpha1.WorkdayInstance, error) {
	instance, name := &v1alpha1.WorkdayInstance{}, object.Spec.WorkdayInstanceRef.Name
	err := k.Reader.Get(ctx, client.ObjectKey{Namespace: object.Namespace, Name: name}, instance)
	switch {
	case apierrors.IsNotFound(err):
		return nil, &oneshot.NotFoundError{Message: fmt.Sprintf("WorkdayInstance %s does not exist", name)}
	case err != nil:
		return nil, err
	case instance.Status.ID == "":
		return nil, notReady(instance, "is not made yet")
	default:
		return instance, nil
	}
}

// mismatch returns the problem if the instance is not of the import's organization; ""
// otherwise.
func mismatch(pass *pass, instance *v1alpha1.WorkdayInstance) string {
	if instance.Status.OrganizationID == pass.Session.OrganizationID {
		return ""
	}
	return fmt.Sprintf("spec.workdayInstanceRef: WorkdayInstance %s belongs to another organization than spec.organizationRef: make them the same", instance.Name)
}

// hold returns why nothing may be read or sent on behalf of the instance; nil: it may.
func hold(instance *v1alpha1.WorkdayInstance) error {
	conditions := instance.Status.Conditions
	switch {
	case !instance.DeletionTimestamp.IsZero():
		return notReady(instance, "is being deleted")
	case !apimeta.IsStatusConditionTrue(conditions, v1alpha1.AuthenticatedCondition):
		return notReady(instance, "has no valid credentials")
	case instance.Status.ObservedGeneration != instance.Generation || !apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition):
		return notReady(instance, "is not ready")
	default:
		return nil
	}
}

func notReady(instance *v1alpha1.WorkdayInstance, why string) error {
	return lifecycle.Stop(lifecycle.Waiting(v1alpha1.InstanceNotReadyReason,
		fmt.Sprintf("WorkdayInstance %s %s. See its conditions. No worker is read and nothing is sent until it is ready.", instance.Name, why)))
}

// Create starts a job that creates users on behalf of the instance.
func (k *Kind) Create(
	ctx context.Context, s *session.Session, object *v1alpha1.WorkdayImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserCreate,
) (string, error) {
	instance, err := k.instance(ctx, object)
	if err != nil {
		return "", &jumpcloud.Error{Class: jumpcloud.NotSent, Op: "StartWorkdayImport", Err: err}
	}
	return s.Client.StartWorkdayImport(ctx, submission, instance.Status.ID, users)
}

// Update starts a job that updates users: it sets managers who were unknown when the users
// were created. JumpCloud has no such call for an instance.
func (*Kind) Update(
	ctx context.Context, s *session.Session, _ *v1alpha1.WorkdayImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserUpdate,
) (string, error) {
	return s.Client.StartBulkUpdate(ctx, submission, users, jumpcloud.BulkUpdateOptions{SuppressEmail: true})
}

// Results reads a job's records. Those of an import have a path of their own, which needs the
// instance. It is unknown whether the path of other jobs has them, too, but without the
// instance, nothing else is left to try.
func (k *Kind) Results(
	ctx context.Context, s *session.Session, object *v1alpha1.WorkdayImport, job *v1alpha1.JobStatus, skip int,
) iter.Seq2[[]jumpcloud.JobResult, error] {
	bulk := s.Client.BulkResultPages(ctx, job.JobID, skip)
	instance, err := k.instance(ctx, object)
	if job.Operation != v1alpha1.JobCreate || err != nil {
		return bulk
	}
	return func(yield func([]jumpcloud.JobResult, error) bool) {
		for page, err := range s.Client.WorkdayResultPages(ctx, instance.Status.ID, job.JobID, skip) {
			if jumpcloud.IsNotFound(err) {
				bulk(yield)
				return
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// runKey identifies the run by what is imported from where, how, and for which time of the
// schedule; not by the workers, who are read once in a run.
func runKey(pass *pass, instance *v1alpha1.WorkdayInstance, defaults []rows.Field, at time.Time) string {
	spec := &pass.Object.Spec
	read := []string{instance.Status.ID, instance.Spec.ReportURL, spec.Filter}
	for _, m := range spec.Mapping {
		read = append(read, m.Attribute, m.From)
	}
	if spec.Duplicates != "" && spec.Duplicates != v1alpha1.DuplicatesFail { // the default adds nothing, so that older keys stay the same
		read = append(read, "duplicates", string(spec.Duplicates))
	}
	if !at.IsZero() {
		read = append(read, at.UTC().Format(time.RFC3339))
	}
	return rows.RunKey(rows.KeyInputs{
		OrganizationID: pass.Session.OrganizationID, Operation: v1alpha1.OperationCreate, MatchBy: spec.MatchBy, CreationSource: creationSource,
		Defaults: defaults, StateOnUpdate: v1alpha1.StateOnUpdateIgnore, OnInvalidRow: spec.OnInvalidRow,
		OnUnknownManager: spec.OnUnknownManager, Leavers: spec.Leavers, Versions: read,
	})
}
