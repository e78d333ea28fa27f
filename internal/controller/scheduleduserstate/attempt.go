package scheduleduserstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// attempt is one attempt of the open submission, as submission.Ports.
type attempt struct {
	kind Kind
	pass *pass
	// request is what is sent, submission the token that was taken for it.
	request    jumpcloud.StateSchedule
	submission jumpcloud.Submission
	// last is set for the last look before the submission is given up.
	last bool
	// err is the error of the submission's request.
	err error
}

var _ submission.Ports = (*attempt)(nil)

// driver drives the open submission.
func (a *attempt) driver() *submission.Driver {
	record := a.record()
	return &submission.Driver{
		Ports: a, Job: &record.JobStatus, Seen: &a.pass.Memory.seen,
		Limits: a.kind.Limits,
		Decision: func() submission.Decision {
			return submission.DecisionOn(record.JobStatus, a.pass.Object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation])
		},
		Deleting: !a.pass.Object.GetDeletionTimestamp().IsZero(),
	}
}

func (a *attempt) record() *v1alpha1.ScheduleSubmission { return a.pass.Object.Status.Submission }

// Announce writes the intent. It fails unless the spec is still the present one.
func (a *attempt) Announce(ctx context.Context) error {
	err := a.pass.CommitStatus(ctx, a.pass.Working)
	if err != nil {
		a.record().CountedAt = nil
	}
	return err
}

// Send schedules the order.
func (a *attempt) Send(ctx context.Context) submission.Answer {
	m := a.pass.Memory
	rows, err := a.pass.Session.Client.ScheduleStates(ctx, a.submission, a.request)
	a.err, m.answer = err, nil
	if err != nil {
		return submission.Answer{Kind: submission.AnswerKindOf(err)}
	}
	return m.read(rows)
}

// Record writes the answer into the status.
func (a *attempt) Record(ctx context.Context, ours func(stored *v1alpha1.JobStatus) bool) error {
	return a.pass.Record(ctx, a.pass.Working, func(stored *v1alpha1.ScheduledUserState) bool {
		return stored.Status.Submission != nil && ours(&stored.Status.Submission.JobStatus)
	})
}

// Look looks for the job that the submission made. If a row that cannot be read may be that
// job, Look ends the pass, and the next one reads a newer listing. The last look before the
// submission is given up ignores such rows.
func (a *attempt) Look(ctx context.Context, newerThan time.Time) (submission.Presence, error) {
	m := a.pass.Memory
	read, err := lookFor(ctx, a.pass, continuous.Latest(newerThan, m.hidden.Add(1)))
	if err != nil {
		return read, err
	}
	m.hidden = time.Time{}
	if read.Complete || a.last {
		return read, nil
	}
	m.hidden = read.Began
	return read, hidden(a.pass)
}

// Poll always fails: a schedule is answered at once and has no results.
func (*attempt) Poll(context.Context) (submission.Progress, error) {
	return submission.Progress{}, errors.New("a schedule has no results")
}

// Before asks for one last look before giving up: the job may be there after all.
func (a *attempt) Before(submission.Verb) submission.Action {
	a.last = true
	return submission.Action{Verb: submission.ReadDirectory, NewerThan: continuous.Latest(a.pass.NewerThan, a.pass.Memory.seen.FirstSeen)}
}

// Revise plans again instead of asking a person if the time has come, because nothing can be
// sent twice any more. It rejects an answer that is not what was asked for.
func (a *attempt) Revise(action submission.Action) submission.Action {
	record := a.record()
	switch action.Verb {
	case submission.AskPerson, submission.Escalate:
		if record.InsteadOf == nil && !record.At.After(a.pass.Now) {
			return submission.Action{Verb: submission.PlanAgain, Rows: record.Rows}
		}
	case submission.Finish:
		if a.wrong() != nil {
			return submission.Action{Verb: submission.Reject}
		}
	default:
	}
	return action
}

// wrong returns an answered job that is not what was asked for; nil if there is none.
func (a *attempt) wrong() *schedules.Job {
	for _, j := range a.pass.Memory.answer {
		if j.Event != schedules.EventOf(a.record()) {
			return j
		}
	}
	return nil
}

// Settle records the jobs that a transition brings, stops counting harm that was provably not
// done, and counts the outcome.
func (a *attempt) Settle(action submission.Action) {
	record, m, verb := a.record(), a.pass.Memory, action.Verb
	switch verb {
	case submission.Finish:
		verb = submission.RecordJobID
		a.note(m.answer)
	case submission.Reject:
		if wrong := a.wrong(); wrong != nil {
			// The rejected record keeps the id of the wrong job, which marks it as distorted.
			verb, record.JobID = submission.RecordJobID, wrong.ID
			a.note(m.answer)
		} else {
			record.CountedAt = nil
		}
	case submission.ReturnToPlanned:
		record.CountedAt = nil
	case submission.Recover:
		if len(m.found) == 1 { // of several, only one is ours, and it is unknown which
			record.JobID = m.found[0].ID
			a.note(m.found)
		}
		a.pass.Event(corev1.EventTypeNormal, "SubmissionRecovered", fmt.Sprintf("No answer was seen to %s, and JumpCloud lists the job.", describe(record)))
	default:
	}
	if outcome := verb.Outcome(); outcome != "" {
		a.kind.Counters.Submission(a.pass.Session.OrganizationID, a.kind.Name(), outcome)
	}
}

// note records jobs as the object's own.
func (a *attempt) note(jobs []*schedules.Job) {
	for _, j := range jobs {
		schedules.AddJob(&a.pass.Object.Status, j)
		a.pass.Memory.accept(j)
	}
}
