package directory

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// List is a list of the organization that all its objects share, whichever client they read it
// with. It is safe for concurrent use.
type List[T any] struct {
	shared *sharedList[T]
	client func() *jumpcloud.Client
	page   pageReader[T]
}

// pageReader reads the page of a list that begins at record number skip.
type pageReader[T any] func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[T], error)

// Listing is a list as it was at one time, in JumpCloud's order.
type Listing[T any] struct {
	// Began is before the first request, Ended after the last answer.
	Began, Ended time.Time
	// Items are shared: they must not be changed.
	Items []T
	// Unknown is how many more records there are whose id cannot be read: a record that is not
	// among the items may be one of them.
	Unknown int
}

// Read returns a complete listing that began at newerThan or later: the zero time accepts any
// listing, and a time in the future means now. A listing that was read before answers without
// a request, and a call that comes while one is read gets that one if it is new enough. Read
// reads for about a second and then returns ErrReading; it returns ErrReading at once if
// another call reads. Repeat the call in a later pass, with the same newerThan. After other
// errors, repeating it also continues the reading, except after ErrIncomplete, when it begins
// a new one.
func (l *List[T]) Read(ctx context.Context, newerThan time.Time) (*Listing[T], error) {
	client := l.client()
	return l.shared.read(ctx, newerThan, func(ctx context.Context, skip int) (*jumpcloud.Page[T], error) {
		return l.page(ctx, client, skip)
	})
}

// sharedList is the part of a List that is shared.
type sharedList[T any] struct {
	begin  func() *cursor[T]
	reader exclusive[inFlight[T]]
	leader leader
	latest atomic.Pointer[Listing[T]]
}

func newSharedList[T any](begin func() *cursor[T]) *sharedList[T] {
	return &sharedList[T]{begin: begin, reader: newExclusive(&inFlight[T]{})}
}

func (l *sharedList[T]) read(ctx context.Context, newerThan time.Time, fetch fetcher[T]) (*Listing[T], error) {
	newerThan = notAfter(newerThan, time.Now())
	candidate := l.leader.candidate()
	defer candidate.stop()
	answered := func() (*Listing[T], bool) {
		latest := l.latest.Load()
		return latest, latest != nil && !latest.Began.Before(newerThan)
	}
	return await(slice, answered, func() error {
		if !candidate.lead() {
			return ErrReading
		}
		return l.reader.do(ctx, func(f *inFlight[T]) error {
			if _, ok := answered(); ok {
				return nil // another call has read it in the meantime
			}
			f.ensure(newerThan, l.newReading)
			f.touch()
			return f.stepFor(ctx, newerThan, fetch)
		})
	})
}

func (l *sharedList[T]) newReading() (*cursor[T], consumer[T]) {
	c := l.begin()
	return c, &items[T]{id: c.id, publish: l.latest.Store}
}

// items collects the records of a list.
type items[T any] struct {
	id      func(T) string
	publish func(*Listing[T])
	items   []T
	unknown int // records whose id cannot be read; they are not among the items
}

func (i *items[T]) visit(item *T) {
	if i.id(*item) == "" {
		i.unknown++
		return
	}
	i.items = append(i.items, *item)
}

func (i *items[T]) restart() { i.items, i.unknown = nil, 0 }

func (i *items[T]) end(o outcome) {
	if o.complete {
		i.publish(&Listing[T]{Began: o.began, Ended: o.ended, Items: i.items, Unknown: i.unknown})
	}
}

func (i *items[T]) waitedFor() bool { return false }
