package continuous

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

// Counterparts is how a kind looks for what its objects stand for at JumpCloud. R
// is what it finds.
type Counterparts[R any] interface {
	// Known reads the one whose id the status has. Nil: the status has none, or
	// JumpCloud does not have it any more, which Known then notes.
	Known(ctx context.Context) (*R, error)
	// Named looks for those of a name, in a reading newer than a time.
	Named(ctx context.Context, name string, newerThan time.Time) (Lookup[R], error)
	// Created notes that one is what the object's announced creation made.
	Created(ctx context.Context, found *R) (*R, error)
	// Adopt notes that one that was there before is the object's, if no grant and
	// no other object stands against it.
	Adopt(ctx context.Context, found *R) (*R, error)
	// Explain says what a person is to know of a look that ended otherwise.
	Explain(c SearchResult, name string, ids []string) string
}

// Lookup is what a reading shows of a name.
type Lookup[R any] struct {
	// Began is before the first request of the reading.
	Began time.Time
	Found []R
	// IDs are those of what was found.
	IDs []string
	// Hides is set where one of any name may be there unseen: its name or id
	// cannot be read.
	Hides bool
}

// SearchResult is how a look for a counterpart ended.
type SearchResult int

const (
	// Several is that more than one have the name, and it is not known which is meant.
	Several SearchResult = iota
	// Hidden is that none was seen, and one may be there unseen.
	Hidden
	// Refused is that there is one, and the adoption policy is Never.
	Refused
	// Missing is that there is none, and the adoption policy is MustExist.
	Missing
	// Settling is that a creation whose answer was lost may still be under way.
	Settling
)

// Search looks for the counterpart of one object.
type Search[R any] struct {
	Counterparts[R]
	// Policy reports whether one that is there already is adopted.
	Policy v1alpha1.AdoptionPolicy
	// Creating is what the status announces.
	Creating *v1alpha1.CreatingStatus
	Creation *Creation
	// SettleWindow is how long after this process first saw an announcement the
	// request may still be on its way.
	SettleWindow time.Duration
	// Queued says that jobs create; nil: single calls do.
	Queued *Queued
	// NewerThan is what readings must be newer than, and Now the time of the pass.
	NewerThan, Now time.Time
}

// Find returns the counterpart: the one that the status knows, that an announced
// creation made, or that has the name and may be adopted. Nil: there provably is
// none, and one may be created.
func (s *Search[R]) Find(ctx context.Context, name string) (*R, error) {
	found, err := s.Own(ctx)
	if found != nil || err != nil {
		return found, err
	}
	seen, err := s.Named(ctx, name, s.newerThan())
	if err != nil {
		return nil, err
	}
	switch {
	case len(seen.Found) > 1:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Several, name, seen.IDs)
	case len(seen.Found) == 1 && s.Policy == v1alpha1.AdoptNever:
		return nil, s.stalled(v1alpha1.AdoptionRefusedReason, Refused, name, seen.IDs)
	case len(seen.Found) == 1:
		return s.Adopt(ctx, &seen.Found[0])
	case seen.Hides:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Hidden, name, nil)
	case s.Policy == v1alpha1.AdoptMustExist:
		return nil, s.stalled(v1alpha1.RemoteNotFoundReason, Missing, name, nil)
	default:
		return nil, nil
	}
}

// Own returns the counterpart that the object has already; nil: it has none.
func (s *Search[R]) Own(ctx context.Context) (*R, error) {
	found, err := s.Known(ctx)
	switch {
	case found != nil || err != nil || s.Creating == nil:
		return found, err
	case s.Queued != nil:
		return s.recoverQueued(ctx)
	default:
		return s.recover(ctx)
	}
}

// recover looks for what an announced creation made whose answer is not recorded.
// Whatever has its name is the object's: it was absent before. Once the request
// cannot be on its way any more, a reading that began after that proves that
// there is none.
func (s *Search[R]) recover(ctx context.Context) (*R, error) {
	seen, err := s.Named(ctx, s.Creating.Name, s.newerThan())
	if err != nil {
		return nil, err
	}
	switch settled := s.settled(); {
	case len(seen.Found) > 1:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Several, s.Creating.Name, seen.IDs)
	case len(seen.Found) == 1:
		return s.Created(ctx, &seen.Found[0])
	case seen.Began.Before(settled):
		return nil, s.settling(max(settled.Sub(s.Now), directory.ReadingDelay))
	case seen.Hides:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Hidden, s.Creating.Name, nil)
	default:
		return nil, nil
	}
}

// settled is when the request of the announced creation cannot be on its way any
// more.
func (s *Search[R]) settled() time.Time {
	return s.Creation.Since(s.Creating, s.Now).Add(s.SettleWindow)
}

// newerThan is what a look for a name must be newer than: the announcement, and
// once it is settled, that.
func (s *Search[R]) newerThan() time.Time {
	switch {
	case s.Creating == nil:
		return s.NewerThan
	case s.Queued != nil:
		return Latest(s.NewerThan, s.queuedSince())
	}
	if settled := s.settled(); !s.Now.Before(settled) {
		return Latest(s.NewerThan, settled)
	}
	return Latest(s.NewerThan, s.Creation.Since(s.Creating, s.Now))
}

func (s *Search[R]) stalled(reason string, c SearchResult, name string, ids []string) error {
	return Stalled(reason, s.Explain(c, name, ids))
}

// Latest returns the later of two times.
func Latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
