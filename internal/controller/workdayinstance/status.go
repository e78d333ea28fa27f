package workdayinstance

import (
	"context"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/workdayreport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

const (
	// countInterval is how often the workers of a report that is not known to have changed are
	// counted: Workday generates the report for each reading.
	countInterval = time.Hour
	// The validity of credentials that were just sent may show late (unknown): it is checked
	// every validationPause for the duration of validation.
	validation      = 2 * time.Minute
	validationPause = 15 * time.Second
	// maxText and maxName bound what the status holds of JumpCloud's texts.
	maxText, maxName = 256, 1024
)

// note records what was read.
func note(pass *pass, live *jumpcloud.WorkdayInstance) {
	status := &pass.Object.Status
	status.ID, status.Name, status.LastImport = live.ID, text.Clip(live.Name, maxName), text.Clip(live.LastImport, maxText)
	if status.Auth == nil {
		status.Auth = &v1alpha1.WorkdayAuthStatus{}
	}
	basic := &live.Auth.Basic
	status.Auth.Expiry = text.Clip(basic.Expiry, maxText)
	if !validityUnread(live) {
		status.Auth.Valid = basic.IsValid
	}
	// The message may quote the credentials, and a call that only reads does not know them.
	status.Auth.Message = jumpcloud.CleanMessage(basic.Message, string(pass.Memory.secret.credentials.Password))
	if !status.Auth.Valid {
		status.Workers = nil
	}
	if pass.Memory.secret.given() && sent(pass.Object) == pass.Memory.secret.version() && status.Auth.Host == "" && hostOf(live.ReportURL) == hostOf(pass.Object.Spec.ReportURL) {
		noteHost(pass) // earlier versions of the operator did not
	}
}

// noteHost records which host credentials were sent for.
func noteHost(pass *pass) {
	status := &pass.Object.Status
	if status.Auth == nil {
		status.Auth = &v1alpha1.WorkdayAuthStatus{}
	}
	status.Auth.Host = hostOf(pass.Object.Spec.ReportURL)
}

// noteSent records which credentials the instance has now.
func noteSent(pass *pass) {
	noteHost(pass)
	status := &pass.Object.Status
	status.Auth.SecretUID, status.Auth.SecretResourceVersion = pass.Memory.secret.uid, pass.Memory.secret.resourceVersion
	pass.Memory.refused = attempt{}
}

// outcome returns the outcome for an instance in which nothing is to be changed.
func (k *Kind) outcome(ctx context.Context, pass *pass, live *jumpcloud.WorkdayInstance) (lifecycle.Outcome, error) {
	status := &pass.Object.Status
	if outcome, ok := unproved(pass, live); ok {
		if pass.Now.Sub(pass.ChangedAt) < validation {
			outcome = outcome.Within(validationPause)
		}
		return outcome, nil
	}
	setAuthenticated(pass.Object, true, v1alpha1.SucceededReason, "Workday accepts the credentials.")
	if err := countWorkers(ctx, pass); err != nil {
		return lifecycle.Outcome{}, err
	}
	reason := v1alpha1.UpToDateReason
	if status.Adopted {
		reason = v1alpha1.AdoptedReason
	}
	return lifecycle.Done(reason, fmt.Sprintf("The Workday instance %q (%s) is as declared.", status.Name, status.ID)), nil
}

// unproved returns the outcome while it is not known that the credentials work; false: it is.
func unproved(pass *pass, live *jumpcloud.WorkdayInstance) (lifecycle.Outcome, bool) {
	switch {
	case validityUnread(live) && !refused(pass): // the condition Authenticated stays as it is
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason,
			"JumpCloud's record of the Workday instance says in a form that cannot be read (auth.basic.isValid) whether the credentials work. "+
				"Check them in JumpCloud, or ask JumpCloud's support to correct the instance."), true
	case refused(pass), !pass.Object.Status.Auth.Valid:
		return rejected(pass), true
	default:
		return lifecycle.Outcome{}, false
	}
}

// countWorkers counts the workers in the report by the total that comes with its first page,
// or page by page if there is none. It does so if report or credentials changed, on request,
// and otherwise once in countInterval.
func countWorkers(ctx context.Context, pass *pass) error {
	status, c := &pass.Object.Status, &pass.Memory.count
	of := fmt.Sprintf("%q %q %q", status.ID, pass.Object.Spec.ReportURL, sent(pass.Object))
	if c.of != of {
		*c = count{of: of}
	}
	if status.Workers != nil && !pass.Requested && !c.at.IsZero() && pass.Now.Sub(c.at) < countInterval {
		return nil
	}
	if c.reading == nil {
		total, err := workdayreport.Total(ctx, pass.Session.Client, status.ID)
		if err != nil {
			return err
		}
		if total >= 0 {
			counted(status, c, total, pass.Now)
			return nil
		}
		c.reading = workdayreport.NewCount(status.ID)
	}
	if err := c.reading.Advance(ctx, pass.Session.Client); err != nil {
		return err
	}
	counted(status, c, c.reading.Count(), pass.Now)
	return nil
}

func counted(status *v1alpha1.WorkdayInstanceStatus, c *count, total int, now time.Time) {
	c.at, c.reading = now, nil
	status.Workers = new(text.Int32(total))
}

func setAuthenticated(object *v1alpha1.WorkdayInstance, authenticated bool, reason, message string) {
	status := metav1.ConditionFalse
	if authenticated {
		status = metav1.ConditionTrue
	}
	apimeta.SetStatusCondition(&object.Status.Conditions, metav1.Condition{
		Type: v1alpha1.AuthenticatedCondition, Status: status, ObservedGeneration: object.Generation, Reason: reason, Message: message,
	})
}
