package run

import (
	"context"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// follow goes on with the job that was announced and has not ended, as the
// submission protocol says. It tells whether the job is settled: then the run
// goes on, and what changed in the record is written with its next step.
func (r *run[T]) follow(ctx context.Context, record *v1alpha1.JobStatus) (outcome lifecycle.Outcome, settled bool) {
	if record.Operation == v1alpha1.JobSuspend && record.State == v1alpha1.JobIntended {
		// Another process was at it. A look at the directory tells who is left.
		announceAgain(record)
		r.m.decisions = nil
		return lifecycle.Outcome{}, true
	}
	for polled := false; ; {
		seen := r.track(record)
		action := submission.Next(*record, seen.Observation, r.limits(), time.Now())
		if action.Verb == submission.AskPerson && record.JobID != "" && !polled {
			// The results may have ended after all.
			polled = true
			if r.poll(ctx, record, seen) == nil {
				continue
			}
		}
		switch action.Verb {
		case submission.Wait:
			return r.waiting(record, time.Until(action.Until)), false
		case submission.AskPerson:
			return r.undecided(record), false
		case submission.Rest, submission.Intend:
			return lifecycle.Outcome{}, true
		case submission.Poll, submission.ReadDirectory, submission.RecordJobID:
			if wait := time.Until(action.Until); wait > 0 {
				return r.waiting(record, wait), false
			}
			if err := r.observeJob(ctx, record, seen, action); err != nil {
				return r.failed(err), false
			}
		default:
			return r.over(ctx, record, seen, action)
		}
	}
}

// observeJob makes the observation that the protocol asks for.
func (r *run[T]) observeJob(ctx context.Context, record *v1alpha1.JobStatus, seen *job, action submission.Action) error {
	switch action.Verb {
	case submission.Poll:
		return r.poll(ctx, record, seen)
	case submission.ReadDirectory:
		return r.lookForRows(ctx, record, seen)
	default:
		// The answer could not be written when it came.
		sent := *record
		submission.Apply(record, action, time.Now())
		return r.recordAnswer(ctx, record, sent)
	}
}

// over ends an attempt, or leaves it to a person.
func (r *run[T]) over(ctx context.Context, record *v1alpha1.JobStatus, seen *job, action submission.Action) (outcome lifecycle.Outcome, settled bool) {
	if action.Verb == submission.Abandon && seen.Directory == nil && !seen.Deleting {
		// Rows that are done are not abandoned, even if this process has not seen
		// them before.
		if err := r.lookForRows(ctx, record, seen); err != nil {
			return r.failed(err), false
		}
	}
	submission.Apply(record, action, time.Now())
	r.ended(record, seen, action.Verb)
	if waitsForPerson(record) {
		return r.undecided(record), false
	}
	return lifecycle.Outcome{}, true
}

// ended takes what the end of an attempt means for its rows.
func (r *run[T]) ended(record *v1alpha1.JobStatus, seen *job, verb submission.Verb) {
	r.count(verb)
	if r.m.ledger == nil {
		return
	}
	for _, entry := range r.m.entries(inJob(record.Index)) {
		entry.JobID = record.JobID
	}
	switch verb {
	case submission.Finish:
		r.m.endedAt = time.Now()
	case submission.Recover:
		r.pass.Event(corev1.EventTypeNormal, "SubmissionRecovered", "No answer was seen to "+describe(record)+", and the directory shows all of its rows.")
		r.endSeen(record, seen)
	case submission.PlanAgain:
		// What is sent again is planned again: an update may have been made by
		// somebody else meanwhile.
		r.m.decisions = nil
		r.endSeen(record, seen)
		// Nothing of this attempt is taken for the next one's.
		seen.results = results{}
		clear(seen.there)
	case submission.Abandon:
		r.endSeen(record, seen)
		r.refuseJob(record, "")
	case submission.Reject:
		r.refuseJob(record, "")
	default:
		// The rows stay as they are: they wait, or whoever called knows better.
	}
}

// refuseJob fails the rows of a job that was rejected or abandoned as a whole.
func (r *run[T]) refuseJob(record *v1alpha1.JobStatus, text string) {
	reason, message := v1alpha1.SubmissionRejectedReason, "JumpCloud refused the job"
	if record.State == v1alpha1.JobAbandoned {
		reason, message = v1alpha1.RowAbandonedReason, "the job was abandoned by a person; whether the row is done was not seen"
	}
	if text != "" {
		message += ": " + text
	}
	for _, entry := range r.m.entries(inJob(record.Index)) {
		settle(entry, ledger.OutcomeFailed, reason, message)
		entry.Retryable = record.State == v1alpha1.JobAbandoned
		if !entry.Retryable && attemptsOf(record) == 1 && entry.Attempts == 0 {
			r.free(entry)
		}
	}
}

// endSeen gives rows of a job that the directory showed their outcome.
func (r *run[T]) endSeen(record *v1alpha1.JobStatus, seen *job) {
	for _, entry := range r.m.entries(inJob(record.Index)) {
		if user, ok := seen.there[entry.Row]; ok && len(user.differs) == 0 {
			entry.UserID = user.id
			if entry.Deferred {
				// The rest of the row is for the next wave.
				r.leaveJob(entry)
				continue
			}
			succeed(entry)
		}
	}
}

// poll reads a job's results once.
func (r *run[T]) poll(ctx context.Context, record *v1alpha1.JobStatus, seen *job) error {
	err := seen.results.read(r.Kind.Results(ctx, r.pass.Session, r.object, record, seen.results.skip()), record.Rows)
	switch class := jumpcloud.ClassOf(err); {
	case err == nil:
		seen.SawResults(seen.results.progress(time.Now()))
	case class == jumpcloud.Unavailable, class == jumpcloud.Refused:
		seen.UnreadAt = time.Now()
	}
	return err
}

// lookForRows reads the directory about the rows of a job.
func (r *run[T]) lookForRows(ctx context.Context, record *v1alpha1.JobStatus, seen *job) error {
	var entries []*ledger.Entry
	if r.m.ledger != nil {
		entries = r.m.entries(inJob(record.Index))
	}
	f, err := r.observe(ctx, question{purpose: fmt.Sprintf("job %d/%d", record.Index, record.Attempt), sent: entries})
	if err != nil {
		return err
	}
	maps.Copy(seen.there, f.seen)
	absent := 0
	for _, entry := range entries {
		if _, ok := seen.there[entry.Row]; !ok {
			absent++
		}
	}
	if len(entries) == 0 {
		// Nobody knows the rows any more. Taken for absent, the job ends
		// without them, and the rows are planned anew.
		absent = int(record.Rows)
	}
	absent = min(absent, int(record.Rows))
	seen.SawDirectory(submission.Presence{
		Began: f.Began, Ended: f.Ended, Complete: true, Present: int(record.Rows) - absent, Absent: absent,
	}, r.limits())
	return nil
}

// track returns what was observed of the attempt that a record is at.
func (r *run[T]) track(record *v1alpha1.JobStatus) *job {
	seen := r.m.job(record.Index)
	seen.Deleting = !r.object.GetDeletionTimestamp().IsZero()
	seen.SlowestJob = submission.Slowest(r.status.Jobs)
	seen.Track(*record, r.decision(record), time.Now())
	return seen
}

// maxResolution is how much of the annotation is remembered, in bytes.
const maxResolution = 128

// decision is what a person said about the attempt that a record is at. Jobs
// of every run are numbered from 1: what the annotation said when the run began
// was about another one, until it changes.
func (r *run[T]) decision(record *v1alpha1.JobStatus) submission.Decision {
	annotation := r.object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation]
	if ledger.Text(annotation, maxResolution) == r.status.IgnoredResolution {
		return submission.Undecided
	}
	r.status.IgnoredResolution = ""
	return submission.DecisionOn(*record, annotation)
}

