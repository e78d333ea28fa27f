package session

import (
	"slices"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Session is the working connection of one Organization object whose credentials this process
// has verified. It is immutable: a changed Organization gets a new one.
type Session struct {
	// Organization is the object that the session was made for.
	Organization types.NamespacedName
	// UID and Generation are those of the object that the session was made for.
	UID        types.UID
	Generation int64
	// OrganizationID is JumpCloud's id of the organization.
	OrganizationID string
	// Spec is the Organization's spec, with defaults. Its mode is Plan if the Organization has
	// no credentials for changes.
	Spec v1alpha1.OrganizationSpec
	// Client calls JumpCloud with the Organization's credentials.
	Client *jumpcloud.Client
	// Users reads the organization's users.
	Users *directory.Users
	// UserGroups lists the organization's user groups.
	UserGroups *directory.List[jumpcloud.UserGroupSummary]
	// ScheduledStates lists the scheduled state changes, one for each user of a scheduled job.
	ScheduledStates *directory.List[jumpcloud.ScheduledState]

	pool       *Pool
	connection Connection
	shared     *organization
	confirming singleflight.Group
	rejected   [2]atomic.Bool // by purpose
}

// currentClient returns the present client of the session's Organization object, as long as it
// connects to the same organization: a reading outlives a rotation of credentials.
func (s *Session) currentClient() *jumpcloud.Client {
	if current, ok := s.pool.Get(s.Organization); ok && current.shared.key == s.shared.key {
		return current.Client
	}
	return s.Client
}

// PlanOnly returns why nothing may be changed through this session, whatever the modes of its
// objects are, and what a person can do about it; "" if changes are allowed.
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

// Unwritable returns the reason why the credentials for mutating calls are not used although
// there are some; "" if they are used, or if there are none. With a reason, Client.MayWrite
// and every mutating call fail with jumpcloud.Auth.
func (s *Session) Unwritable() string { return s.connection.Unwritable }

// unwritable returns a session that reads like this one and, for the given reason, cannot make
// mutating calls.
func (s *Session) unwritable(reason string) *Session {
	without := &Session{
		Organization: s.Organization, UID: s.UID, Generation: s.Generation, OrganizationID: s.OrganizationID, Spec: s.Spec,
		Client: s.Client.WithoutWriting(), pool: s.pool, connection: s.connection, shared: s.shared,
	}
	without.connection.Unwritable = reason
	return without
}

// describes reports whether the session is what a new one would be.
func (s *Session) describes(object *v1alpha1.Organization, connection Connection, organizationID string) bool {
	return s.UID == object.UID && s.Generation == object.Generation && s.connection == connection &&
		s.OrganizationID == organizationID
}

// Protected reports whether no kind may change, suspend or remove the user: an administrator,
// or one of the Organization's protectedUsers. A user who may be one of them, because the
// value that names them cannot be read, counts as one.
func (s *Session) Protected(u directory.User) bool {
	return u.Admin || slices.ContainsFunc(s.Spec.ProtectedUsers, func(ref v1alpha1.UserReference) bool {
		return ref.Names(u.ID, u.Username, u.Email) || u.Unread&directory.KindOf(ref) != 0
	})
}
