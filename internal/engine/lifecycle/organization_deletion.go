package lifecycle

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// leaveAfter is how long an object in a namespace that is being deleted waits
// for credentials that are gone.
const leaveAfter = 10 * time.Minute

// organizationDeleting returns what a member of an Organization that is being deleted waits
// for, if anything. Members that are being deleted themselves use its session to the end; for
// the others, nothing is begun.
func (r *Reconciler[T]) organizationDeleting(member Member, organization *v1alpha1.Organization) (_ Outcome, waits bool) {
	if organization.DeletionTimestamp.IsZero() {
		return Outcome{}, false
	}
	key := client.ObjectKeyFromObject(organization)
	if member.GetDeletionTimestamp().IsZero() {
		return organizationNotReady(key, v1alpha1.DeletingReason), true
	}
	found, ok := r.Pool.Get(key)
	switch {
	case ok && found.UID == organization.UID && found.Generation == organization.Generation:
		return Outcome{}, false
	case organization.Annotations[v1alpha1.PausedAnnotation] != "true" && (ok && found.UID == organization.UID || !ok && !r.Pool.Refused(key)):
		return Aside(sessionDelay), true // its controller is about to decide about the session
	default:
		return organizationNotReady(key, find(organization.Common(), v1alpha1.ReadyCondition).Reason), true
	}
}

// lacksCredentials reports whether a pass over an object that is being deleted achieved
// nothing for lack of a session, or of a session that may change something.
func (r *Reconciler[T]) lacksCredentials(ctx context.Context, pass *Pass[T], outcome Outcome) bool {
	if pass.Session == nil {
		return pass.NoSession.kind != kindNone
	}
	return pass.Session.Unwritable() == v1alpha1.CredentialsNotFoundReason && r.classify(ctx, pass, outcome).kind == kindWaiting
}

// abandon ends a pass over an object that is being deleted, has something left to do at
// JumpCloud, and lacks the credentials for it. If nothing can bring the session back, because
// the namespace is being deleted and the credentials are gone, the object goes after
// leaveAfter, and an event says what is left behind.
func (r *Reconciler[T]) abandon(ctx context.Context, pass *Pass[T], outcome Outcome) Outcome {
	outcome = r.classify(ctx, pass, outcome)
	if outcome.kind == kindAside {
		return outcome
	}
	outcome.message += fmt.Sprintf(" To finish deleting this object and leave its counterpart in JumpCloud as it is, set its annotation %s to \"true\".", v1alpha1.AbandonAnnotation)
	if !r.credentialsGone(ctx, as[Member](pass.Object)) {
		return outcome
	}
	if rest := leaveAfter - pass.Now.Sub(pass.Object.GetDeletionTimestamp().Time); rest > 0 {
		return outcome.Within(rest)
	}
	err := r.mayCreate(ctx, pass.Object.GetNamespace())
	switch {
	case err == nil:
		return outcome
	case !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return Failed(err)
	}
	// The report comes first: once the object is gone, there is no trace of it.
	r.reportOrphans(ctx, pass)
	return r.release(ctx, pass)
}

// credentialsGone reports whether the member's Organization does not exist, or is known to
// have lost its credentials.
func (r *Reconciler[T]) credentialsGone(ctx context.Context, member Member) bool {
	key := organizationKey(member)
	if !r.watches(key.Namespace) {
		return false
	}
	var organization v1alpha1.Organization
	if err := r.Client.Get(ctx, key, &organization); err != nil {
		return apierrors.IsNotFound(err)
	}
	if s, connected := r.Pool.Get(key); connected {
		return s.Unwritable() == v1alpha1.CredentialsNotFoundReason
	}
	return r.Pool.Refused(key) && // by this process: the condition may be old
		find(organization.Common(), v1alpha1.ReadyCondition).Reason == v1alpha1.CredentialsNotFoundReason
}

// reportOrphans reports what an object left at JumpCloud. A namespace that is being deleted
// accepts no event, so the event is about the namespace itself, which is cluster-scoped.
func (r *Reconciler[T]) reportOrphans(ctx context.Context, pass *Pass[T]) {
	left := r.orphans(pass.Object)
	log.FromContext(ctx).Info("The namespace is being deleted and the Organization's credentials are gone: left at JumpCloud", "left", left)
	namespace := &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: pass.Object.GetNamespace()},
	}
	r.Events.Eventf(namespace, nil, corev1.EventTypeWarning, v1alpha1.CredentialsNotFoundReason, action, "%s",
		truncate(fmt.Sprintf("%s %s went without its Organization's credentials. Left at JumpCloud: %s.", kindOf(pass.Object), pass.Object.GetName(), left)))
}
