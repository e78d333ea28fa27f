package batch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const (
	// again is the shortest pause before a failed call is repeated.
	again = 5 * time.Second
	// resting is how long results must not have changed before the objects of the job observe
	// for themselves.
	resting = 30 * time.Second
	// fullCheck is the interval at which a job that collects checks whether it is full.
	fullCheck = 100 * time.Millisecond
)

// ErrTooLate is the error of changes whose deadline passed before their job was sent.
var ErrTooLate = errors.New("its job was not sent in time")

// job is one job with changes of many objects. One goroutine uses it at a time, except for
// what Batcher.mu guards.
type job[R any] struct {
	batcher *Batcher[R]
	session *session.Session

	// Guarded by Batcher.mu until the job is full.
	members       []member[R]
	began, joined time.Time
	deadline      time.Time // the first of the members'
	full          bool
	places        places

	record  v1alpha1.JobStatus
	seen    submission.Observation
	results submission.Results
	// rows are what is sent, and admission is the token that was taken for that.
	rows      []R
	admission jumpcloud.Admission
	// err is the error of the submission.
	err error
	// rested is when the members were last told that the results rest.
	rested time.Time
}

// member is one change of a job.
type member[R any] struct {
	row       R
	ticket    *Ticket
	deadline  time.Time
	takesRoom bool
}

func newRecord() v1alpha1.JobStatus {
	return v1alpha1.JobStatus{Index: 1, State: v1alpha1.JobPlanned}
}

// step carries the job on.
func (j *job[R]) step(ctx context.Context) (after time.Duration, goesOn bool) {
	if j.record.State == v1alpha1.JobSubmitted {
		return j.follow(ctx)
	}
	if wait := j.batcher.close(j, time.Now()); wait > 0 {
		return min(wait, fullCheck), true
	}
	return j.send(ctx)
}

// send sends the job, once, unless the call provably had no effect: then it may be repeated.
func (j *job[R]) send(ctx context.Context) (after time.Duration, goesOn bool) {
	var err error
	if j.admission, err = j.session.Client.Admit(ctx, jumpcloud.Normal); err != nil {
		return j.retry(ctx, err)
	}
	j.collect(time.Now())
	if err := j.takeRoom(ctx); err != nil {
		j.end(ctx, submission.NotSent, err)
		return 0, false
	}
	if len(j.members) == 0 {
		return 0, false
	}
	j.fill()
	action, _ := j.driver().Submit(ctx) // the job has no record whose write could fail
	j.rows = nil                        // they may contain passwords
	switch action.Verb {
	case submission.RecordJobID:
		j.drop()
		return time.Second, true
	case submission.Reject:
		j.split(ctx)
		return 0, false
	case submission.ReturnToPlanned:
		return j.retry(ctx, j.err)
	default:
		j.end(ctx, submission.Unknown, j.err)
		return 0, false
	}
}

// collect determines what is sent. It removes members that were withdrawn, and members whose
// deadline has passed, so that these do not hold up the others.
func (j *job[R]) collect(now time.Time) {
	j.members = slices.DeleteFunc(j.members, func(m member[R]) bool {
		if !m.ticket.send() {
			return true
		}
		late := !now.Before(m.deadline)
		if late {
			m.ticket.end(Result{Kind: submission.NotSent, Err: ErrTooLate, At: now})
		}
		return late
	})
	for i := range j.members {
		if i == 0 || j.members[i].deadline.Before(j.deadline) {
			j.deadline = j.members[i].deadline
		}
	}
}

// fill sets the rows to those of the members.
func (j *job[R]) fill() {
	j.rows = make([]R, len(j.members))
	for i := range j.members {
		j.rows[i] = j.members[i].row
	}
	j.record.Rows = int32(len(j.rows)) // #nosec G115 -- at most jumpcloud.MaxBulkRows
}

// drop forgets rows that were accepted.
func (j *job[R]) drop() {
	for i := range j.members {
		j.members[i].row = *new(R)
	}
}

// retry tries again later, if that is before the deadline. Nothing was sent.
func (j *job[R]) retry(ctx context.Context, err error) (after time.Duration, goesOn bool) {
	after = again
	if remote, ok := errors.AsType[*jumpcloud.Error](err); ok {
		after = max(after, remote.RetryAfter)
	}
	limited := jumpcloud.ClassOf(err) == jumpcloud.RateLimited
	if !limited || !time.Now().Add(after).Before(j.deadline) {
		j.end(ctx, submission.AnswerKindOf(err), err)
		return 0, false
	}
	for _, m := range j.members {
		m.ticket.unsend()
	}
	return after, true
}

// split sends a job that was refused in halves: one row must not hold up the others.
func (j *job[R]) split(ctx context.Context) {
	if len(j.members) == 1 {
		j.end(ctx, submission.Refused, j.err)
		return
	}
	middle := len(j.members) / 2
	for _, half := range [][]member[R]{j.members[:middle:middle], j.members[middle:]} {
		part := &job[R]{batcher: j.batcher, session: j.session, members: half, deadline: j.deadline, full: true, record: newRecord()}
		part.places = places{room: j.places.room, taken: part.needsRoom()}
		j.batcher.Carry(part.step)
	}
}

// follow polls the job that was accepted.
func (j *job[R]) follow(ctx context.Context) (after time.Duration, goesOn bool) {
	action, err := j.driver().Follow(ctx)
	switch {
	case err != nil:
		after = again
		if remote, ok := errors.AsType[*jumpcloud.Error](err); ok {
			after = max(after, remote.RetryAfter)
		}
	case action.Verb == submission.Poll:
		after = time.Until(action.Until)
	case j.record.State == v1alpha1.JobFinished:
		j.batcher.took(submission.Slowest([]v1alpha1.JobStatus{j.record}))
		j.end(ctx, submission.Completed, nil)
		return 0, false
	default:
		j.end(ctx, submission.Unknown, nil)
		return 0, false
	}
	j.tellRest(time.Now())
	return after, true
}

// tellRest tells the members that the results have not changed for a while.
func (j *job[R]) tellRest(now time.Time) {
	since := j.record.SubmittedAt.Time
	if j.seen.Results != nil && j.seen.Results.Final > 0 {
		since = j.seen.Results.ChangedAt
	}
	if now.Sub(since) < resting || !j.rested.Before(since) {
		return
	}
	j.rested = now
	for _, m := range j.members {
		m.ticket.rest(j.record.JobID, now)
	}
}

// end tells the members what became of the job. What was provably not made gives its room
// back.
func (j *job[R]) end(ctx context.Context, kind submission.AnswerKind, err error) {
	if kind != submission.Completed && kind != submission.Unknown {
		j.places.shrink(ctx, 0)
	}
	result := Result{Kind: kind, Err: err, JobID: j.record.JobID, At: time.Now()}
	if remote, ok := errors.AsType[*jumpcloud.Error](err); ok {
		result.Said = []string{remote.Message()}
	}
	for _, record := range j.results.Distinct() {
		if submission.Failed(&record) {
			result.Failed++
			if !slices.Contains(result.Said, record.StatusMsg) {
				result.Said = append(result.Said, record.StatusMsg)
			}
		}
	}
	j.drop()
	for _, m := range j.members {
		m.ticket.end(result)
	}
}
