package session

import (
	"k8s.io/apimachinery/pkg/types"

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
		delete(p.sessions, organization)
		p.retired[organization] = s
	}
	delete(p.rejections, organization)
	p.refused[organization] = struct{}{}
	p.mu.Unlock()
	if ok {
		p.notify(Event{Organization: organization})
	}
}

// Keep makes the session that an Organization object has, or had when its
// Secret went, fit the object as it is now, and reports whether there is one.
// It is for an Organization that is being deleted: objects of it may have
// something left to do at JumpCloud.
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
	if !ok || last.UID != object.UID {
		return false, restored
	}
	// With the connection and the organization of the last one, put needs no credentials.
	renewed, err := p.put(object, last.connection, nil, last.OrganizationID)
	return err == nil, restored || renewed
}

// restore takes a session back that was kept aside, and reports whether there
// was one. The pool is locked.
func (p *Pool) restore(organization types.NamespacedName) bool {
	s, ok := p.retired[organization]
	if ok {
		p.sessions[organization] = s
		delete(p.retired, organization)
	}
	return ok
}
