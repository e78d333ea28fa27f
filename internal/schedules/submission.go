package schedules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Submission returns the record that announces an order: the next attempt of the previous
// submission if that was the same and returned to planned, or a new submission. unasked is set
// if the guard counts the users as harmed, because no approval covers them. The record has the
// time when the first of the users were counted; the others get the same time.
func (o *Order) Submission(previous *v1alpha1.ScheduleSubmission, unasked bool, now time.Time) *v1alpha1.ScheduleSubmission {
	now = now.UTC().Truncate(time.Second)
	record := &v1alpha1.ScheduleSubmission{
		JobStatus: v1alpha1.JobStatus{
			Index: 1, Operation: v1alpha1.JobSchedule, State: v1alpha1.JobPlanned, Rows: int32(len(o.Users)), Digest: digest(o.State, o.Users),
		},
		ScheduledState: o.State, At: metav1.NewTime(o.At), Mail: o.Mail, UserIDs: strings.Join(o.Users, ","),
	}
	if o.MakesUp {
		record.InsteadOf = new(record.At)
		record.At = metav1.NewTime(now.Add(RunDelay))
	}
	if unasked && !o.exempt {
		record.CountedAt = new(metav1.NewTime(cmp.Or(o.countedAt, now)))
	}
	switch {
	case previous == nil:
	case previous.State == v1alpha1.JobPlanned && o.isOf(previous):
		record.Index, record.Attempt = previous.Index, previous.Attempt
	default:
		record.Index = previous.Index + 1
	}
	return record
}

// isOf reports whether a submission was for this very order.
func (o *Order) isOf(s *v1alpha1.ScheduleSubmission) bool {
	return s.Digest == digest(o.State, o.Users) && declared(s.ScheduledState, s.At, s.InsteadOf) == o.Event
}

// cameToNothing reports whether the latest submission was for this very order and must not be
// repeated by itself: a person abandoned it, or JumpCloud scheduled something else.
func (o *Order) cameToNothing(last *v1alpha1.ScheduleSubmission) bool {
	return last != nil && (last.State == v1alpha1.JobAbandoned || Distorted(last)) && o.isOf(last)
}

// digest distinguishes orders for the same time by state and users.
func digest(state v1alpha1.SchedulableState, users []string) string {
	sum := sha256.Sum256([]byte(string(state) + " " + strings.Join(users, ",")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Distorted reports whether JumpCloud answered a submission with something else than it asked
// for.
func Distorted(s *v1alpha1.ScheduleSubmission) bool {
	return s != nil && s.State == v1alpha1.JobRejected && s.JobID != ""
}

// Request returns the request that a submission sends.
func Request(s *v1alpha1.ScheduleSubmission) jumpcloud.StateSchedule {
	request := jumpcloud.StateSchedule{
		UserIDs: strings.Split(s.UserIDs, ","), State: wireStates[s.ScheduledState], StartDate: s.At.Time, SendActivationEmails: s.Mail != "",
	}
	if s.Mail != mailUsers {
		request.ActivationEmailOverride = s.Mail
	}
	return request
}

// EventOf returns the event that a submission asks for.
func EventOf(s *v1alpha1.ScheduleSubmission) Event {
	return Event{s.ScheduledState, s.At.UTC()}
}

// AddJob records a job that the latest submission made as the object's own.
func AddJob(status *v1alpha1.ScheduledUserStateStatus, j *Job) {
	from := status.Submission
	record := v1alpha1.ScheduledJobStatus{
		ScheduledJobID: j.ID, State: j.State, At: metav1.NewTime(j.At), Users: int32(j.Users.Len()),
		Mail: from.Mail, UserIDs: join(j.Users), Replacing: Distorted(from), CountedAt: from.CountedAt,
	}
	if j.At.Equal(from.At.Time) {
		record.InsteadOf = from.InsteadOf
	}
	status.Jobs = append(status.Jobs, record)
}
