package continuous

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// Counterparts searches for the counterparts of a kind's objects, which are what the objects
// stand for at JumpCloud. R is the type of a counterpart.
type Counterparts[R any] interface {
	// Known reads the counterpart whose id is in the status. Nil: JumpCloud does not have it
	// any more.
	Known(ctx context.Context) (*R, error)
	// Forget drops from the status what is known of a counterpart that does not exist any
	// more.
	Forget()
	// Named searches for those of a name, in a reading newer than a time.
	Named(ctx context.Context, name string, newerThan time.Time) (Lookup[R], error)
	// Take records in the status that a counterpart is the object's: it existed before and is
	// adopted, or the announced creation made it.
	Take(ctx context.Context, found *R, adopted bool) (*R, error)
}

// Lookup is the result of a reading for a name.
type Lookup[R any] struct {
	// Began is before the first request of the reading.
	Began time.Time
	Found []R
	// IDs are those of Found.
	IDs []string
	// Hides is set if a counterpart of any name may exist unseen: its name or id cannot be
	// read.
	Hides bool
}

// Add records one that was found.
func (l *Lookup[R]) Add(found R, id string) {
	l.Found, l.IDs = append(l.Found, found), append(l.IDs, id)
}

// Search looks for the counterpart of one object.
type Search[T Object, M, R any] struct {
	Counterparts[R]
	Pass *Pass[T, M]
	// ID is that of the counterpart in the status; "": there is none.
	ID string
	// Policy says whether a counterpart that exists already is adopted.
	Policy v1alpha1.AdoptionPolicy
	// Explain returns the message about a search that returned no counterpart; see Wording.
	Explain  func(Finding) string
	Creation *Creation
	// SettleWindow is how long after this process first saw an announcement the request may
	// still be on its way.
	SettleWindow time.Duration
	// Queued is set if jobs create counterparts; nil: single calls do.
	Queued *Queued
}

// Find returns the counterpart: the one in the status, the one that an announced creation
// made, or one that has the name and may be adopted. Nil: there provably is none, and one may
// be created.
func (s *Search[T, M, R]) Find(ctx context.Context, name string) (*R, error) {
	creating := s.creating()
	found, err := s.Own(ctx)
	if taken := found != nil && creating != nil && s.creating() == nil; taken && creating.Name != name {
		return nil, s.lookAgain(fmt.Sprintf("It was created with its former name %q.", creating.Name))
	}
	if found != nil || err != nil {
		return found, err
	}
	seen, err := s.Named(ctx, name, s.newerThan())
	if err != nil {
		return nil, err
	}
	switch {
	case len(seen.Found) > 1:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Several, Name: name, IDs: seen.IDs})
	case len(seen.Found) == 1 && s.Policy == v1alpha1.AdoptNever:
		return nil, s.stalled(v1alpha1.AdoptionRefusedReason, Finding{Result: Refused, Name: name, IDs: seen.IDs})
	case len(seen.Found) == 1:
		return s.adopt(ctx, name, &seen)
	case seen.Hides:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Hidden, Name: name})
	case s.Policy == v1alpha1.AdoptMustExist:
		return nil, s.stalled(v1alpha1.RemoteNotFoundReason, Finding{Result: Missing, Name: name})
	default:
		return nil, nil
	}
}

// Own returns the counterpart that the object has already; nil: it has none.
func (s *Search[T, M, R]) Own(ctx context.Context) (*R, error) {
	found, err := s.known(ctx)
	switch {
	case found != nil || err != nil || s.creating() == nil:
		return found, err
	case s.Queued != nil:
		return s.recoverQueued(ctx)
	default:
		return s.recover(ctx)
	}
}

// known reads the counterpart whose id is in the status, and forgets the id if there is none.
func (s *Search[T, M, R]) known(ctx context.Context) (*R, error) {
	if s.ID == "" {
		return nil, nil
	}
	found, err := s.Known(ctx)
	if found == nil && err == nil {
		s.Forget()
		return nil, s.lookAgain("JumpCloud does not have it any more.")
	}
	return found, err
}

// lookAgain ends the pass because the status says something else about the counterpart now.
// That is written first: what is read depends on it, and readings for the old and for the new
// status would replace each other in every pass.
func (s *Search[T, M, R]) lookAgain(message string) error {
	reason := v1alpha1.ProgressingReason
	if !s.Pass.Object.GetDeletionTimestamp().IsZero() {
		reason = v1alpha1.DeletingReason
	}
	return lifecycle.Stop(lifecycle.Progressing(reason, message, soon))
}

// adopt takes over the one that has the name, unless another object owns it, or no grant
// permits that.
func (s *Search[T, M, R]) adopt(ctx context.Context, name string, seen *Lookup[R]) (*R, error) {
	demands := s.Pass.Object.Demands()
	demands.Adopts = true
	if err := s.Pass.Permitted(demands); err != nil {
		return nil, err
	}
	owner, key, err := s.Pass.Owner(ctx, []string{IDKey(seen.IDs[0])})
	if err != nil {
		return nil, err
	}
	if key != "" {
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Owned, Name: name, IDs: seen.IDs, Owner: client.ObjectKeyFromObject(owner)})
	}
	return s.take(ctx, seen, true)
}

func (s *Search[T, M, R]) take(ctx context.Context, seen *Lookup[R], adopted bool) (*R, error) {
	s.Pass.Object.Living().Creating = nil
	return s.Take(ctx, &seen.Found[0], adopted)
}

// newerThan returns what a reading for a name must be newer than: the announcement, or the
// time when it settled once that has passed.
func (s *Search[T, M, R]) newerThan() time.Time {
	since := s.Pass.Since()
	switch {
	case s.creating() == nil:
		return since
	case s.Queued != nil:
		return Latest(since, s.queuedSince())
	}
	if settled := s.settled(); !s.Pass.Now.Before(settled) {
		return Latest(since, settled)
	}
	return Latest(since, s.since())
}

func (s *Search[T, M, R]) stalled(reason string, f Finding) error {
	return Stalled(reason, s.Explain(f))
}

// Latest returns the later of two times.
func Latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
