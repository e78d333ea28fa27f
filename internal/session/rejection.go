package session

import (
	"context"
	"strconv"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// rejection is a rejection of credentials that was found while a connection was in use.
type rejection struct {
	connection Connection
	purpose    jumpcloud.Purpose
}

// ConfirmRejection asks JumpCloud once whether it still accepts the session's credentials,
// after an error for which jumpcloud.PossiblyAuth is true; it asks about the credentials that
// the failed call was made with. Concurrent calls share one request. If the credentials are
// rejected, the session leaves the pool, and the Organization's controller is notified;
// another session takes its place if the rejected credentials are only for mutating calls.
// With false, the suspicious answer meant that JumpCloud, or something in front of it, was
// unavailable; the error is that of the confirmation, if it failed.
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
	_, err, _ = s.confirming.Do(strconv.Itoa(int(purpose)), func() (any, error) { return nil, s.confirm(ctx, purpose) })
	return s.rejected[purpose].Load(), err
}

// confirm asks JumpCloud, unless the previous flight has found the rejection: it may have
// ended after this caller looked and before this flight began.
func (s *Session) confirm(ctx context.Context, purpose jumpcloud.Purpose) error {
	if s.rejected[purpose].Load() {
		return nil
	}
	_, err := s.Client.ListOrganizationsFor(ctx, purpose)
	if jumpcloud.ClassOf(err) == jumpcloud.Auth {
		s.pool.reject(s, purpose)
		s.rejected[purpose].Store(true)
	}
	return err
}

// TakeRejection reports, once for each rejection, that exactly this connection's credentials
// for a purpose were just found to be rejected, so that asking again is unnecessary.
func (p *Pool) TakeRejection(organization types.NamespacedName, connection Connection) (purpose jumpcloud.Purpose, rejected bool) {
	p.locked(func(r *registry) {
		latest := r.known(organization).rejection
		if latest == nil {
			return
		}
		r.record(organization).rejection = nil
		purpose, rejected = latest.purpose, latest.connection.same(connection)
	})
	return purpose, rejected
}

// reject removes a session whose credentials are rejected, and notifies the subscribers.
func (p *Pool) reject(s *Session, purpose jumpcloud.Purpose) {
	var changed bool
	p.locked(func(r *registry) { changed = r.reject(s, purpose) })
	p.notifyIf(changed, Event{Organization: s.Organization, Rejected: true})
}

// reject removes a session and reports whether it did. If the credentials for reads still
// work, another session takes its place, which only reads. A newer session of the same object
// stays if its credentials are different.
func (r *registry) reject(s *Session, purpose jumpcloud.Purpose) bool {
	current := r.known(s.Organization).session
	switch {
	case current == nil || !current.connection.same(s.connection):
		return false
	case purpose == jumpcloud.Writing && current.connection.Unwritable != "":
		return false
	}
	r.record(s.Organization).rejection = &rejection{s.connection, purpose}
	if purpose == jumpcloud.Writing {
		r.install(current.unwritable(v1alpha1.AuthenticationFailedReason))
	} else {
		r.remove(s.Organization)
	}
	return true
}
