package session

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Retire is Remove for an Organization object whose Secret is gone: deleting a whole namespace
// may delete the Secret before the Organization. The session is set aside, where Get does not
// find it, until Keep takes it back, a check has any other result, or the object is forgotten.
func (p *Pool) Retire(organization types.NamespacedName) {
	var removed *Session
	p.locked(func(r *registry) {
		if removed = r.remove(organization); removed != nil {
			r.setAside(removed)
			r.join(r.record(organization).retired) // others may still share its limiter and directory
		}
		record := r.record(organization)
		record.rejection, record.refused = nil, true
	})
	p.notifyIf(removed != nil, Event{Organization: organization})
}

// Keep updates the session that an Organization object has, or had when one of its Secrets was
// deleted, to the object as it is now, and reports whether there is one that has all of its
// credentials. It is for an Organization that is being deleted: its objects may have something
// left to do at JumpCloud.
func (p *Pool) Keep(object *v1alpha1.Organization) (kept bool) {
	var restored, renewed bool
	p.locked(func(r *registry) {
		restored = r.restore(keyOf(object))
		last := r.known(keyOf(object)).session
		if last == nil || last.UID != object.UID || last.Unwritable() != "" {
			return
		}
		// With the connection and the organization of the last session, put needs no
		// credentials.
		var err error
		renewed, err = r.put(p, object, last.connection, nil, last.OrganizationID)
		kept = err == nil
	})
	p.notifyIf(restored || renewed, Event{Organization: keyOf(object)})
	return kept
}

// setAside stores a session for restore, unless a session that can do more is stored.
func (r *registry) setAside(s *Session) {
	if record := r.record(s.Organization); record.retired == nil || s.Unwritable() == "" {
		record.retired = s
	}
}

// restore takes back a session that was set aside, and reports whether there was one.
func (r *registry) restore(organization types.NamespacedName) bool {
	retired := r.known(organization).retired
	if retired == nil {
		return false
	}
	r.use(retired)
	r.record(organization).retired = nil
	return true
}

// losing reports whether a session that is about to be replaced must be set aside, because the
// Secret for changes is gone: see Pool.Retire.
func (r *registry) losing(object *v1alpha1.Organization, connection Connection) (last *Session, losing bool) {
	last = r.known(keyOf(object)).session
	return last, last != nil && connection.Unwritable == v1alpha1.CredentialsNotFoundReason &&
		last.Unwritable() == "" && controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer)
}
