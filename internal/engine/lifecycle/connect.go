package lifecycle

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// sessionDelay is how long an object waits, without a status write, for the session of an
// Organization that is ready. The pool wakes it much sooner.
const sessionDelay = 5 * time.Second

// connect finds the session of the member's Organization, or says why there is none. It
// considers nothing but the admission of the member's namespace, and then the grants, before
// they admit the member.
func (r *Reconciler[T]) connect(ctx context.Context, member Member) (*session.Session, Outcome) {
	key := organizationKey(member)
	var organization v1alpha1.Organization
	if !r.watches(key.Namespace) {
		return nil, Waiting(v1alpha1.OrganizationNotReadyReason,
			fmt.Sprintf("This operator does not watch the namespace of Organization %s: see its flag --watch-namespaces.", key))
	}
	if err := r.Client.Get(ctx, key, &organization); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, Waiting(v1alpha1.OrganizationNotReadyReason, fmt.Sprintf("Organization %s does not exist: create it.", key))
		}
		return nil, Failed(err)
	}
	admitted, err := r.admission().admits(ctx, &organization, member.GetNamespace())
	if err != nil {
		return nil, Failed(err)
	}
	if reason, message := Refusal(member, &organization, admitted); reason != "" {
		return nil, Stalled(reason, message)
	}
	if outcome, waits := r.organizationDeleting(member, &organization); waits {
		return nil, outcome
	}
	found, ok := r.Pool.Get(key)
	if !ok || found.UID != organization.UID || found.Generation != organization.Generation {
		return nil, withoutSession(&organization, r.Pool.Refused(key))
	}
	if recorded := member.Common().OrganizationID; recorded != "" && recorded != found.OrganizationID {
		return nil, Stalled(v1alpha1.OrganizationMismatchReason,
			fmt.Sprintf("Organization %s now connects to JumpCloud's organization %s, and this object belongs to %s. Make a new object for it.",
				key, found.OrganizationID, recorded))
	}
	return found, Outcome{}
}

// withoutSession says why an Organization has no session. One that is ready gets a session at
// any moment: this process has just started, or the spec has just changed. Then nothing is
// written, so that a restart leaves no trace. A paused Organization reports Ready even if its
// check was refused.
func withoutSession(organization *v1alpha1.Organization, refused bool) Outcome {
	paused := organization.Annotations[v1alpha1.PausedAnnotation] == "true"
	if isReady(organization.Common()) && (!paused || !refused) {
		return Aside(sessionDelay)
	}
	reason := find(organization.Common(), v1alpha1.ReadyCondition).Reason
	switch {
	case paused:
		reason = v1alpha1.PausedReason
	case reason == "":
		reason = "not checked yet"
	}
	return organizationNotReady(client.ObjectKeyFromObject(organization), reason)
}

func organizationNotReady(organization types.NamespacedName, reason string) Outcome {
	return Waiting(v1alpha1.OrganizationNotReadyReason,
		fmt.Sprintf("Organization %s is not ready (%s). See its conditions.", organization, reason))
}

// organizationKey returns the namespace and name of the member's Organization.
func organizationKey(member Member) types.NamespacedName {
	reference := member.OrganizationRef()
	if reference.Namespace == "" {
		reference.Namespace = member.GetNamespace()
	}
	return types.NamespacedName{Namespace: reference.Namespace, Name: reference.Name}
}
