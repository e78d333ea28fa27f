// Package session connects objects to the organization they belong to: one
// client, limiter, pause and directory for each endpoint and organization, and
// one reading of what many of them need, shared by all controllers.
package session

import (
	"context"
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
	// Spec is the Organization's spec, with defaults.
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
	rejected   atomic.Bool
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

// ConfirmRejection asks JumpCloud once whether it still accepts the session's
// credentials, after an answer for which jumpcloud.PossiblyAuth is true. Calls
// at the same time share one request. If the credentials are rejected, the
// session leaves the pool, and the Organization's controller is told. With
// false, the suspicious answer meant that JumpCloud, or something before it,
// was unavailable; the error is that of the confirmation, if it failed.
func (s *Session) ConfirmRejection(ctx context.Context) (rejected bool, err error) {
	if s.rejected.Load() {
		return true, nil
	}
	_, err, _ = s.confirming.Do("", func() (any, error) {
		_, err := s.Client.ListOrganizations(ctx)
		if jumpcloud.ClassOf(err) == jumpcloud.Auth && !s.rejected.Swap(true) {
			s.pool.reject(s)
		}
		return nil, err
	})
	return s.rejected.Load(), err
}
