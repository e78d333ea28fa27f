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
)

// attempt is one attempt of the open submission, as submission.Ports.
type attempt struct {
	kind Kind
	pass *pass
	// order that is sent, with the token that was taken for it.
	order      *order
	submission jumpcloud.Submission
	// last is set once the submission is about to be given up.
	last bool
	// err is what the submission came to.
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

// Announce writes the intent. The spec must be the present one still.
func (a *attempt) Announce(ctx context.Context) error {
	err := a.pass.CommitStatus(ctx, a.pass.Working)
	if err != nil {
		a.record().CountedAt = nil
	}
	return err
}

// Send schedules the order.
func (a *attempt) Send(ctx context.Context) submission.Answer {
	record, m := a.record(), a.pass.Memory
	rows, err := a.pass.Session.Client.ScheduleStates(ctx, a.submission, jumpcloud.StateSchedule{
		UserIDs: a.order.users, State: wireStates[a.order.state], StartDate: record.At.Time,
		SendActivationEmails: record.Mail != "", ActivationEmailOverride: overrideOf(record.Mail),
	})
	a.err, m.answer = err, nil
	if err != nil {
		return submission.Answer{Kind: submission.AnswerKindOf(err)}
	}
	return m.read(rows)
}

// Record writes what was answered.
func (a *attempt) Record(ctx context.Context, ours func(stored *v1alpha1.JobStatus) bool) error {
	return a.pass.Record(ctx, a.pass.Working, func(stored *v1alpha1.ScheduledUserState) bool {
		return stored.Status.Submission != nil && ours(&stored.Status.Submission.JobStatus)
	})
}

// Look looks for the job that the submission has made. Where a row that cannot
// be read may be it, the pass ends, and the next one reads a newer listing; only
// before the submission is given up is that no obstacle.
func (a *attempt) Look(ctx context.Context, newerThan time.Time) (submission.Presence, error) {
	m := a.pass.Memory
	if !m.hidden.IsZero() {
		newerThan = continuous.Latest(newerThan, m.hidden.Add(1))
	}
	read, err := a.kind.lookFor(ctx, a.pass, newerThan)
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

// Poll fails: what is scheduled was answered at once, and has no results.
func (*attempt) Poll(context.Context) (submission.Progress, error) {
	return submission.Progress{}, errors.New("a schedule has no results")
}

// Before asks for one more look: the job may be there after all.
func (a *attempt) Before(submission.Verb) submission.Action {
	a.last = true
	return submission.Action{Verb: submission.ReadDirectory, NewerThan: continuous.Latest(a.pass.NewerThan, a.pass.Memory.seen.FirstSeen)}
}

// Revise plans again what needs no decision of a person, because its time has come
// and nothing can be sent twice any more, and rejects an answer that is not what
// was asked for.
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

// wrong is a job that was answered and is not what was asked for; nil if none is.
func (a *attempt) wrong() *job {
	record := a.record()
	for _, j := range a.pass.Memory.answer {
		if j.event != (event{record.ScheduledState, record.At.UTC()}) {
			return j
		}
	}
	return nil
}

// Settle takes note of the jobs that a transition brings, and of what was counted
// as harm and provably was not done.
func (a *attempt) Settle(action submission.Action) {
	record, m := a.record(), a.pass.Memory
	switch action.Verb {
	case submission.Finish:
		a.kind.count(a.pass, submission.RecordJobID)
		a.note(m.answer)
	case submission.Reject:
		wrong := a.wrong()
		if wrong == nil {
			a.kind.count(a.pass, action.Verb)
			record.CountedAt = nil
			return
		}
		// The record names the job that it was made into, and that it is no use.
		a.kind.count(a.pass, submission.RecordJobID)
		record.JobID = wrong.id
		a.note(m.answer)
	case submission.ReturnToPlanned:
		a.kind.count(a.pass, action.Verb)
		record.CountedAt = nil
	case submission.Recover:
		a.kind.count(a.pass, action.Verb)
		if len(m.found) == 1 { // of several, all but one are not ours, and which one is not known
			record.JobID = m.found[0].id
			a.note(m.found)
		}
		a.pass.Event(corev1.EventTypeNormal, "SubmissionRecovered", fmt.Sprintf("No answer was seen to %s, and JumpCloud lists the job.", describe(record)))
	default:
		a.kind.count(a.pass, action.Verb)
	}
}

// note lists jobs as ours.
func (a *attempt) note(jobs []*job) {
	for _, j := range jobs {
		note(&a.pass.Object.Status, a.record(), j)
		a.pass.Memory.accept(j, time.Now())
	}
}
