// Package organization connects Organizations to JumpCloud and reports what their credentials
// allow.
package organization

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/credentials"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// actuator verifies that an Organization's credentials work and belong to its organization,
// and puts the session that all other kinds use into the pool. It only reads at JumpCloud: one
// ListOrganizations per pass with each of the credentials.
type actuator struct {
	reader                client.Reader // past the cache: Secrets are not cached
	pool                  *session.Pool
	holder                holder
	allowEndpointOverride bool
	namespaced            bool
}

// Reconcile makes one check. It removes the session if the credentials may not be used, but
// not if JumpCloud does not answer.
func (a *actuator) Reconcile(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.Organization]) lifecycle.Outcome {
	outcome, usable := a.verify(ctx, pass.Object)
	if !usable {
		a.withdraw(pass.Object)
	}
	if records, known := a.pool.UnreadableRecords(client.ObjectKeyFromObject(pass.Object)); known {
		pass.Object.Status.UnreadableRecords = int32(min(records, math.MaxInt32))
	}
	return outcome
}

// Forget removes the session of an Organization that is gone.
func (a *actuator) Forget(key types.NamespacedName, _ types.UID) { a.pool.Forget(key) }

// verify returns the result of the check, and whether an existing session may still be used.
func (a *actuator) verify(ctx context.Context, o *v1alpha1.Organization) (_ lifecycle.Outcome, usable bool) {
	if problem := a.validate(o); problem != "" {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, problem), false
	}
	c, err := a.access(ctx, o)
	if unusable, ok := errors.AsType[*credentials.UnusableError](err); ok {
		setAuthenticated(o, metav1.ConditionFalse, unusable.Reason, unusable.Error())
		return lifecycle.Stalled(unusable.Reason, unusable.Error()), false
	}
	if err != nil {
		return lifecycle.Failed(err), true
	}
	if purpose, known := a.pool.TakeRejection(client.ObjectKeyFromObject(o), c.connection); known {
		if purpose == jumpcloud.Reading {
			return rejected(o), false
		}
		c.withhold(v1alpha1.AuthenticationFailedReason, rejectedForChanges(o))
	}
	remote, err := a.pool.Dial(o, c.connection, c.credentials())
	if err != nil {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, unusable(o, err)), false
	}
	visible, err := remote.ListOrganizations(ctx)
	if err != nil && !sees(visible, pinOf(o)) {
		return a.unverified(o, c.connection, err)
	}
	writable, err := a.writable(ctx, o, c, remote)
	if err != nil {
		return lifecycle.Failed(err), a.pool.Connected(client.ObjectKeyFromObject(o), c.connection)
	}
	organization, reason, problem := choose(o, visible, writable)
	if problem != "" {
		setAuthenticated(o, metav1.ConditionTrue, v1alpha1.SucceededReason, accepted)
		return lifecycle.Stalled(reason, problem), false
	}
	return a.connect(o, c, organization)
}

// writable lists the organizations that the credentials for mutating calls see; nil if they
// are those for reads, or must not be used. Credentials that JumpCloud does not accept are
// withheld; the check fails only if it is not known whether JumpCloud accepts them.
func (a *actuator) writable(
	ctx context.Context, o *v1alpha1.Organization, c *access, remote *jumpcloud.Client,
) ([]jumpcloud.Organization, error) {
	if c.writing == nil {
		return nil, nil
	}
	visible, err := remote.ListOrganizationsFor(ctx, jumpcloud.Writing)
	switch {
	case sees(visible, pinOf(o)): // whatever else there is
	case jumpcloud.ClassOf(err) == jumpcloud.Auth && err != nil:
		c.withhold(v1alpha1.AuthenticationFailedReason, rejectedForChanges(o))
		return nil, nil //nolint:nilerr // reads go on
	case jumpcloud.IsForbidden(err):
		c.withhold(v1alpha1.PermissionDeniedReason, fmt.Sprintf(
			"JumpCloud refuses the credentials in Secret %s (spec.credentials) with status 403. Check the role of their administrator or service account.%s",
			credentialsSecret(o.Spec.Credentials), readsContinue))
		return nil, nil
	case err != nil:
		return nil, err
	}
	return append([]jumpcloud.Organization{}, visible...), nil // not nil, even if it sees none
}

