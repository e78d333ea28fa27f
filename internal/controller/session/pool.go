package session

import (
	"context"
	"maps"
	"net/http"
	"slices"
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
	// UserAgent is sent where it is not empty.
	UserAgent string
	// Transport carries the requests of all sessions; nil: jumpcloud.NewTransport().
	Transport http.RoundTripper
	// Observe is called after each HTTP attempt, with the organization's id, or
	// "" while it is not known; nil: nothing is. It must not block.
	Observe func(organizationID string, call jumpcloud.Call)
}

// Connection is what a client is made from, without the secrets: where two are
// equal, one client does for both. The zero value connects to nothing.
type Connection struct {
	// BaseURL is scheme://host[/prefix], without /api.
	BaseURL string
	// Reading and Writing say which credentials are used for reads and for
	// mutating calls. They are equal where one set of credentials is used for all,
	// and Writing is the zero value where there are none to write with.
	Reading, Writing Source
	// Unwritable is the reason why the credentials for mutating calls must not be
	// used, although there are some: everything is read, and nothing is changed.
	Unwritable string
}

// Source says where credentials were read.
type Source struct {
	// TokenURL is the OAuth token endpoint of a service account.
	TokenURL string
	// UID and Version are those of the Secret; Key is the key in it.
	UID     types.UID
	Version string
	Key     string
}

// same reports whether both use the same credentials, whatever became of those
// for mutating calls.
func (c Connection) same(other Connection) bool {
	c.Unwritable, other.Unwritable = "", ""
	return c == other
}

// rejection is what was found while a connection was in use.
type rejection struct {
	connection Connection
	purpose    jumpcloud.Purpose
}

// Pool holds the sessions of all Organization objects. Only the Organization's
// controller puts sessions in; all others get them. It is safe for concurrent use.
type Pool struct {
	options PoolOptions

	mu          sync.Mutex
	sessions    map[types.NamespacedName]*Session
	retired     map[types.NamespacedName]*Session // kept aside: see Retire
	rejections  map[types.NamespacedName]rejection
	dialed      map[types.NamespacedName]*jumpcloud.Gate // of objects that have been dialed for in vain
	refused     map[types.NamespacedName]struct{}        // objects whose latest check gave no session
	remotes     map[remoteKey]*remote
	subscribers map[*func(Event)]struct{}
}

// Event says that the session of an Organization object came, changed or went.
type Event struct {
	Organization types.NamespacedName
	// Rejected is set where that is because JumpCloud rejected credentials while
	// they were in use: the Organization does not know yet.
	Rejected bool
}

// NewPool returns an empty pool.
func NewPool(options PoolOptions) *Pool {
	if options.Transport == nil {
		options.Transport = jumpcloud.NewTransport()
	}
	if options.Observe == nil {
		options.Observe = func(string, jumpcloud.Call) {}
	}
	return &Pool{
		options:     options,
		sessions:    map[types.NamespacedName]*Session{},
		retired:     map[types.NamespacedName]*Session{},
		rejections:  map[types.NamespacedName]rejection{},
		dialed:      map[types.NamespacedName]*jumpcloud.Gate{},
		refused:     map[types.NamespacedName]struct{}{},
		remotes:     map[remoteKey]*remote{},
		subscribers: map[*func(Event)]struct{}{},
	}
}

// Get returns the session of an Organization object, if it has one. It does
// not block.
func (p *Pool) Get(organization types.NamespacedName) (*Session, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.sessions[organization]
	return s, ok
}

// Connected reports whether the object has a session with these credentials.
func (p *Pool) Connected(organization types.NamespacedName, connection Connection) bool {
	s, ok := p.Get(organization)
	return ok && s.connection.same(connection)
}

// Dial returns a client for a connection that is about to be verified with
// ListOrganizationsFor. Where the object's session has the same connection, it
// is the session's client, with its limits and its pause; otherwise one with
// limits that last until Put, so that pauses after answers 429 grow from one
// check to the next.
func (p *Pool) Dial(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials) (*jumpcloud.Client, error) {
	key := keyOf(object)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.sessions[key]; ok && s.connection.same(connection) {
		if s.connection == connection {
			return s.Client, nil
		}
		return p.newClient(connection, credentials, s.OrganizationID, s.remote.gate)
	}
	gate, ok := p.dialed[key]
	if !ok {
		gate = newGate(object.Spec.Limits)
		p.dialed[key] = gate
	}
	gate.SetLimits(rate(object.Spec.Limits))
	return p.newClient(connection, credentials, object.Status.OrganizationID, gate)
}

// Put makes a session for a connection whose credentials were verified to
// belong to the organization; where those for mutating calls were not, the
// connection says Unwritable and the credentials are jumpcloud.Unusable. A
// session that is the same already stays; otherwise subscribers are told.
func (p *Pool) Put(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials, organizationID string) error {
	p.mu.Lock()
	var restored bool
	last, keep := p.losing(object, connection)
	if connection.Unwritable != v1alpha1.CredentialsNotFoundReason {
		restored = p.restore(keyOf(object))
	}
	changed, err := p.put(object, connection, credentials, organizationID)
	if keep {
		p.setAside(last)
	}
	p.mu.Unlock()
	if restored || changed {
		p.notify(Event{Organization: keyOf(object)})
	}
	return err
}

