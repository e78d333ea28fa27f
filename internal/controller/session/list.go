package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// List is a list of the organization that all its objects share, through
// whichever session they read it. It is safe for concurrent use.
type List[T any] struct {
	session *Session
	shared  *sharedList[T]
}

// Listing is what a List was at one time, in JumpCloud's order.
type Listing[T any] struct {
	// Began is before the first request, Ended after the last answer.
	Began, Ended time.Time
	// Items are shared: they must not be changed.
	Items []T
	// Unknown is how many more records there are whose id cannot be read: what
	// the items lack may be one of them.
	Unknown int
}

// Read returns a complete listing that began at newerThan or later: the zero
// time takes any, and a time to come is taken for now. One that was read before
// answers without a request, and whoever asks while one is read gets that one,
// if it is new enough. It reads for about a second and then returns ErrReading,
// and at once where another call reads: call it again in a later pass, with the
// same newerThan. After other errors that goes on where it was, too, but for
// ErrIncomplete: then it begins anew.
func (l *List[T]) Read(ctx context.Context, newerThan time.Time) (*Listing[T], error) {
	client := l.session.current()
	newerThan = notAfter(newerThan, time.Now())
	drive := driver{wheel: &l.shared.wheel}
	defer drive.stop()
	err := inSlices(slice, func() (bool, error) {
		if l.shared.latestSince(newerThan) != nil {
			return true, nil
		}
		if !drive.start() {
			return false, ErrReading
		}
		err := l.shared.turn.do(ctx, func() error { return l.shared.advance(ctx, client, newerThan) })
		return l.shared.latestSince(newerThan) != nil, err
	})
	if err != nil {
		return nil, err
	}
	return l.shared.latestSince(newerThan), nil
}

// sharedList is what is shared of a List.
type sharedList[T any] struct {
	id     func(T) string
	fetch  func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[T], error)
	latest atomic.Pointer[Listing[T]]

	turn  turn
	wheel sync.Mutex
	// What follows belongs to whoever has the turn.
	reading *collection[T] // nil: none is under way
	began   time.Time
	touched time.Time
}

func newUserGroups() *sharedList[jumpcloud.UserGroupSummary] {
	return &sharedList[jumpcloud.UserGroupSummary]{
		turn: newTurn(),
		id:   func(g jumpcloud.UserGroupSummary) string { return g.ID },
		fetch: func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[jumpcloud.UserGroupSummary], error) {
			return FirstPage(client.UserGroupPages(ctx, jumpcloud.UserGroupListOptions{Skip: skip}))
		},
	}
}

func newScheduledStates() *sharedList[jumpcloud.ScheduledState] {
	return &sharedList[jumpcloud.ScheduledState]{
		turn: newTurn(),
		// A job has one row for each of its users.
		id: func(s jumpcloud.ScheduledState) string {
			if !s.Known() {
				return ""
			}
			return s.ScheduledJobID + "/" + s.SystemUserID
		},
		fetch: func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[jumpcloud.ScheduledState], error) {
			return FirstPage(client.ScheduledStatePages(ctx, jumpcloud.ScheduledStateListOptions{Skip: skip}))
		},
	}
}

// latestSince returns the latest listing if it is new enough, or nil.
func (l *sharedList[T]) latestSince(newerThan time.Time) *Listing[T] {
	if latest := l.latest.Load(); latest != nil && !latest.Began.Before(newerThan) {
		return latest
	}
	return nil
}

// advance reads one page of the listing in flight, or of a new one. One that
// is too old is read to its end nevertheless, for those who wait for it.
func (l *sharedList[T]) advance(ctx context.Context, client *jumpcloud.Client, newerThan time.Time) error {
	if l.latestSince(newerThan) != nil {
		return nil // Somebody else has read it meanwhile.
	}
	now := time.Now()
	if l.reading == nil || l.began.Before(newerThan) && now.Sub(l.touched) > idle {
		reading := newCollection(l.id)
		l.reading, l.began = &reading, now
	}
	l.touched = now
	done, err := l.reading.step(ctx, func(ctx context.Context, skip int) (*jumpcloud.Page[T], error) {
		return l.fetch(ctx, client, skip)
	})
	switch {
	case done:
		l.latest.Store(&Listing[T]{Began: l.began, Ended: time.Now(), Items: l.reading.items, Unknown: l.reading.unknown})
		l.reading = nil
	case errors.Is(err, ErrIncomplete):
		l.reading = nil
		if l.began.Before(newerThan) {
			return nil // It was not what is waited for.
		}
	}
	return err
}
