package session

import (
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// PoolOptions configure the clients that a Pool makes.
type PoolOptions struct {
	// RequestTimeout bounds one HTTP attempt; 0: 40 seconds.
	RequestTimeout time.Duration
	// UserAgent is sent if it is not empty.
	UserAgent string
	// Transport carries the requests of all sessions; nil: jumpcloud.NewTransport().
	Transport http.RoundTripper
	// Observe is called after each HTTP attempt, with the organization's id, or "" while the
	// id is not known; nil: nothing is called. It must not block.
	Observe func(organizationID string, call jumpcloud.Call)
}

// Pool holds the sessions of all Organization objects. Only the Organization's
// controller puts sessions in; all others get them. It is safe for concurrent use.
type Pool struct {
	subscribers subscribers

	mu       sync.Mutex
	registry registry // accessed through locked only
}

// NewPool returns an empty pool.
func NewPool(options PoolOptions) *Pool {
	if options.Transport == nil {
		options.Transport = jumpcloud.NewTransport()
	}
	if options.Observe == nil {
		options.Observe = func(string, jumpcloud.Call) {}
	}
	return &Pool{registry: registry{
		options:       options,
		objects:       map[types.NamespacedName]*record{},
		organizations: map[organizationKey]*organization{},
	}}
}

// locked calls act with what the pool knows. act must not call the subscribers.
func (p *Pool) locked(act func(*registry)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	act(&p.registry)
}

// known returns what is known about an object.
func (p *Pool) known(organization types.NamespacedName) (known record) {
	p.locked(func(r *registry) { known = r.known(organization) })
	return known
}

// Get returns the session of an Organization object, if it has one. It does
// not block.
func (p *Pool) Get(organization types.NamespacedName) (*Session, bool) {
	s := p.known(organization).session
	return s, s != nil
}

// Connected reports whether the object has a session with these credentials.
func (p *Pool) Connected(organization types.NamespacedName, connection Connection) bool {
	s, ok := p.Get(organization)
	return ok && s.connection.same(connection)
}

// Refused reports whether the latest check of an Organization object gave no session; false if
// there was no check yet.
func (p *Pool) Refused(organization types.NamespacedName) bool { return p.known(organization).refused }

// Dial returns a client for a connection that is about to be verified with
// ListOrganizationsFor. If the object's session has the same connection, Dial returns the
// session's client, with its limits and its pause; otherwise a client with limits that last
// until Put, so that pauses after a 429 grow from one check to the next.
func (p *Pool) Dial(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials) (client *jumpcloud.Client, err error) {
	p.locked(func(r *registry) { client, err = r.dial(object, connection, credentials) })
	return client, err
}

// Put makes a session for a connection whose credentials were verified to belong to the
// organization. If those for mutating calls were not verified, the connection must say
// Unwritable and the credentials must be jumpcloud.Unusable. A session that is already the
// same stays; otherwise subscribers are notified.
func (p *Pool) Put(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials, organizationID string) (err error) {
	var restored, changed bool
	p.locked(func(r *registry) {
		last, losing := r.losing(object, connection)
		if connection.Unwritable != v1alpha1.CredentialsNotFoundReason {
			restored = r.restore(keyOf(object))
		}
		changed, err = r.put(p, object, connection, credentials, organizationID)
		if losing {
			r.setAside(last)
		}
	})
	p.notifyIf(restored || changed, Event{Organization: keyOf(object)})
	return err
}

// Remove removes the session of an Organization object, if it has one, because a check found
// that it must not have one.
func (p *Pool) Remove(organization types.NamespacedName) {
	var removed *Session
	p.locked(func(r *registry) { removed = r.refuse(organization) })
	p.notifyIf(removed != nil, Event{Organization: organization})
}

// Forget is Remove for an object that is gone.
func (p *Pool) Forget(organization types.NamespacedName) {
	var removed *Session
	p.locked(func(r *registry) {
		removed = r.refuse(organization)
		delete(r.objects, organization)
	})
	p.notifyIf(removed != nil, Event{Organization: organization})
}

func (p *Pool) notifyIf(changed bool, event Event) {
	if changed {
		p.subscribers.notify(event)
	}
}