// connect puts a session into the pool.
func (a *actuator) connect(o *v1alpha1.Organization, c *access, organization *jumpcloud.Organization) (_ lifecycle.Outcome, usable bool) {
	if err := a.pool.Put(o, c.connection, c.credentials(), organization.ID); err != nil {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, unusable(o, err)), false
	}
	o.Status.OrganizationID = organization.ID
	o.Status.DisplayName = bounded(organization.DisplayName)
	if c.unwritable != "" {
		return readOnly(o, c), true
	}
	setAuthenticated(o, metav1.ConditionTrue, v1alpha1.SucceededReason, accepted)
	text := fmt.Sprintf("Connected to organization %s.", organization.ID)
	if o.Spec.Credentials == nil {
		text += " It is only observed: spec.credentials are not set."
	}
	return lifecycle.Done(v1alpha1.SucceededReason, text), true
}

// readOnly returns the outcome for an Organization that may be read and not changed.
func readOnly(o *v1alpha1.Organization, c *access) lifecycle.Outcome {
	reason := c.connection.Unwritable
	if reason != v1alpha1.PermissionDeniedReason {
		setAuthenticated(o, metav1.ConditionFalse, reason, c.unwritable)
	}
	return lifecycle.Stalled(reason, c.unwritable)
}

// unverified returns what a failed check of the credentials for reads means. Only an error of
// class Auth is a rejection; a 403 is definite, too. After any other error, a session that
// this process verified with the same credentials stays.
func (a *actuator) unverified(o *v1alpha1.Organization, connection session.Connection, err error) (_ lifecycle.Outcome, usable bool) {
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

// Validate returns what is wrong with the spec beyond what the API server checks, whatever the
// flags of the operator; "" if nothing is.
func Validate(o *v1alpha1.Organization) string {
	return (&actuator{allowEndpointOverride: true}).validate(o)
}

// validate is Validate, but considers the operator's flags.
func (a *actuator) validate(o *v1alpha1.Organization) string {
	_, tokenURL, known := endpoint(&o.Spec)
	switch {
	case !known:
		return fmt.Sprintf("Region %q is not known.", o.Spec.Region)
	case o.Spec.Endpoint != nil && !a.allowEndpointOverride:
		return "spec.endpoint is for tests and development, and this operator runs without --allow-endpoint-override. Remove spec.endpoint."
	case readingCredentials(o) == nil:
		return "Neither spec.credentials nor spec.readCredentials is set."
	case hasServiceAccount(o) && tokenURL == "" && o.Spec.Endpoint != nil:
		return "A service account at a spec.endpoint needs spec.endpoint.tokenURL."
	case hasServiceAccount(o) && tokenURL == "":
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

// hasServiceAccount reports whether any credentials are a service account's.
func hasServiceAccount(o *v1alpha1.Organization) bool {
	return slices.ContainsFunc([]*v1alpha1.Credentials{o.Spec.Credentials, o.Spec.ReadCredentials}, func(c *v1alpha1.Credentials) bool {
		return c != nil && c.ServiceAccountSecretRef != nil
	})
}

func setAuthenticated(o *v1alpha1.Organization, status metav1.ConditionStatus, reason, message string) {
	apimeta.SetStatusCondition(&o.Status.Conditions, metav1.Condition{
		Type: v1alpha1.AuthenticatedCondition, Status: status, ObservedGeneration: o.Generation, Reason: reason, Message: message,
	})
}

// bounded cuts a name to what the API accepts: it counts characters, not bytes.
func bounded(name string) string {
	const most = 1024
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most])
	}
	return name
}
