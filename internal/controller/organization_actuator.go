package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// organizationActuator verifies that an Organization's credentials work and
// belong to its organization, and puts the session into the pool that all
// other kinds work with. It only reads at JumpCloud: one ListOrganizations a pass.
type organizationActuator struct {
	reader                client.Reader // live: Secrets are not cached
	pool                  *session.Pool
	holder                holder
	allowEndpointOverride bool
	namespaced            bool
}

// Reconcile makes one check. Whatever says that the credentials may not be
// used takes the session away; that JumpCloud does not answer does not.
func (a *organizationActuator) Reconcile(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.Organization]) lifecycle.Outcome {
	outcome, usable := a.verify(ctx, pass.Object)
	if !usable {
		a.withdraw(pass.Object)
	}
	return outcome
}

// Forget takes away the session of an Organization that is gone.
func (a *organizationActuator) Forget(key types.NamespacedName, _ types.UID) { a.pool.Forget(key) }

// verify says what the check found, and whether a session that there is may
// be used on.
func (a *organizationActuator) verify(ctx context.Context, o *v1alpha1.Organization) (_ lifecycle.Outcome, usable bool) {
	if problem := a.validate(o); problem != "" {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, problem), false
	}
	credentials, connection, err := a.credentials(ctx, o)
	if missing, ok := errors.AsType[*missingCredentialsError](err); ok {
		setAuthenticated(o, metav1.ConditionFalse, v1alpha1.CredentialsNotFoundReason, missing.Error())
		return lifecycle.Stalled(v1alpha1.CredentialsNotFoundReason, missing.Error()), false
	}
	if err != nil {
		return lifecycle.Failed(err), true
	}
	if a.pool.TakeRejection(client.ObjectKeyFromObject(o), connection) {
		return rejected(o), false
	}
	remote, err := a.pool.Dial(o, connection, credentials)
	if err != nil {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, unusable(o, err)), false
	}
	visible, err := remote.ListOrganizations(ctx)
	if err != nil {
		return a.unverified(o, connection, err)
	}
	organization, reason, problem := choose(o, visible)
	setAuthenticated(o, metav1.ConditionTrue, v1alpha1.SucceededReason, "JumpCloud accepts the credentials.")
	if problem != "" {
		return lifecycle.Stalled(reason, problem), false
	}
	if err := a.pool.Put(o, connection, credentials, organization.ID); err != nil {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, unusable(o, err)), false
	}
	o.Status.OrganizationID = organization.ID
	o.Status.DisplayName = bounded(organization.DisplayName)
	return lifecycle.Done(v1alpha1.SucceededReason, fmt.Sprintf("Connected to organization %s.", organization.ID)), true
}

// unverified says what a check that failed means. Only an error of class Auth
// is a rejection; a 403 is definite too. After anything else, a session that
// this process verified with the same credentials stays.
func (a *organizationActuator) unverified(o *v1alpha1.Organization, connection session.Connection, err error) (_ lifecycle.Outcome, usable bool) {
	remote, ok := errors.AsType[*jumpcloud.Error](err)
	switch {
	case ok && remote.Class == jumpcloud.Auth:
		return rejected(o), false
	case ok && remote.Class == jumpcloud.Refused && remote.StatusCode == http.StatusForbidden:
		return lifecycle.Failed(err), false
	default:
		return lifecycle.Failed(err), a.pool.Connected(client.ObjectKeyFromObject(o), connection)
	}
}

// unusable says that no client can be made of what the spec names.
func unusable(o *v1alpha1.Organization, err error) string {
	return fmt.Sprintf("Secret %s or spec.endpoint cannot be used: %s.", credentialsSecret(o.Spec.Credentials), err)
}

func rejected(o *v1alpha1.Organization) lifecycle.Outcome {
	message := fmt.Sprintf("JumpCloud rejects the credentials in Secret %s: they are mistyped, expired, revoked, or of another region than %s. "+
		"Correct the Secret, or spec.region.", credentialsSecret(o.Spec.Credentials), o.Spec.Region)
	setAuthenticated(o, metav1.ConditionFalse, v1alpha1.AuthenticationFailedReason, message)
	return lifecycle.Stalled(v1alpha1.AuthenticationFailedReason, message)
}

