package oneshot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// attempt is one attempt of a job. It implements submission.Ports.
type attempt[T Object] struct {
	run    *run[T]
	record *v1alpha1.JobStatus
	// batch is what is sent, with the limiter's token in admission.
	batch     batch
	admission jumpcloud.Admission
	// err is the error of the submission, if it failed.
	err error
}

// driver returns the driver of a job of this run.
func (p following[T]) driver(a *attempt[T]) *submission.Driver {
	return &submission.Driver{
		Ports: a, Job: a.record, Seen: &p.m.job(a.record.Index).Observation,
		Limits:   p.Timing.Limits,
		Decision: func() submission.Decision { return p.decision(a.record) },
		Deleting: !p.object.GetDeletionTimestamp().IsZero(),
		Slowest:  max(submission.Slowest(p.status.Jobs), submission.Oldest(p.status.Jobs, time.Now())),
	}
}

// seen returns what was observed of the job.
func (a *attempt[T]) seen() *job { return a.run.m.job(a.record.Index) }

// entries returns the rows of the job; none if the ledger is not known.
func (a *attempt[T]) entries() []*ledger.Entry {
	if a.run.m.ledger == nil {
		return nil
	}
	return a.run.m.entries(inJob(a.record.Index))
}

// Announce writes the intent, with the ledger that it commits.
func (a *attempt[T]) Announce(ctx context.Context) error {
	r := a.run
	a.record.Rows, a.record.Digest = count32(len(a.batch.entries)), digestOf(a.batch.entries)
	// The job is made from this ledger. References of foretold writes do not apply to it.
	r.status.Results = r.m.ledger.References(r.owner())
	r.summarize()
	err := r.pass.Save(ctx, r.running(a.record))
	switch {
	case !r.opens:
	case err == nil:
		r.window.opened()
	default:
		r.m.drop() // another process may have opened the run, with another ledger
		if apierrors.IsConflict(err) && r.window.unopened(ctx) {
			r.window.unreserve(ctx)
		}
	}
	return err
}

// Send makes the single call of the attempt. The client bounds the wait for its answer.
func (a *attempt[T]) Send(ctx context.Context) submission.Answer {
	deadline := a.record.IntendedAt.Add(a.run.Timing.RequestTimeout)
	var jobID string
	jobID, a.err = submitting[T]{a.run}.submit(ctx, a.batch, jumpcloud.Submission{Admission: a.admission, Deadline: deadline})
	return submission.Answer{Kind: submission.AnswerKindOf(a.err), JobID: jobID}
}

// Record writes JumpCloud's answer.
func (a *attempt[T]) Record(ctx context.Context, ours func(stored *v1alpha1.JobStatus) bool) error {
	return a.run.pass.Record(ctx, a.run.running(a.record), func(stored T) bool {
		for i := range stored.Run().Jobs {
			if job := &stored.Run().Jobs[i]; job.Index == a.record.Index {
				return ours(job)
			}
		}
		return false
	})
}

// Poll reads the job's results once.
func (a *attempt[T]) Poll(ctx context.Context) (submission.Progress, error) {
	r, results := a.run, &a.seen().results
	err := results.Read(r.Kind.Results(ctx, r.pass.Session, r.object, a.record, results.Skip()), a.record.Rows)
	return results.Progress(time.Now()), err
}

// Look reads the directory to find the rows of the job.
func (a *attempt[T]) Look(ctx context.Context, _ time.Time) (submission.Presence, error) {
	entries, there := a.entries(), a.seen().there
	f, err := a.run.observe(ctx, question{purpose: fmt.Sprintf("job %d/%d", a.record.Index, a.record.Attempt), sent: entries, absence: true})
	if err != nil {
		return submission.Presence{}, err
	}
	maps.Copy(there, f.seen)
	absent := 0
	for _, entry := range entries {
		if _, ok := there[entry.Row]; !ok {
			absent++
		}
	}
	if len(entries) == 0 {
		// The rows of the job are unknown. Counting them as absent ends the job without them,
		// and the rows are planned again.
		absent = int(a.record.Rows)
	}
	absent = min(absent, int(a.record.Rows))
	return submission.Presence{
		Began: f.Began, Ended: f.Ended, Complete: true, Present: int(a.record.Rows) - absent, Absent: absent,
	}, nil
}

// Before asks for the results of a job once more before a person is asked about it: they may
// have ended after all. Before a job is abandoned, the directory is read, so that rows that
// are done are not abandoned even if this process has not seen them yet.
func (a *attempt[T]) Before(verb submission.Verb) submission.Action {
	seen := a.seen()
	switch {
	case verb == submission.AskPerson && a.record.JobID != "":
		return submission.Action{Verb: submission.Poll}
	case verb == submission.Abandon && seen.Directory == nil && !seen.Deleting:
		return submission.Action{Verb: submission.ReadDirectory}
	default:
		return submission.Action{}
	}
}

// Revise leaves every action as it is.
func (*attempt[T]) Revise(action submission.Action) submission.Action { return action }

// Settle applies a transition to the rows of the job.
func (a *attempt[T]) Settle(action submission.Action) {
	a.run.count(action.Verb)
	if action.Verb != submission.RecordJobID {
		for _, entry := range a.entries() {
			entry.JobID = a.record.JobID
		}
	}
	switch r := a.run; action.Verb {
	case submission.Finish:
		r.m.proofs.jobEnded()
	case submission.Recover:
		r.pass.Event(corev1.EventTypeNormal, "SubmissionRecovered", "No answer was seen to "+describe(a.record)+", and the directory shows all of its rows.")
		a.endSeen()
	case submission.PlanAgain:
		// Rows that are sent again are planned again: someone else may have made an update in
		// the meantime. The next attempt must not use any observation of this one.
		r.m.decided.drop()
		a.endSeen()
		a.seen().results = submission.Results{}
		clear(a.seen().there)
	case submission.Abandon:
		a.endSeen()
		a.refuse("")
	case submission.Reject:
		a.refuse(r.clean(messageOf(a.err)))
		if a.err != nil {
			r.pass.Event(corev1.EventTypeWarning, v1alpha1.SubmissionRejectedReason, "JumpCloud refused "+describe(a.record)+".")
		}
	default:
		// The rows stay as they are: they wait, or are to be sent.
	}
}

// refuse fails the rows of a job that was rejected or abandoned as a whole.
func (a *attempt[T]) refuse(text string) { refuseJob(a.run, a.record, a.entries(), text) }

// endSeen gives those rows of the job their outcome that the directory showed as done.
func (a *attempt[T]) endSeen() {
	for _, entry := range a.entries() {
		if user, ok := a.seen().there[entry.Row]; ok && len(user.differs) == 0 {
			entry.UserID = user.id
			if entry.Deferred {
				// The rest of the row is for the next round.
				a.run.leaveJob(entry)
				continue
			}
			succeed(entry)
		}
	}
}

// messageOf returns what JumpCloud's answer says is wrong; "" if it says nothing.
func messageOf(err error) string {
	if e, ok := errors.AsType[*jumpcloud.Error](err); ok {
		return e.Message()
	}
	return ""
}
