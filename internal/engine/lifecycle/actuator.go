// Package lifecycle is what all kinds have in common: one pass over one object, from the cache
// to conditions, a status write and a requeue. What differs between kinds is an Actuator.
package lifecycle

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Object is a kind of this operator.
type Object interface {
	client.Object
	// Common returns the part of the status that every kind has.
	Common() *v1alpha1.CommonStatus
}

// Member is an Object that belongs to an Organization.
type Member interface {
	Object
	// OrganizationRef names the Organization.
	OrganizationRef() v1alpha1.OrganizationReference
	// Demands are what the object asks of the Organization's grants, according to its spec and
	// status. A pass over an object that lacks a grant neither reads nor sends anything.
	Demands() v1alpha1.Demands
}

// Actuator is what a kind does. It fills the observed part of the status and never touches
// observedGeneration, finalizers, or a condition that is not its kind's own. It returns an
// error of a call to JumpCloud or to the API server as Failed, unless it can handle it better.
type Actuator[T Object] interface {
	// Reconcile makes one pass over an object that is not being deleted.
	Reconcile(ctx context.Context, pass *Pass[T]) Outcome
	// Finalize makes one pass over an object that is being deleted and has the finalizer. Done
	// lets the finalizer go. Finalize is not called while the object is paused, nor under the
	// abandon annotation.
	Finalize(ctx context.Context, pass *Pass[T]) Outcome
}

// Forgetter is an Actuator that remembers something about objects between
// passes.
type Forgetter interface {
	// Forget is called, perhaps more than once, when an object is gone, or is
	// being deleted and nothing is left to do for it.
	Forget(key types.NamespacedName, uid types.UID)
}

// Pass is one pass over one object.
type Pass[T Object] struct {
	// Object is the pass's own copy.
	Object T
	// Session connects to the object's Organization; nil for an Organization, and in Finalize
	// if the Organization cannot be used: see NoSession.
	Session *session.Session
	// NoSession says why Session is nil in Finalize. A Finalize that needs a Session returns
	// it.
	NoSession Outcome
	// Requested is set if the reconcile-requested-at annotation holds a token that was not
	// handled yet: readings must be fresh. It stays set, pass after pass, until the actuator
	// comes to Done, Waiting, Stalled or Undecided, or acknowledges the request before.
	Requested bool
	// Paused is set if the object carries the paused annotation: no mutating call to JumpCloud
	// may be made; open jobs are still polled. Whatever the outcome, all conditions but Paused
	// stay as they are.
	Paused bool
	// Now is the time at which the pass began.
	Now time.Time
	// Instant is that time for the guard's window: if the wall clock has jumped, what was
	// counted expires no sooner.
	Instant guard.Instant

	shell  shell[T]
	stored T // Object as it is stored, to see whether there is anything to write
	// roomIn is the time until the guard's window may have the room that the pass did not
	// find; 0: it found room, or asked for none.
	roomIn time.Duration
}

// shell is what a Pass needs of the Reconciler.
type shell[T Object] interface {
	save(ctx context.Context, pass *Pass[T], outcome Outcome) error
	commitStatus(ctx context.Context, pass *Pass[T], outcome Outcome) error
	record(ctx context.Context, pass *Pass[T], outcome Outcome, ours func(stored T) bool) error
	live(ctx context.Context, pass *Pass[T]) (T, error)
	ensureCurrent(ctx context.Context, pass *Pass[T]) error
	ensureFinalizer(ctx context.Context, pass *Pass[T]) error
	removeFinalizer(ctx context.Context, pass *Pass[T]) error
	belong(ctx context.Context, pass *Pass[T], owner client.Object) error
	mayCreate(ctx context.Context, namespace string) error
	contenders(ctx context.Context, pass *Pass[T], keys []string) ([]T, error)
	owner(ctx context.Context, pass *Pass[T], keys []string) (owner T, key string, err error)
	approvals(ctx context.Context, pass *Pass[T], approvedPlan string) (approval.Approvals, error)
	reserve(ctx context.Context, pass *Pass[T], harmful, created int) (guard.Answer, error)
	renew(ctx context.Context, pass *Pass[T], harmful, created int) (guard.Shortage, error)
	giveBack(ctx context.Context, pass *Pass[T], harmful, created int) error
	shortToCreate(ctx context.Context, pass *Pass[T], created int) (guard.Shortage, error)
	room(s *session.Session) *Room
	event(pass *Pass[T], eventType, reason, message string)
}

// Save writes the status now, with the conditions of the outcome, if it differs from what is
// stored. The write fails with a conflict if any other client wrote the object since it was
// read: then this pass is stale and must end, with Failed of that error. Save outlives the
// deadline of ctx by a grace period, so that what was learned is not lost.
func (p *Pass[T]) Save(ctx context.Context, outcome Outcome) error {
	return p.shell.save(ctx, p, outcome)
}

// CommitStatus is Save that asks the API server even if the status equals what is stored: it
// fails unless the pass is on the present version of the object. It precedes calls to
// JumpCloud that rely on the spec.
func (p *Pass[T]) CommitStatus(ctx context.Context, outcome Outcome) error {
	return p.shell.commitStatus(ctx, p, outcome)
}

// EnsureCurrent fails with a conflict unless the pass is on the present version of the object:
// then this pass is stale and must end, with Failed of that error. It reads from the API
// server and writes nothing. Call it after other objects that another leader may also write
// were read, and before they are written.
func (p *Pass[T]) EnsureCurrent(ctx context.Context) error {
	return p.shell.ensureCurrent(ctx, p)
}

// Live reads the object from the API server. After a write that met a conflict, it shows
// whether that write was stored nevertheless: it may have been repeated on the way.
func (p *Pass[T]) Live(ctx context.Context) (T, error) { return p.shell.live(ctx, p) }

// MayCreate fails if the object's namespace is being deleted, because nothing can be created
// there any more: end the pass with Failed of the error.
func (p *Pass[T]) MayCreate(ctx context.Context) error {
	return p.shell.mayCreate(ctx, p.Object.GetNamespace())
}

// EnsureFinalizer adds the finalizer if it is absent, with a precondition on the version that
// the pass read. The status in Object is neither written nor lost. If the namespace is being
// deleted, it adds nothing and fails, because nothing can be created there any more: end the
// pass with Failed of the error.
func (p *Pass[T]) EnsureFinalizer(ctx context.Context) error {
	return p.shell.ensureFinalizer(ctx, p)
}

// RemoveFinalizer removes the finalizer if it is present, with a precondition on the version
// that the pass read or wrote last. The status in Object is neither written nor lost.
func (p *Pass[T]) RemoveFinalizer(ctx context.Context) error {
	return p.shell.removeFinalizer(ctx, p)
}

// AddOwnerReference makes owner an owner of the object, unless it is one already, so that the
// object is deleted with it. Precondition and status are as with EnsureFinalizer.
func (p *Pass[T]) AddOwnerReference(ctx context.Context, owner client.Object) error {
	return p.shell.belong(ctx, p, owner)
}

// AcknowledgeRequest marks the request of the reconcile-requested-at annotation as handled;
// the next write of the status records that. It is for work that takes several passes and must
// begin only once for each request.
func (p *Pass[T]) AcknowledgeRequest() {
	if token := p.Object.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]; token != "" {
		p.Object.Common().LastHandledReconcileAt = truncate(token)
	}
	p.Requested = false
}

// Event records an event about the object, for what the conditions do not say. The type is
// corev1.EventTypeNormal or corev1.EventTypeWarning.
func (p *Pass[T]) Event(eventType, reason, message string) {
	p.shell.event(p, eventType, reason, message)
}
