package workdayinstance

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Fields of an instance that may be declared. Of the credentials, a plan knows only the
// version of the Secret.
const (
	fieldReportURL   = "reportURL"
	fieldCredentials = "credentials"
)

// differences returns the changes that make the instance as declared. The report comes first,
// because the validity of credentials depends on it. If the report moves to another host, the
// instance's credentials are withdrawn before that, and the whole move needs an approval:
// credentials never follow a URL.
func differences(pass *pass, live *jumpcloud.WorkdayInstance) []change {
	wanted, present := pass.Object.Spec.ReportURL, &pass.Memory.secret
	if hostOf(live.ReportURL) != hostOf(wanted) {
		there := update(live, wanted)
		there.Gated = true
		return []change{withdraw(live), there, entrust(live, wanted, present)}
	}
	var changes []change
	if live.ReportURL != wanted {
		changes = append(changes, update(live, wanted))
	}
	switch {
	case !present.given(), refused(pass):
	case moved(pass.Object):
		changes = append(changes, entrust(live, wanted, present))
	case sent(pass.Object) != present.version():
		changes = append(changes, authorize(live, sent(pass.Object), present))
	}
	return changes
}

// named is hostOf for messages.
func named(reportURL string) string {
	if host := hostOf(reportURL); host != "" {
		return text.Clip(host, maxText)
	}
	return "an unknown host"
}

// sent returns the version of the credentials that were sent last; "" if none were.
func sent(object *v1alpha1.WorkdayInstance) string {
	auth := object.Status.Auth
	if auth == nil || auth.SecretUID == "" {
		return ""
	}
	return auth.SecretUID + "/" + auth.SecretResourceVersion
}

// create returns the change that creates the instance.
func create(object *v1alpha1.WorkdayInstance) change {
	wanted := object.Spec.ReportURL
	return change{
		Gated:  moved(object),
		Action: v1alpha1.ChangeCreate, Subject: jumpcloud.WorkdayInstanceName, Class: v1alpha1.HarmNone,
		Fields: fielddiff.Fields{{Name: fieldReportURL, New: wanted}},
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			memory, before := pass.Memory, pass.Object.Status.Auth.DeepCopy()
			noteHost(pass) // with the announcement: the credentials are on their way there
			err := continuous.Announced(ctx, pass, &memory.creation, jumpcloud.WorkdayInstanceName, func() error {
				made, err := pass.Session.Client.CreateWorkdayInstance(ctx, submission, jumpcloud.WorkdayInstanceInput{
					ReportURL: wanted, Credentials: memory.secret.credentials,
				})
				if err != nil {
					if jumpcloud.ClassOf(err) != jumpcloud.Unknown {
						pass.Object.Status.Auth = before
					}
					return err
				}
				take(&pass.Object.Status, made, false)
				noteSent(pass)
				note(pass, made)
				return nil
			})
			if jumpcloud.ClassOf(err) != jumpcloud.Refused {
				return err
			}
			// Another instance may exist already, and this would have been the second.
			if seen, failure := (instances{pass}).Named(ctx, "", time.Time{}); failure != nil || len(seen.Found) == 0 {
				return err
			}
			return lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason,
				"JumpCloud now has a Workday instance. Reading it.", directory.ReadingDelay))
		},
	}
}

// update returns the change that makes the instance read another report. PUT replaces the
// name, too, so the present one is sent.
func update(live *jumpcloud.WorkdayInstance, wanted string) change {
	return change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Name, UserID: live.ID, Class: v1alpha1.HarmNone,
		Fields: fielddiff.Fields{{Name: fieldReportURL, Old: live.ReportURL, New: wanted}},
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			current, err := pass.Session.Client.GetWorkdayInstance(ctx, live.ID)
			if err != nil {
				return err
			}
			if problem := unreadable(current); problem != "" {
				return continuous.Stalled(v1alpha1.RemoteConflictReason, problem)
			}
			answer, err := pass.Session.Client.UpdateWorkdayInstance(ctx, submission, live.ID,
				jumpcloud.WorkdayInstanceUpdate{Name: current.Name, ReportURL: wanted})
			if err == nil && answer.ReportURL != wanted && answer.ReportURL != "" {
				return continuous.Stalled(v1alpha1.RemoteConflictReason,
					"JumpCloud accepted spec.reportURL but kept another one. Set spec.reportURL to what JumpCloud keeps.")
			}
			return err
		},
	}
}

