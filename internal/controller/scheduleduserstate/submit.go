package scheduleduserstate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// digest distinguishes orders for the same time by state and users.
func (o *order) digest() string { return digest(o.state, o.users) }

func digest(state v1alpha1.SchedulableState, users []string) string {
	sum := sha256.Sum256([]byte(string(state) + " " + strings.Join(users, ",")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// submit announces an order and sends it once. It sends nothing unless the announcement was
// written.
func (k Kind) submit(ctx context.Context, pass *pass, o order, s jumpcloud.Submission) error {
	status := &pass.Object.Status
	if o.tooLate(time.Now()) {
		return lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason, "The time came before the change could be sent. It is checked again.", 0))
	}
	if err := pass.EnsureFinalizer(ctx); err != nil {
		return err
	}
	status.Submission = announce(status.Submission, &o, time.Now())
	record := status.Submission
	if pass.Unasked && !o.exempt {
		record.CountedAt = new(metav1.NewTime(o.counting(time.Now())))
	}
	a := &attempt{kind: k, pass: pass, order: &o, submission: s}
	action, err := a.driver().Submit(ctx)
	switch {
	case err != nil:
		return err
	case action.Verb == submission.Wait:
		return settling(pass, action.Until)
	case distorted(record):
		return lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason,
			"JumpCloud scheduled something other than requested. That is cancelled.", 0))
	default:
		return a.err
	}
}

// counting returns when the first of an order's users were counted as harmed; the others get
// the same time.
func (o *order) counting(now time.Time) time.Time {
	if o.countedAt.IsZero() {
		return now.UTC().Truncate(time.Second)
	}
	return o.countedAt
}

// tooLate reports whether an order must not be sent any more because of the time since it was
// planned: its event has passed or, if it makes up for a passed one, it would run after the
// next event.
func (o *order) tooLate(now time.Time) bool {
	if o.makesUp {
		return !o.before.IsZero() && !now.Add(runDelay).Before(o.before)
	}
	return o.passed(now)
}

// overrideOf returns the address that gets a mail instead of the users; "" if none does.
func overrideOf(mail string) string {
	if mail == mailUsers {
		return ""
	}
	return mail
}

// announce returns the record of an order: the next attempt of the previous submission if that
// was the same and returned to planned, or a new submission.
func announce(before *v1alpha1.ScheduleSubmission, o *order, now time.Time) *v1alpha1.ScheduleSubmission {
	record := &v1alpha1.ScheduleSubmission{
		JobStatus: v1alpha1.JobStatus{
			Index: 1, Operation: v1alpha1.JobSchedule, State: v1alpha1.JobPlanned, Rows: int32(len(o.users)), Digest: o.digest(),
		},
		ScheduledState: o.state, At: metav1.NewTime(o.at), Mail: o.mail, UserIDs: strings.Join(o.users, ","),
	}
	if o.makesUp {
		record.InsteadOf = new(record.At)
		record.At = metav1.NewTime(now.Add(runDelay).UTC().Truncate(time.Second))
	}
	if before == nil {
		return record
	}
	record.Index = before.Index + 1
	same := before.Digest == record.Digest && declared(before.ScheduledState, before.At, before.InsteadOf) == o.event
	if before.State == v1alpha1.JobPlanned && same {
		record.Index, record.Attempt = before.Index, before.Attempt
	}
	return record
}

// read records the jobs of an answer. An answer without a job that can be read is none.
func (m *Memory) read(rows []jumpcloud.ScheduledState) submission.Answer {
	jobs := jobsIn(rows, func(j *job) bool { return len(j.id) <= maxJobID })
	if len(jobs) == 0 {
		return submission.Answer{}
	}
	for _, id := range slices.Sorted(maps.Keys(jobs)) {
		m.answer = append(m.answer, jobs[id])
	}
	return submission.Answer{Kind: submission.Completed, JobID: m.answer[0].id}
}

// note records a job as ours.
func note(status *v1alpha1.ScheduledUserStateStatus, record *v1alpha1.ScheduleSubmission, j *job) {
	job := v1alpha1.ScheduledJobStatus{
		ScheduledJobID: j.id, State: j.state, At: metav1.NewTime(j.at), Users: int32(j.users.Len()),
		Mail: record.Mail, UserIDs: join(j.users), Replacing: distorted(record), CountedAt: record.CountedAt,
	}
	if j.at.Equal(record.At.Time) {
		job.InsteadOf = record.InsteadOf
	}
	status.Jobs = append(status.Jobs, job)
}

func (k Kind) count(pass *pass, verb submission.Verb) {
	if outcome := verb.Outcome(); outcome != "" {
		k.Counters.Submission(pass.Session.OrganizationID, k.Name(), outcome)
	}
}
