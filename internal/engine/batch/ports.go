package batch

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// driver drives the job.
func (j *job[R]) driver() *submission.Driver {
	return &submission.Driver{
		Ports: ports[R]{j}, Job: &j.record, Seen: &j.seen, Limits: j.batcher.Limits,
		Decision: func() submission.Decision { return submission.Undecided },
		Slowest:  j.batcher.Slowest(),
	}
}

// ports are what the driver needs of a job that has no record: its objects have announced what
// must be announced, and observe for themselves.
type ports[R any] struct{ *job[R] }

// Announce has nothing to do: the objects have announced their changes.
func (ports[R]) Announce(context.Context) error { return nil }

// Send makes the one call of the job.
func (p ports[R]) Send(ctx context.Context) submission.Answer {
	var jobID string
	jobID, p.err = p.batcher.Start(ctx, p.session.Client, jumpcloud.Submission{Admission: p.admission, Deadline: p.deadline}, p.rows)
	return submission.Answer{Kind: submission.AnswerKindOf(p.err), JobID: jobID}
}

// Record has nothing to write.
func (ports[R]) Record(context.Context, func(*v1alpha1.JobStatus) bool) error { return nil }

// Poll reads the job's results once.
func (p ports[R]) Poll(ctx context.Context) (submission.Progress, error) {
	err := p.results.Read(p.session.Client.BulkResultPages(ctx, p.record.JobID, p.results.Skip()), p.record.Rows)
	return p.results.Progress(time.Now()), err
}

// Look is never called: see Revise.
func (ports[R]) Look(context.Context, time.Time) (submission.Presence, error) {
	return submission.Presence{}, nil
}

// Before asks for no observation.
func (ports[R]) Before(submission.Verb) submission.Action { return submission.Action{} }

// Revise leaves to the objects what the results do not show.
func (p ports[R]) Revise(action submission.Action) submission.Action {
	switch action.Verb {
	case submission.ReadDirectory, submission.TimeOut:
		return submission.Action{Verb: submission.Rest}
	default:
		return action
	}
}

// Settle counts the outcome of an attempt.
func (p ports[R]) Settle(action submission.Action) {
	if outcome := action.Verb.Outcome(); outcome != "" && p.batcher.Count != nil {
		p.batcher.Count(p.session.OrganizationID, outcome)
	}
}
