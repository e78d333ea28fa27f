package session

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Retire is Remove for an Organization object whose Secret is gone: what
// deletes a whole namespace may delete the Secret before the Organization. The
// session is kept aside, where Get does not find it, until Keep takes it back,
// a check comes to any other end, or the object is forgotten.
func (p *Pool) Retire(organization types.NamespacedName) {
	p.mu.Lock()
	s, ok := p.sessions[organization]
	if ok {
		p.remove(s)
		p.setAside(s)
		p.join(p.retired[organization]) // it still shares what others may work with
	}
	delete(p.rejections, organization)
	p.refused[organization] = struct{}{}
	p.mu.Unlock()
	if ok {
		p.notify(Event{Organization: organization})
	}
}

// Keep makes the session that an Organization object has, or had when a Secret
// of it went, fit the object as it is now, and reports whether there is one
// that has all of its credentials. It is for an Organization that is being
// deleted: objects of it may have something left to do at JumpCloud.
func (p *Pool) Keep(object *v1alpha1.Organization) bool {
	kept, changed := p.keep(object)
	if changed {
		p.notify(Event{Organization: keyOf(object)})
	}
	return kept
}

func (p *Pool) keep(object *v1alpha1.Organization) (kept, changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	restored := p.restore(keyOf(object))
	last, ok := p.sessions[keyOf(object)]
	if !ok || last.UID != object.UID || last.Unwritable() != "" {
		return false, restored
	}
	// With the connection and the organization of the last one, put needs no credentials.
	renewed, err := p.put(object, last.connection, nil, last.OrganizationID)
	return err == nil, restored || renewed
}

// setAside keeps a session for restore, unless there is one that can do more.
// The pool is locked.
func (p *Pool) setAside(s *Session) {
	if _, better := p.retired[s.Organization]; !better || s.Unwritable() == "" {
		p.retired[s.Organization] = s
	}
}

// restore takes a session back that was kept aside, and reports whether there
// was one. The pool is locked.
func (p *Pool) restore(organization types.NamespacedName) bool {
	s, ok := p.retired[organization]
	if ok {
		if current, connected := p.sessions[organization]; connected {
			p.leave(current)
		}
		p.join(s)
		p.sessions[organization] = s
		delete(p.retired, organization)
	}
	return ok
}

// losing reports whether a session that is about to be replaced is to be kept
// aside, because the Secret for changes is gone: see Retire.
func (p *Pool) losing(object *v1alpha1.Organization, connection Connection) (last *Session, keep bool) {
	last, ok := p.sessions[keyOf(object)]
	return last, ok && connection.Unwritable == v1alpha1.CredentialsNotFoundReason &&
		last.Unwritable() == "" && controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer)
}
