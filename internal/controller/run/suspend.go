package run

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxSuspensions of one pass, so that other objects are not kept waiting.
const maxSuspensions = 50

// suspend sends one call for each row of a Suspend job. The calls state what
// is to be, so that repeating one after a crash changes nothing: the job needs
// no settling, only another look at who is suspended already.
func (r *run[T]) suspend(ctx context.Context, record *v1alpha1.JobStatus, b batch) lifecycle.Outcome {
	seen := r.m.job(record.Index)
	calls := 0
	for i, d := range b.decisions {
		entry := b.entries[i]
		if seen.asked[entry.Row] {
			continue
		}
		if r.pass.Paused {
			return paused()
		}
		if calls == maxSuspensions {
			return lifecycle.Progressing(v1alpha1.JobRunningReason, fmt.Sprintf("Suspending %d users.", len(b.entries)), soon)
		}
		calls++
		admission, err := r.pass.Session.Client.Admit(ctx)
		if err != nil {
			return r.failed(err)
		}
		update := jumpcloud.UserUpdate{UserAttributes: d.Payload.UserAttributes}
		update.State = new(jumpcloud.StateSuspended)
		_, err = r.pass.Session.Client.UpdateUser(ctx, jumpcloud.Submission{Admission: admission, Deadline: time.Now().Add(r.Timing.RequestTimeout)}, d.UserID, update)
		switch {
		case err == nil:
		case jumpcloud.IsNotFound(err):
			settle(entry, ledger.OutcomeFailed, v1alpha1.RemoteNotFoundReason, "the user was deleted after the plan was made")
		case verdict(err) == submission.Refused:
			refuse(entry, r.clean(messageOf(err)), false)
		default:
			return r.failed(err)
		}
		seen.asked[entry.Row] = true
	}
	record.State, record.FinishedAt = v1alpha1.JobFinished, new(metav1.NowMicro())
	return r.next(ctx)
}
