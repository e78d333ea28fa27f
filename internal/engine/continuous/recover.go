package continuous

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

// recover looks for the result of an announced creation whose answer is not recorded. Whatever
// has its name is the object's: it was absent before. Once the request cannot be on its way
// any more, a reading that began after that proves that there is none.
func (s *Search[T, M, R]) recover(ctx context.Context) (*R, error) {
	name := s.creating().Name
	seen, err := s.Named(ctx, name, s.newerThan())
	if err != nil {
		return nil, err
	}
	switch settled := s.settled(); {
	case len(seen.Found) > 1:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Several, Name: name, IDs: seen.IDs})
	case len(seen.Found) == 1:
		return s.take(ctx, &seen, false)
	case seen.Began.Before(settled):
		return nil, s.settling(max(settled.Sub(s.Pass.Now), directory.ReadingDelay))
	case seen.Hides:
		return nil, s.stalled(v1alpha1.RemoteConflictReason, Finding{Result: Hidden, Name: name})
	default:
		return nil, nil
	}
}

// creating returns what the status announces.
func (s *Search[T, M, R]) creating() *v1alpha1.CreatingStatus { return s.Pass.Object.Living().Creating }

// settled returns when the request of the announced creation cannot be on its way any more.
func (s *Search[T, M, R]) settled() time.Time { return s.since().Add(s.SettleWindow) }

// since returns when this process first saw what the status announces.
func (s *Search[T, M, R]) since() time.Time { return s.Creation.Since(s.creating(), s.Pass.Now) }
