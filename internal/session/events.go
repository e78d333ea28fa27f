package session

import (
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// Event says that the session of an Organization object was added, changed or removed.
type Event struct {
	Organization types.NamespacedName
	// Rejected is set if the reason is that JumpCloud rejected credentials while they were in
	// use: the Organization does not know that yet.
	Rejected bool
}

// Subscribe calls notify for each event until ctx is done, on the goroutine
// that changed the pool.
func (p *Pool) Subscribe(ctx context.Context, notify func(Event)) { p.subscribers.add(ctx, notify) }

// subscribers are the functions to call for events.
type subscribers struct {
	mu  sync.Mutex
	all map[*func(Event)]struct{}
}

func (s *subscribers) add(ctx context.Context, notify func(Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[*func(Event)]struct{}{}
	}
	subscriber := &notify
	s.all[subscriber] = struct{}{}
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, subscriber)
	})
}

// notify calls the subscribers without holding the lock: they read caches.
func (s *subscribers) notify(event Event) {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.all))
	s.mu.Unlock()
	for _, subscriber := range all {
		(*subscriber)(event)
	}
}