// validate says what is wrong with the spec, beyond what the API server checks.
func (a *organizationActuator) validate(o *v1alpha1.Organization) string {
	_, tokenURL, known := endpoint(&o.Spec)
	switch {
	case !known:
		return fmt.Sprintf("Region %q is not known.", o.Spec.Region)
	case o.Spec.Endpoint != nil && !a.allowEndpointOverride:
		return "spec.endpoint is for tests and development, and this operator runs without --allow-endpoint-override. Remove spec.endpoint."
	case o.Spec.Credentials.ServiceAccountSecretRef != nil && tokenURL == "" && o.Spec.Endpoint != nil:
		return "A service account at a spec.endpoint needs spec.endpoint.tokenURL."
	case o.Spec.Credentials.ServiceAccountSecretRef != nil && tokenURL == "":
		return fmt.Sprintf("The token endpoint of region %s is not known: use an API key.", o.Spec.Region)
	}
	if o.Spec.AllowedNamespaces.From != v1alpha1.NamespacesFromSelector {
		return ""
	}
	if a.namespaced {
		return "spec.allowedNamespaces.from: Selector needs an operator that watches all namespaces, and this one runs with --watch-namespaces. Use Same or All."
	}
	if _, err := metav1.LabelSelectorAsSelector(o.Spec.AllowedNamespaces.Selector); err != nil {
		return "spec.allowedNamespaces.selector is not a valid label selector."
	}
	return ""
}

// choose returns the organization that the object is pinned to, by its spec,
// by its status, or because there is no other; or the problem with that.
func choose(o *v1alpha1.Organization, visible []jumpcloud.Organization) (_ *jumpcloud.Organization, reason, problem string) {
	pin, recorded := o.Spec.OrganizationID, o.Status.OrganizationID
	if pin != "" && recorded != "" && pin != recorded {
		return nil, v1alpha1.OrganizationMismatchReason, fmt.Sprintf(
			"This object belongs to JumpCloud's organization %s, and spec.organizationID now names %s. Make a new Organization for that one.", recorded, pin)
	}
	if pin == "" {
		pin = recorded
	}
	ids := make([]string, len(visible))
	for i := range visible {
		ids[i] = visible[i].ID
	}
	switch i := slices.Index(ids, pin); {
	case i >= 0:
		return &visible[i], "", ""
	case len(visible) == 0:
		return nil, v1alpha1.PermissionDeniedReason, "The credentials see no organization: give their administrator or service account access to one."
	case pin != "":
		return nil, v1alpha1.OrganizationMismatchReason, fmt.Sprintf(
			"The credentials in Secret %s belong to %s, not to organization %s. Correct the Secret, or make a new Organization.",
			credentialsSecret(o.Spec.Credentials), naming(ids), pin)
	case len(visible) > 1:
		return nil, v1alpha1.InvalidSpecReason, fmt.Sprintf("The credentials see %s: name one of them in spec.organizationID.", naming(ids))
	default:
		return &visible[0], "", ""
	}
}

// naming names organizations, as many as a message can hold.
func naming(ids []string) string {
	const most = 20
	if len(ids) == 1 {
		return "organization " + ids[0]
	}
	if len(ids) > most {
		return fmt.Sprintf("%d organizations, among them %s", len(ids), strings.Join(ids[:most], ", "))
	}
	return "the organizations " + strings.Join(ids, ", ")
}

func setAuthenticated(o *v1alpha1.Organization, status metav1.ConditionStatus, reason, message string) {
	apimeta.SetStatusCondition(&o.Status.Conditions, metav1.Condition{
		Type: v1alpha1.AuthenticatedCondition, Status: status, ObservedGeneration: o.Generation, Reason: reason, Message: message,
	})
}

// bounded cuts a name to what the API takes: characters, not bytes.
func bounded(name string) string {
	const most = 1024
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most])
	}
	return name
}
