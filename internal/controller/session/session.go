// Package session connects objects to the organization they belong to: one
// client, limiter, pause and directory for each endpoint and organization, and
// one reading of what many of them need, shared by all controllers.
package session

import (
	"context"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Session is the working connection of one Organization object whose
// credentials were verified by this process. It is immutable: a changed
// Organization gets a new one.
type Session struct {
	// Organization is the object that the session was made for.
	Organization types.NamespacedName
	// UID and Generation are those of the object that the session was made for.
	UID        types.UID
	Generation int64
	// OrganizationID is JumpCloud's id of the organization.
	OrganizationID string
	// Spec is the Organization's spec, with defaults. Its mode is Plan where the
	// Organization has no credentials to change anything with.
	Spec v1alpha1.OrganizationSpec
	// Client calls JumpCloud with the Organization's credentials.
	Client *jumpcloud.Client
	// Directory reads the organization's users.
	Directory *Directory
	// UserGroups lists the organization's user groups.
	UserGroups *List[jumpcloud.UserGroupSummary]
	// ScheduledStates lists the state changes that are to come, one for each
	// user of a scheduled job.
	ScheduledStates *List[jumpcloud.ScheduledState]

	pool       *Pool
	connection Connection
	remote     *remote
	confirming singleflight.Group
	rejected   [2]atomic.Bool // by purpose
}

// current returns the present client of the session's Organization object, as
// long as it leads to the same organization: a reading outlives a rotation of
// credentials.
func (s *Session) current() *jumpcloud.Client {
	if current, ok := s.pool.Get(s.Organization); ok && current.remote.key == s.remote.key {
		return current.Client
	}
	return s.Client
}

// PlanOnly returns why nothing may be changed through this session, whatever
// the modes of its objects are, and what a person can do about it; "" where
// things may be changed.
func (s *Session) PlanOnly() (because, remedy string) {
	switch {
	case s.Client.ReadOnly():
		return "The Organization has readCredentials only and observes", "Set its spec.credentials"
	case s.Spec.Mode == v1alpha1.ModePlan:
		return "The Organization's spec.mode is Plan", "Set it to Apply"
	default:
		return "", ""
	}
}

// Unwritable is the reason why the credentials for mutating calls are not used
// although there are some; "" where they are, or where there are none. Then
// Client.MayWrite and every mutating call fail with jumpcloud.Auth.
func (s *Session) Unwritable() string { return s.connection.Unwritable }

// unwritable returns a session that reads as this one does.
func (s *Session) unwritable(reason string) *Session {
	without := &Session{
		Organization: s.Organization, UID: s.UID, Generation: s.Generation, OrganizationID: s.OrganizationID, Spec: s.Spec,
		Client: s.Client.WithoutWriting(), pool: s.pool, connection: s.connection, remote: s.remote,
	}
	without.connection.Unwritable = reason
	return without
}

// ConfirmRejection asks JumpCloud once whether it still accepts the session's
// credentials, after an error for which jumpcloud.PossiblyAuth is true: those
// that the failed call was made with. Calls at the same time share one request.
// If the credentials are rejected, the session leaves the pool, and the
// Organization's controller is told; another session takes its place where the
// rejected ones are only for mutating calls. With false, the suspicious answer
// meant that JumpCloud, or something before it, was unavailable; the error is
// that of the confirmation, if it failed.
func (s *Session) ConfirmRejection(ctx context.Context, suspicion error) (rejected bool, err error) {
	purpose := jumpcloud.PurposeOf(suspicion)
	if purpose == jumpcloud.Writing && s.connection.Unwritable != "" {
		return true, nil
	}
	if s.connection.Writing == s.connection.Reading {
		purpose = jumpcloud.Reading
	}
	if s.rejected[purpose].Load() {
		return true, nil
	}
	_, err, _ = s.confirming.Do(strconv.Itoa(int(purpose)), func() (any, error) {
		if s.rejected[purpose].Load() {
			return nil, nil // by the flight before, which ended between the look above and this one
		}
		_, err := s.Client.ListOrganizationsFor(ctx, purpose)
		if jumpcloud.ClassOf(err) == jumpcloud.Auth {
			s.pool.reject(s, purpose)
			s.rejected[purpose].Store(true)
		}
		return nil, err
	})
	return s.rejected[purpose].Load(), err
}
