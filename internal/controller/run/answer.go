package run

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// answered takes down what came of a submission, in its own write.
func (r *run[T]) answered(ctx context.Context, record *v1alpha1.JobStatus, seen *job, err error) lifecycle.Outcome {
	action, sent := submission.Next(*record, seen.Observation, r.limits(), time.Now()), *record
	changed := submission.Apply(record, action, time.Now())
	r.count(action.Verb)
	switch {
	case action.Verb == submission.Reject:
		r.refuseJob(record, r.clean(messageOf(err)))
		r.pass.Event(corev1.EventTypeWarning, v1alpha1.SubmissionRejectedReason, "JumpCloud refused "+describe(record)+".")
	case jumpcloud.IsForbidden(err):
		r.deny(err)
	}
	if changed {
		if err := r.recordAnswer(ctx, record, sent); err != nil {
			return r.failed(err)
		}
	}
	switch action.Verb {
	case submission.RecordJobID:
		return r.running(record)
	case submission.Reject:
		return r.next(ctx)
	case submission.ReturnToPlanned:
		return r.failed(err)
	default:
		return r.waiting(record, time.Until(action.Until))
	}
}

// recordAnswer writes what JumpCloud answered. Somebody may have written the
// object since the intent, a person who edits its spec for instance: the
// answer must not be lost by that, so it is written as long as the stored
// record is still the attempt that was sent.
func (r *run[T]) recordAnswer(ctx context.Context, record *v1alpha1.JobStatus, sent v1alpha1.JobStatus) error {
	return r.pass.Record(ctx, r.running(record), func(stored T) bool {
		for _, other := range stored.Run().Jobs {
			if other.Index == sent.Index {
				return other.Attempt == sent.Attempt && other.State == v1alpha1.JobIntended && other.IntendedAt.Equal(sent.IntendedAt)
			}
		}
		return false
	})
}

// messageOf is what JumpCloud's answer says is wrong; "" if it says nothing.
func messageOf(err error) string {
	if e, ok := errors.AsType[*jumpcloud.Error](err); ok {
		return e.Message()
	}
	return ""
}