// put is Put on a pool that is locked.
func (p *Pool) put(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials, organizationID string) (changed bool, err error) {
	key := keyOf(object)
	delete(p.rejections, key)
	delete(p.dialed, key)
	delete(p.refused, key)
	last := p.sessions[key]
	if last != nil && last.describes(object, connection, organizationID) {
		return false, nil
	}
	s := &Session{
		Organization: key, UID: object.UID, Generation: object.Generation,
		OrganizationID: organizationID, Spec: *object.Spec.DeepCopy(),
		pool: p, connection: connection, remote: p.remoteOf(connection.BaseURL, organizationID),
	}
	if last != nil && last.connection == connection && last.remote == s.remote {
		s.Client = last.Client // its OAuth token is still good
	} else if s.Client, err = p.newClient(connection, credentials, organizationID, s.remote.gate); err != nil {
		return false, err
	}
	p.install(s)
	return true, nil
}

// install makes a session the one of its object.
func (p *Pool) install(s *Session) {
	s.Directory = &Directory{session: s, users: s.remote.users}
	s.UserGroups = &List[jumpcloud.UserGroupSummary]{session: s, shared: s.remote.groups}
	s.ScheduledStates = &List[jumpcloud.ScheduledState]{session: s, shared: s.remote.states}
	if s.Client.ReadOnly() {
		s.Spec.Mode = v1alpha1.ModePlan
	}
	if last := p.sessions[s.Organization]; last != nil {
		p.leave(last)
	}
	p.join(s)
	p.sessions[s.Organization] = s
}

// Remove takes the session of an Organization object away, if it has one,
// because a check found that there must be none.
func (p *Pool) Remove(organization types.NamespacedName) {
	p.mu.Lock()
	p.restore(organization)
	s, ok := p.sessions[organization]
	if ok {
		p.remove(s)
	}
	delete(p.rejections, organization)
	p.refused[organization] = struct{}{}
	p.mu.Unlock()
	if ok {
		p.notify(Event{Organization: organization})
	}
}

// Refused says that the latest check of an Organization object gave no
// session, not that there was none yet.
func (p *Pool) Refused(organization types.NamespacedName) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, refused := p.refused[organization]
	return refused
}

// Forget is Remove for an object that is gone.
func (p *Pool) Forget(organization types.NamespacedName) {
	p.Remove(organization)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.dialed, organization)
	delete(p.refused, organization)
}

// TakeRejection reports, once for each rejection, that exactly this
// connection's credentials for a purpose were just found to be rejected: to ask
// again would be one call too many.
func (p *Pool) TakeRejection(organization types.NamespacedName, connection Connection) (purpose jumpcloud.Purpose, rejected bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	latest, ok := p.rejections[organization]
	delete(p.rejections, organization)
	return latest.purpose, ok && latest.connection.same(connection)
}

// Subscribe calls notify for each event until ctx is done, on the goroutine
// that changed the pool.
func (p *Pool) Subscribe(ctx context.Context, notify func(Event)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	subscriber := &notify
	p.subscribers[subscriber] = struct{}{}
	context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.subscribers, subscriber)
	})
}

// notify calls the subscribers without the lock: they read caches.
func (p *Pool) notify(event Event) {
	p.mu.Lock()
	subscribers := slices.Collect(maps.Keys(p.subscribers))
	p.mu.Unlock()
	for _, subscriber := range subscribers {
		(*subscriber)(event)
	}
}

// reject takes away a session whose credentials are rejected. Where those for
// reads still work, another one takes its place, which only reads. A newer one
// of the same object stays if its credentials are others.
func (p *Pool) reject(s *Session, purpose jumpcloud.Purpose) {
	p.mu.Lock()
	current, ok := p.sessions[s.Organization]
	ok = ok && current.connection.same(s.connection)
	if purpose == jumpcloud.Writing {
		ok = ok && current.connection.Unwritable == ""
	}
	if ok {
		p.rejections[s.Organization] = rejection{s.connection, purpose}
		if purpose == jumpcloud.Writing {
			p.install(current.unwritable(v1alpha1.AuthenticationFailedReason))
		} else {
			p.remove(current)
		}
	}
	p.mu.Unlock()
	if ok {
		p.notify(Event{Organization: s.Organization, Rejected: true})
	}
}

func (p *Pool) remove(s *Session) {
	delete(p.sessions, s.Organization)
	p.leave(s)
}

func (p *Pool) newClient(connection Connection, credentials jumpcloud.Credentials, organizationID string, gate *jumpcloud.Gate) (*jumpcloud.Client, error) {
	return jumpcloud.New(jumpcloud.Options{
		BaseURL:        connection.BaseURL,
		Credentials:    credentials,
		OrganizationID: organizationID,
		Gate:           gate,
		Timeout:        p.options.RequestTimeout,
		UserAgent:      p.options.UserAgent,
		Transport:      p.options.Transport,
		Observe:        func(call jumpcloud.Call) { p.options.Observe(organizationID, call) },
	})
}

// describes reports whether the session is what a new one would be.
func (s *Session) describes(object *v1alpha1.Organization, connection Connection, organizationID string) bool {
	return s.UID == object.UID && s.Generation == object.Generation && s.connection == connection &&
		s.OrganizationID == organizationID
}

func keyOf(object *v1alpha1.Organization) types.NamespacedName {
	return types.NamespacedName{Namespace: object.Namespace, Name: object.Name}
}
