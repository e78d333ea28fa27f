package scheduleduserstate

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// schedule returns the change that schedules a job.
func (k Kind) schedule(o schedules.Order) change {
	when, at := o.String(), o.At.Format(time.RFC3339)
	if o.MakesUp {
		when, at = fmt.Sprintf("%s in %s", o.State, schedules.RunDelay), "now"
	}
	fields := fielddiff.Fields{{Name: "users", New: strings.Join(o.Users, ",")}, {Name: "state", New: string(o.State)}, {Name: "at", New: at}}
	if o.Mail != "" {
		fields = append(fields, fielddiff.Field{Name: "activationMail", New: o.Mail})
	}
	return change{
		Action: v1alpha1.ChangeSchedule, Subject: fmt.Sprintf("%s for %s", when, text.Plural(len(o.Users), "user")), Fields: fields,
		Class: classes[o.State], Harm: o.Harmed, Urgent: o.MakesUp && o.State == v1alpha1.SchedulableSuspended,
		Do: func(ctx context.Context, pass *pass, s jumpcloud.Submission) error { return k.submit(ctx, pass, o, s) },
	}
}

// classes are how the states harm the users for whom they are scheduled.
var classes = map[v1alpha1.SchedulableState]v1alpha1.HarmClass{
	v1alpha1.SchedulableSuspended: v1alpha1.HarmAccessLost,
	v1alpha1.SchedulableActivated: v1alpha1.HarmAccessGained,
}

// cancel returns the change that deletes a job of ours. A job that is gone counts as deleted;
// JumpCloud does not tell whether it ran first.
func cancel(c schedules.Cancellation) change {
	id, e := c.ScheduledJobID, schedules.Event{State: c.State, At: c.At.UTC()}
	class := v1alpha1.HarmNone
	if c.Harmed > 0 {
		class = v1alpha1.HarmDefenceLowered
	}
	return change{
		Action: v1alpha1.ChangeCancel, Subject: fmt.Sprintf("%s for %s (job %s)", e, text.Plural(int(c.Users), "user"), id),
		UserID: id, Needs: continuous.NeedsApproved, Class: class, Harm: c.Harmed,
		Do: func(ctx context.Context, pass *pass, s jumpcloud.Submission) error {
			err := pass.Session.Client.CancelScheduledStates(ctx, s, id)
			if jumpcloud.IgnoreNotFound(err) != nil {
				return err
			}
			if e.Passed(time.Now()) {
				pass.Event(corev1.EventTypeWarning, "CancelledLate", fmt.Sprintf(
					"Job %s was cancelled when its time had come: its users may be %s.", id, c.State))
			}
			pass.Memory.forgetJob(&pass.Object.Status, id)
			return nil
		},
	}
}
