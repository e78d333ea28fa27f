package oneshot

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// following is the phase in which a job was announced and has not ended.
type following[T Object] struct{ *run[T] }

// follow goes on with the job that was announced and has not ended, as the
// submission protocol says. It reports whether the job is settled: then the run
// goes on, and what changed in the record is written with its next step.
func (p following[T]) follow(ctx context.Context, record *v1alpha1.JobStatus) (outcome lifecycle.Outcome, settled bool) {
	if record.Operation == v1alpha1.JobSuspend && record.State == v1alpha1.JobIntended {
		// Another process was at it. A look at the directory tells who is left.
		announceAgain(record)
		p.m.decided.drop()
		return lifecycle.Outcome{}, true
	}
	action, err := p.driver(&attempt[T]{run: p.run, record: record}).Follow(ctx)
	switch {
	case err != nil:
		return p.failed(err), false
	case action.Verb == submission.Wait, action.Verb == submission.Poll:
		return p.waiting(record, time.Until(action.Until)), false
	case action.Verb == submission.AskPerson:
		return p.undecided(record), false
	default:
		return lifecycle.Outcome{}, true
	}
}

// refuseJob fails the rows of a job that was rejected or abandoned as a whole.
func refuseJob[T Object](r *run[T], record *v1alpha1.JobStatus, entries []*ledger.Entry, text string) {
	reason, message := v1alpha1.SubmissionRejectedReason, "JumpCloud refused the job"
	if record.State == v1alpha1.JobAbandoned {
		reason, message = v1alpha1.RowAbandonedReason, "the job was abandoned by a person; whether the row is done was not seen"
	}
	if text != "" {
		message += ": " + text
	}
	for _, entry := range entries {
		settle(entry, ledger.OutcomeFailed, reason, message)
		entry.Retryable = record.State == v1alpha1.JobAbandoned
		if !entry.Retryable && attemptsOf(record) == 1 && entry.Attempts == 0 {
			r.window.free(entry)
		}
	}
}

// maxResolution is how much of the annotation is remembered, in bytes.
const maxResolution = 128

// decision is what a person said about the attempt that a record is at. Jobs
// of every run are numbered from 1: what the annotation said when the run began
// was about another one, until it changes.
func (p following[T]) decision(record *v1alpha1.JobStatus) submission.Decision {
	annotation := p.object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation]
	if ledger.Text(annotation, maxResolution) == p.status.IgnoredResolution {
		return submission.Undecided
	}
	p.status.IgnoredResolution = ""
	return submission.DecisionOn(*record, annotation)
}

// waiting is the outcome while a job is polled, or its submission settles.
func (p following[T]) waiting(record *v1alpha1.JobStatus, after time.Duration) lifecycle.Outcome {
	reason, text := v1alpha1.JobRunningReason, p.progressText(record)
	if record.State == v1alpha1.JobIntended {
		reason = v1alpha1.SubmissionSettlingReason
		text = "JumpCloud's answer to " + describe(record) + " was lost. It is not sent again before the user list shows what became of it."
	}
	if !p.object.GetDeletionTimestamp().IsZero() {
		reason, text = v1alpha1.DeletingReason, "The deletion waits for the open job, and nothing more is sent. "+text
	}
	return lifecycle.Progressing(reason, text, max(after, soon))
}

// undecided is the outcome while a person must decide about a job.
func (p following[T]) undecided(record *v1alpha1.JobStatus) lifecycle.Outcome {
	reason, what := v1alpha1.SubmissionOutcomeUnknownReason, "JumpCloud's answer was lost, and the user list does not show its rows"
	if record.State == v1alpha1.JobTimedOut {
		reason, what = v1alpha1.JobTimedOutReason, fmt.Sprintf("its results did not end within %s", p.Timing.JobTimeout)
	}
	return lifecycle.Undecided(reason, fmt.Sprintf("%s: %s. Nothing more is sent until you decide. Look at the users in JumpCloud, "+
		"then set the annotation %s to %d/%d=Resubmit to send again the rows that are absent, or to %d/%d=Abandon to count them as failed.",
		capital(describe(record)), what, v1alpha1.ResolveSubmissionAnnotation, record.Index, record.Attempt, record.Index, record.Attempt))
}
