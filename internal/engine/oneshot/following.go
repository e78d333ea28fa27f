package oneshot

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// following is the phase in which jobs were announced and have not ended.
type following[T Object] struct{ *run[T] }

// follow continues with the jobs that were announced and have not ended, and sends the next
// one beside them if allowed. goesOn is true if all jobs are settled or what is left must be
// planned again. The run then continues, and the next step writes the changed records.
func (p following[T]) follow(ctx context.Context) (outcome lifecycle.Outcome, goesOn bool) {
	if err := p.followAll(ctx); err != nil {
		return p.failed(err), false
	}
	if len(unsettled(p.status.Jobs)) == 0 {
		return lifecycle.Outcome{}, true
	}
	next := p.nextConcurrent()
	if next == 0 {
		return p.waiting(), false
	}
	a, err := submitting[T](p).prepare(ctx, next)
	switch {
	case err != nil:
		// If the reason persists, the run reports it once nothing else is under way.
		log.FromContext(ctx).V(1).Info("The next job is not sent beside those that are open", "reason", err.Error())
		return p.waiting(), false
	case a == nil:
		return lifecycle.Outcome{}, true
	}
	return submitting[T](p).start(ctx, a)
}

// followAll continues with each job that was announced and has not ended. A job that fails
// does not keep the others from being followed; the first failure is returned.
func (p following[T]) followAll(ctx context.Context) error {
	var failure error
	p.due = time.Time{}
	for _, record := range unsettled(p.status.Jobs) {
		if poll := p.m.job(record.Index).firstPoll(record); p.limit() > 1 && time.Now().Before(poll) {
			p.dueAt(poll) // the pass is about another job
			continue
		}
		if err := p.followOne(ctx, record); err != nil {
			failure = cmp.Or(failure, err)
			if p.m.reading != nil {
				break // another job's reading would replace it
			}
		}
	}
	return failure
}

// followOne continues with a job as the submission protocol says, as far as possible.
func (p following[T]) followOne(ctx context.Context, record *v1alpha1.JobStatus) error {
	if record.Operation == v1alpha1.JobSuspend && record.State == v1alpha1.JobIntended {
		// Another process was sending it. A look at the directory shows which users are left.
		announceAgain(record)
		p.m.decided.drop()
		return nil
	}
	action, err := p.driver(&attempt[T]{run: p.run, record: record}).Follow(ctx)
	if err == nil && (action.Verb == submission.Wait || action.Verb == submission.Poll) {
		p.dueAt(action.Until)
	}
	return err
}

// refuseJob fails the rows of a job that was rejected or abandoned as a whole.
func refuseJob[T Object](r *run[T], record *v1alpha1.JobStatus, entries []*ledger.Entry, text string) {
	reason, message := v1alpha1.SubmissionRejectedReason, "JumpCloud refused the job"
	if record.State == v1alpha1.JobAbandoned {
		reason, message = v1alpha1.RowAbandonedReason, "the job was abandoned, outcome unknown; check the user in JumpCloud"
	}
	if text != "" {
		message += ": " + text
	}
	// The text may be lost. It may then have named a member that can be left out.
	omits := record.State == v1alpha1.JobRejected && (text == "" || rows.NamesOmissible(text))
	for _, entry := range entries {
		if omits && omit(entry, message) {
			r.leaveJob(entry)
			continue
		}
		settle(entry, ledger.OutcomeFailed, reason, message)
		entry.Retryable = record.State == v1alpha1.JobAbandoned
		if !entry.Retryable && attemptsOf(record) == 1 && entry.Attempts == 0 {
			r.window.free(entry)
		}
	}
}

// maxResolution is how much of the annotation is stored, in bytes.
const maxResolution = 128

// decision returns what a person said about the record's current attempt. Every run numbers
// its jobs from 1, so the value that the annotation had when the run began was about another
// run's job and is ignored until it changes.
func (p following[T]) decision(record *v1alpha1.JobStatus) submission.Decision {
	annotation := p.object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation]
	if ledger.Text(annotation, maxResolution) == p.status.IgnoredResolution {
		return submission.Undecided
	}
	p.status.IgnoredResolution = ""
	return submission.DecisionOn(*record, annotation)
}

// waiting is the outcome while jobs are polled, submissions settle, or a person must decide.
func (p following[T]) waiting() lifecycle.Outcome {
	after := max(time.Until(p.due), soon)
	var lost, undecided []*v1alpha1.JobStatus
	open := unsettled(p.status.Jobs)
	for _, record := range open {
		switch {
		case submission.WaitsForPerson(record.State):
			undecided = append(undecided, record)
		case record.State == v1alpha1.JobIntended:
			lost = append(lost, record)
		}
	}
	switch {
	case len(undecided) == len(open):
		return p.undecided(undecided[0])
	case len(undecided) > 0:
		return p.undecided(undecided[0]).Within(after)
	}
	reason, text := v1alpha1.JobRunningReason, p.progressText(open...)
	if len(lost) > 0 {
		reason, text = v1alpha1.SubmissionSettlingReason, lostText(lost)
	}
	if !p.object.GetDeletionTimestamp().IsZero() {
		reason, text = v1alpha1.DeletingReason, "The deletion waits for the open "+plural(open, "job")+", and nothing more is sent. "+text
	}
	return lifecycle.Progressing(reason, text, after)
}

// undecided is the outcome while a person must decide about a job.
func (p following[T]) undecided(record *v1alpha1.JobStatus) lifecycle.Outcome {
	reason, what := v1alpha1.SubmissionOutcomeUnknownReason, "JumpCloud's answer was lost, and the user list does not show its rows"
	if record.State == v1alpha1.JobTimedOut {
		reason, what = v1alpha1.JobTimedOutReason, fmt.Sprintf("its results did not end within %s", p.Timing.JobTimeout)
	}
	return lifecycle.Undecided(reason, fmt.Sprintf("%s: %s. Nothing more is sent until you decide. Check the users in JumpCloud, "+
		"then set the annotation %s to %d/%d=Resubmit to send again the rows that are absent, or to %d/%d=Abandon to count them as failed.",
		capital(describe(record)), what, v1alpha1.ResolveSubmissionAnnotation, record.Index, record.Attempt, record.Index, record.Attempt))
}
