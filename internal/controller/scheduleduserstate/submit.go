package scheduleduserstate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// submit announces an order and sends it once. It sends nothing unless the announcement was
// written.
func (k Kind) submit(ctx context.Context, pass *pass, o schedules.Order, s jumpcloud.Submission) error {
	status := &pass.Object.Status
	if o.TooLate(time.Now()) {
		return continuous.NotMade(lifecycle.Progressing(v1alpha1.ProgressingReason, "The time came before the change could be sent. It is checked again.", 0))
	}
	if err := pass.EnsureFinalizer(ctx); err != nil {
		return err
	}
	record := o.Submission(status.Submission, pass.Unasked, time.Now())
	status.Submission = record
	a := &attempt{kind: k, pass: pass, request: schedules.Request(record), submission: s}
	action, err := a.driver().Submit(ctx)
	switch {
	case err != nil:
		return err
	case action.Verb == submission.Wait:
		return settling(pass, action.Until)
	case schedules.Distorted(record):
		return lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason,
			"JumpCloud scheduled something other than requested. That is cancelled.", 0))
	default:
		return a.err
	}
}

// read records the jobs of an answer. An answer without a job that can be read is none.
func (m *Memory) read(rows []jumpcloud.ScheduledState) submission.Answer {
	jobs := schedules.JobsIn(rows)
	if len(jobs) == 0 {
		return submission.Answer{}
	}
	for _, id := range slices.Sorted(maps.Keys(jobs)) {
		m.answer = append(m.answer, jobs[id])
	}
	return submission.Answer{Kind: submission.Completed, JobID: m.answer[0].ID}
}