// withdraw returns the change that removes the credentials before a move. The status records
// that first: a process that takes over must not believe that the instance still has them.
func withdraw(live *jumpcloud.WorkdayInstance) change {
	c := deauthorize(live)
	take := c.Do
	c.Gated = true
	c.Subject += " (credentials for " + named(live.ReportURL) + ")"
	c.Do = func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		pass.Memory.refused = attempt{}
		forgetCredentials(&pass.Object.Status)
		if err := pass.CommitStatus(ctx, pass.Working); err != nil {
			return err
		}
		return take(ctx, pass, submission)
	}
	return c
}

// entrust returns the change that gives the instance credentials for another host than before.
// An approval covers it however far the move has got.
func entrust(live *jumpcloud.WorkdayInstance, wanted string, present *secret) change {
	c := authorize(live, "", present)
	c.Gated = true
	c.Subject += " (credentials for " + named(wanted) + ")"
	c.Fields = fielddiff.Fields{{Name: fieldCredentials, Old: hostOf(wanted), New: present.version()}}
	return c
}

// authorize returns the change that gives the instance the credentials. Giving them twice does
// no harm, so it is not announced.
func authorize(live *jumpcloud.WorkdayInstance, before string, present *secret) change {
	return change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Name, UserID: live.ID, Class: v1alpha1.HarmNone,
		Fields: fielddiff.Fields{{Name: fieldCredentials, Old: before, New: present.version()}},
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			memory := pass.Memory
			err := pass.Session.Client.AuthorizeWorkdayInstance(ctx, submission, live.ID, memory.secret.credentials)
			switch {
			case err == nil:
				noteSent(pass)
				return nil
			case isRefusal(err):
				// They are not sent again and again, because Workday locks accounts.
				memory.refused = attemptOf(pass)
				noteHost(pass) // the credentials were there
				return lifecycle.Stop(rejected(pass))
			default:
				return err
			}
		},
	}
}

// deauthorize returns the change that removes all credentials. Doing that twice does no harm.
func deauthorize(live *jumpcloud.WorkdayInstance) change {
	return change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Name, UserID: live.ID, Class: v1alpha1.HarmNone, Fields: fielddiff.Fields{{Name: fieldCredentials}},
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			err := jumpcloud.IgnoreNotFound(pass.Session.Client.DeauthorizeWorkdayInstance(ctx, submission, live.ID))
			if err == nil {
				forgetCredentials(&pass.Object.Status)
			}
			return err
		},
	}
}

// attempt identifies what credentials are sent for. Credentials that JumpCloud refused are
// sent again only for another attempt: a person has corrected something, or asks for it.
// Resyncs do not send them again.
type attempt struct {
	secret    string // its version
	reportURL string
	request   string
}

func attemptOf(pass *pass) attempt {
	return attempt{
		secret: pass.Memory.secret.version(), reportURL: pass.Object.Spec.ReportURL,
		request: pass.Object.Annotations[v1alpha1.ReconcileRequestedAtAnnotation],
	}
}

// refused reports whether JumpCloud refused the credentials in the present attempt.
func refused(pass *pass) bool {
	return pass.Memory.refused.secret != "" && pass.Memory.refused == attemptOf(pass)
}

// isRefusal reports whether JumpCloud refused the credentials themselves: neither our own
// rights nor a missing instance is the reason.
func isRefusal(err error) bool {
	return jumpcloud.ClassOf(err) == jumpcloud.Refused && !jumpcloud.IsNotFound(err) && jumpcloud.StatusOf(err) != http.StatusForbidden
}

// rejected sets the condition Authenticated and returns the outcome while the credentials do
// not work.
func rejected(pass *pass) lifecycle.Outcome {
	message := "The credentials that the instance has do not work: Workday or JumpCloud rejects them. What JumpCloud says is in status.auth.message. " +
		"Name a Secret with valid ones in spec.credentialsSecretRef, or correct spec.reportURL."
	if reference := pass.Object.Spec.CredentialsSecretRef; reference != nil {
		message = fmt.Sprintf("The credentials in Secret %s do not work: Workday or JumpCloud rejects them. What JumpCloud says is in status.auth.message. "+
			"Correct the Secret, or spec.reportURL.", reference.Name)
	}
	setAuthenticated(pass.Object, false, v1alpha1.AuthenticationFailedReason, message)
	return lifecycle.Stalled(v1alpha1.AuthenticationFailedReason, message)
}
