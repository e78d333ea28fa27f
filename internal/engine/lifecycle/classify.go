package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// rereadDelay is the pause before a list that keeps changing is read again.
const rereadDelay = 10 * time.Second

// unreadableDelay is the pause before a record that cannot be read is read again.
const unreadableDelay = time.Minute

// terminatingDelay is how long an object in a namespace that is being deleted
// waits for its own deletion.
const terminatingDelay = 10 * time.Second

// classify turns an error into an outcome of its own. Other outcomes stay as they are.
func (r *Reconciler[T]) classify(ctx context.Context, pass *Pass[T], o Outcome) Outcome {
	if o.kind != kindError {
		return o
	}
	var remote *jumpcloud.Error
	var gathering *directory.GatheringError
	switch {
	case errors.As(o.err, &gathering):
		return Aside(gathering.After)
	case errors.As(o.err, &remote):
		return r.classifyRemote(ctx, pass, remote)
	case isOutdated(o.err):
		return schemaOutdated(outdated(o.err))
	case apierrors.IsConflict(o.err):
		return Aside(staleCacheDelay)
	case apierrors.HasStatusCause(o.err, corev1.NamespaceTerminatingCause):
		return Progressing(v1alpha1.DeletingReason, "The namespace is being deleted: nothing is created any more.", terminatingDelay)
	case errors.Is(o.err, directory.ErrReading):
		if atRest(pass) {
			return Aside(directory.ReadingDelay)
		}
		return Progressing(v1alpha1.ProgressingReason, "Reading what is live at JumpCloud.", directory.ReadingDelay)
	case errors.Is(o.err, directory.ErrIncomplete):
		return Retrying(v1alpha1.RemoteUnavailableReason,
			"A list at JumpCloud changed while it was read, so it is not complete. It is read again; nothing is sent meanwhile.", rereadDelay)
	case errors.Is(o.err, directory.ErrUnreadable):
		return Retrying(v1alpha1.RemoteUnavailableReason,
			"A user was not found, but is not treated as missing: it may be one whose username, email or id in JumpCloud cannot be read. "+
				"Correct that user in JumpCloud, or name users by another of these fields.", unreadableDelay)
	case errors.Is(o.err, context.DeadlineExceeded):
		log.FromContext(ctx).Info("A step of the pass took too long", "error", o.err.Error())
		return Retrying(v1alpha1.ProgressingWithRetryReason, "A step took too long. It goes on from where it was.", 0)
	case apierrors.ReasonForError(o.err) != "":
		return Retrying(v1alpha1.ProgressingWithRetryReason,
			fmt.Sprintf("The Kubernetes API server refused a request (%s). It is tried again; the operator's log tells more.", apierrors.ReasonForError(o.err)), 0)
	default:
		return Retrying(v1alpha1.ProgressingWithRetryReason, "A step failed. It is tried again; the operator's log tells more.", 0)
	}
}

func (r *Reconciler[T]) classifyRemote(ctx context.Context, pass *Pass[T], err *jumpcloud.Error) Outcome {
	if jumpcloud.PossiblyAuth(err) {
		return r.classifyAuth(ctx, pass, err)
	}
	switch err.Class {
	case jumpcloud.RateLimited:
		if atRest(pass) {
			return Aside(max(err.RetryAfter, firstRetry))
		}
		return Retrying(v1alpha1.RateLimitedReason,
			"JumpCloud's rate limit, or the Organization's own spec.limits, is reached. The work goes on by itself.", max(err.RetryAfter, firstRetry))
	case jumpcloud.Refused:
		if err.StatusCode == http.StatusForbidden {
			return Stalled(v1alpha1.PermissionDeniedReason, fmt.Sprintf("JumpCloud refused %s with status 403: the Organization's credentials may not do this, "+
				"or JumpCloud blocks the operator's address. Check the role of their administrator or service account.", call(err)))
		}
		return Retrying(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf("JumpCloud refused %s with status %d. It is tried again.", call(err), err.StatusCode), 0)
	default:
		log.FromContext(ctx).Info("JumpCloud did not answer usefully", "error", err.Error())
		return unavailable(err)
	}
}

// atRest reports whether the object is done, except perhaps for users who do not exist yet,
// and is only observed: an observation that takes longer is not worth a status write.
func atRest[T Object](pass *Pass[T]) bool {
	status, generation := pass.Object.Common(), pass.Object.GetGeneration()
	if !pass.Object.GetDeletionTimestamp().IsZero() {
		return false
	}
	if reconciling := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReconcilingCondition); reconciling != nil {
		return reconciling.Reason == v1alpha1.UsersNotFoundReason && reconciling.ObservedGeneration == generation
	}
	return status.ObservedGeneration == generation
}

// classifyAuth confirms what looks like rejected credentials, once for all passes that met it.
// If that is not confirmed, JumpCloud was unavailable or limited the rate.
func (r *Reconciler[T]) classifyAuth(ctx context.Context, pass *Pass[T], err *jumpcloud.Error) Outcome {
	if pass.Session == nil {
		return unavailable(err)
	}
	rejected, confirmation := pass.Session.ConfirmRejection(ctx, err)
	var remote *jumpcloud.Error
	switch {
	case rejected && r.replaced(pass.Session):
		return Aside(staleCacheDelay)
	case rejected && pass.Session.Unwritable() != "":
		return Waiting(v1alpha1.OrganizationNotReadyReason, fmt.Sprintf(
			"Organization %s cannot make changes (%s): its credentials for changes do not work; see its conditions. Nothing is sent until they work; reads continue.",
			pass.Session.Organization, pass.Session.Unwritable()))
	case rejected:
		return organizationNotReady(pass.Session.Organization, v1alpha1.AuthenticationFailedReason)
	case errors.As(confirmation, &remote) && remote.Class == jumpcloud.RateLimited:
		return r.classifyRemote(ctx, pass, remote)
	default:
		return unavailable(err)
	}
}

// replaced reports whether there is a newer session of the Organization: its credentials were
// rotated while the pass worked with the previous ones.
func (r *Reconciler[T]) replaced(s *session.Session) bool {
	current, ok := r.Pool.Get(s.Organization)
	return ok && current != s
}

func unavailable(err *jumpcloud.Error) Outcome {
	return Retrying(v1alpha1.RemoteUnavailableReason,
		fmt.Sprintf("JumpCloud does not answer %s usefully: %s. It is tried again.", call(err), trouble(err)), 0)
}

// call names a call to JumpCloud as JumpCloud's documentation does.
func call(err *jumpcloud.Error) string {
	if err.Endpoint == "" {
		return "calls" // it failed before there was one
	}
	return err.Method + " " + err.Endpoint
}

// trouble describes what went wrong with a call, in fixed words.
func trouble(err *jumpcloud.Error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case err.Err != nil:
		return err.Err.Error()
	default:
		return fmt.Sprintf("status %d", err.StatusCode)
	}
}

// unexpected returns the error of an outcome if it is neither JumpCloud's nor part of normal
// operation: it belongs in the log and the error metrics of the controller, whose queue then
// spaces the passes.
func unexpected(o Outcome) error {
	var remote *jumpcloud.Error
	if o.kind != kindError || errors.As(o.err, &remote) || apierrors.IsConflict(o.err) || isOutdated(o.err) ||
		apierrors.HasStatusCause(o.err, corev1.NamespaceTerminatingCause) ||
		errors.Is(o.err, directory.ErrReading) || errors.Is(o.err, directory.ErrIncomplete) || errors.Is(o.err, directory.ErrUnreadable) ||
		errors.Is(o.err, context.DeadlineExceeded) {
		return nil
	}
	return o.err
}
