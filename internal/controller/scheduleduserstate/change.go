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
)

// schedule returns the change that schedules a job.
func (k Kind) schedule(o order) change {
	when, at := o.String(), o.at.Format(time.RFC3339)
	if o.makesUp {
		when, at = fmt.Sprintf("%s in %s", o.state, runDelay), "now"
	}
	fields := fielddiff.Fields{{Name: "users", New: strings.Join(o.users, ",")}, {Name: "state", New: string(o.state)}, {Name: "at", New: at}}
	if o.mail != "" {
		fields = append(fields, fielddiff.Field{Name: "activationMail", New: o.mail})
	}
	return change{
		Action: v1alpha1.ChangeSchedule, Subject: fmt.Sprintf("%s for %s", when, plural(len(o.users))), Fields: fields,
		Class: classes[o.state], Harm: o.harmed, Urgent: o.makesUp && o.state == v1alpha1.SchedulableSuspended,
		Do: func(ctx context.Context, pass *pass, s jumpcloud.Submission) error { return k.submit(ctx, pass, o, s) },
	}
}

// classes are how the states harm the users for whom they are scheduled.
var classes = map[v1alpha1.SchedulableState]v1alpha1.HarmClass{
	v1alpha1.SchedulableSuspended: v1alpha1.HarmAccessLost,
	v1alpha1.SchedulableActivated: v1alpha1.HarmAccessGained,
}

func plural(users int) string {
	if users == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", users)
}

// cancel returns the change that deletes a job of ours. A job that is gone counts as deleted;
// JumpCloud does not tell whether it ran first. harmed is how many users will not be suspended
// any more.
func (k Kind) cancel(record v1alpha1.ScheduledJobStatus, harmed int) change {
	e := event{record.State, record.At.UTC()}
	class := v1alpha1.HarmNone
	if harmed > 0 {
		class = v1alpha1.HarmDefenceLowered
	}
	return change{
		Action: v1alpha1.ChangeCancel, Subject: fmt.Sprintf("%s for %s (job %s)", e, plural(int(record.Users)), record.ScheduledJobID),
		UserID: record.ScheduledJobID, Needs: continuous.NeedsApproved, Class: class, Harm: harmed,
		Do: func(ctx context.Context, pass *pass, s jumpcloud.Submission) error {
			err := pass.Session.Client.CancelScheduledStates(ctx, s, record.ScheduledJobID)
			if jumpcloud.IgnoreNotFound(err) != nil {
				return err
			}
			if e.passed(time.Now()) {
				pass.Event(corev1.EventTypeWarning, "CancelledLate", fmt.Sprintf(
					"Job %s was cancelled when its time had come: its users may be %s.", record.ScheduledJobID, record.State))
			}
			pass.Memory.forgetJob(&pass.Object.Status, record.ScheduledJobID)
			return nil
		},
	}
}
