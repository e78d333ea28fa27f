package session

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// registry is what a Pool knows.
type registry struct {
	options       PoolOptions
	objects       map[types.NamespacedName]*record
	organizations map[organizationKey]*organization
}

// record is what is known about one Organization object. The zero value belongs to an object
// that was not checked yet.
type record struct {
	session *Session // nil: the object has none
	retired *Session // set aside: see Pool.Retire
	// rejection is what was found while a connection was in use.
	rejection *rejection
	// limiter limits the checks until one of them gives a session.
	limiter *jumpcloud.Limiter
	// refused says that the latest check gave no session.
	refused bool
}

// record returns what is known about an object, for changes.
func (r *registry) record(object types.NamespacedName) *record {
	if _, ok := r.objects[object]; !ok {
		r.objects[object] = &record{}
	}
	return r.objects[object]
}

// known returns what is known about an object, for reading.
func (r *registry) known(object types.NamespacedName) record {
	if known, ok := r.objects[object]; ok {
		return *known
	}
	return record{}
}

// dial implements Pool.Dial.
func (r *registry) dial(object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials) (*jumpcloud.Client, error) {
	record := r.record(keyOf(object))
	if s := record.session; s != nil && s.connection.same(connection) {
		if s.connection == connection {
			return s.Client, nil
		}
		return r.newClient(connection, credentials, s.OrganizationID, s.shared.limiter)
	}
	if record.limiter == nil {
		record.limiter = newLimiter(object.Spec.Limits)
	}
	record.limiter.SetLimits(rate(object.Spec.Limits))
	return r.newClient(connection, credentials, object.Status.OrganizationID, record.limiter)
}

// put makes a session unless the object already has the same one.
func (r *registry) put(pool *Pool, object *v1alpha1.Organization, connection Connection, credentials jumpcloud.Credentials, organizationID string) (changed bool, err error) {
	record := r.record(keyOf(object))
	record.rejection, record.limiter, record.refused = nil, nil, false
	last := record.session
	if last != nil && last.describes(object, connection, organizationID) {
		return false, nil
	}
	shared := r.organization(organizationKey{connection.BaseURL, organizationID})
	s := &Session{
		Organization: keyOf(object), UID: object.UID, Generation: object.Generation,
		OrganizationID: organizationID, Spec: *object.Spec.DeepCopy(),
		pool: pool, connection: connection, shared: shared,
	}
	if last != nil && last.connection == connection && last.shared == shared {
		s.Client = last.Client // its OAuth token is still valid
	} else if s.Client, err = r.newClient(connection, credentials, organizationID, shared.limiter); err != nil {
		return false, err
	}
	r.install(s)
	return true, nil
}

// install sets up a new session and makes it the one of its object.
func (r *registry) install(s *Session) {
	s.Users = s.shared.directory.Users(s.currentClient)
	s.UserGroups = s.shared.directory.UserGroups(s.currentClient)
	s.ScheduledStates = s.shared.directory.ScheduledStates(s.currentClient)
	if s.Client.ReadOnly() {
		s.Spec.Mode = v1alpha1.ModePlan
	}
	r.use(s)
}

// use makes a session the one of its object.
func (r *registry) use(s *Session) {
	record := r.record(s.Organization)
	if record.session != nil {
		r.leave(record.session)
	}
	r.join(s)
	record.session = s
}

// remove removes the session of an object, and returns it; nil: it had none.
func (r *registry) remove(object types.NamespacedName) *Session {
	s := r.known(object).session
	if s != nil {
		r.leave(s)
		r.record(object).session = nil
	}
	return s
}

// refuse removes all sessions of an object, and returns the one that it had or that was set
// aside.
func (r *registry) refuse(object types.NamespacedName) *Session {
	r.restore(object)
	s, record := r.remove(object), r.record(object)
	record.rejection, record.refused = nil, true
	return s
}

// organization returns what the sessions of an organization share. If there is no session yet,
// it returns a new value, which join registers.
func (r *registry) organization(key organizationKey) *organization {
	if o, ok := r.organizations[key]; ok {
		return o
	}
	return newOrganization(key)
}

func (r *registry) join(s *Session) {
	r.organizations[s.shared.key] = s.shared
	s.shared.join(s.Organization, s.Spec.Limits)
}

func (r *registry) leave(s *Session) {
	if s.shared.leave(s.Organization) {
		delete(r.organizations, s.shared.key)
	}
}

func (r *registry) newClient(connection Connection, credentials jumpcloud.Credentials, organizationID string, limiter *jumpcloud.Limiter) (*jumpcloud.Client, error) {
	return jumpcloud.New(jumpcloud.Options{
		BaseURL:        connection.BaseURL,
		Credentials:    credentials,
		OrganizationID: organizationID,
		Limiter:        limiter,
		Timeout:        r.options.RequestTimeout,
		UserAgent:      r.options.UserAgent,
		Transport:      r.options.Transport,
		Observe:        func(call jumpcloud.Call) { r.options.Observe(organizationID, call) },
	})
}

func keyOf(object *v1alpha1.Organization) types.NamespacedName {
	return types.NamespacedName{Namespace: object.Namespace, Name: object.Name}
}