func (r *run[T]) limits() submission.Limits {
	return submission.Limits{SettleWindow: r.Timing.SettleWindow, StallTimeout: r.Timing.JobStallTimeout, JobTimeout: r.Timing.JobTimeout}
}

// waiting is the outcome while a job is polled, or its submission settles.
func (r *run[T]) waiting(record *v1alpha1.JobStatus, after time.Duration) lifecycle.Outcome {
	reason, text := v1alpha1.JobRunningReason, r.progressText(record)
	if record.State == v1alpha1.JobIntended {
		reason = v1alpha1.SubmissionSettlingReason
		text = "JumpCloud's answer to " + describe(record) + " was lost. It is not sent again before the user list shows what became of it."
	}
	if !r.object.GetDeletionTimestamp().IsZero() {
		reason, text = v1alpha1.DeletingReason, "The deletion waits for the open job, and nothing more is sent. "+text
	}
	return lifecycle.Progressing(reason, text, max(after, soon))
}

// undecided is the outcome while a person must decide about a job.
func (r *run[T]) undecided(record *v1alpha1.JobStatus) lifecycle.Outcome {
	reason, what := v1alpha1.SubmissionOutcomeUnknownReason, "JumpCloud's answer was lost, and the user list does not show its rows"
	if record.State == v1alpha1.JobTimedOut {
		reason, what = v1alpha1.JobTimedOutReason, fmt.Sprintf("its results did not end within %s", r.Timing.JobTimeout)
	}
	return lifecycle.Undecided(reason, fmt.Sprintf("%s: %s. Nothing more is sent until you decide. Look at the users in JumpCloud, "+
		"then set the annotation %s to %d/%d=Resubmit to send again the rows that are absent, or to %d/%d=Abandon to count them as failed.",
		capital(describe(record)), what, v1alpha1.ResolveSubmissionAnnotation, record.Index, record.Attempt, record.Index, record.Attempt))
}
