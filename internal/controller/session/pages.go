package session

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// fetcher reads the page of a list that begins at record number skip.
type fetcher[T any] func(ctx context.Context, skip int) (*jumpcloud.Page[T], error)

// Pages reads a list that one object reads for itself, over as many passes as
// it takes. It is for one goroutine at a time.
type Pages[T any] struct {
	fetch fetcher[T]
	collection[T]
	done bool
}

// NewPages returns Pages that have read nothing yet. id tells records apart,
// and is "" for one that cannot be told;
// fetch reads the page of at most 100 records that begins at record number
// skip.
func NewPages[T any](id func(T) string, fetch func(ctx context.Context, skip int) (*jumpcloud.Page[T], error)) *Pages[T] {
	return &Pages[T]{fetch: fetch, collection: newCollection(id)}
}

// Trusting makes the pages not overlap where JumpCloud tells how many records
// there are, which saves a request for every 99 of them. A record that comes
// while another one goes may then be missed: it is for lists where that does no
// harm.
func (p *Pages[T]) Trusting() *Pages[T] {
	p.walk.trusts = true
	return p
}

// Advance reads until the list is complete, and then returns nil. After
// ErrReading, which it returns after about a second, and after errors of fetch
// it goes on where it was: call it again, in a later pass. A list that changed
// so that records may be missing is read a second time; if that is no better,
// it returns ErrIncomplete, and the next Advance begins anew.
func (p *Pages[T]) Advance(ctx context.Context) error {
	return inSlices(slice, func() (bool, error) {
		if p.done {
			return true, nil
		}
		var err error
		p.done, err = p.step(ctx, p.fetch)
		return p.done, err
	})
}

// Unknown returns how many records there are whose id cannot be read, once
// Advance has returned nil: what Items lacks may be one of them.
func (p *Pages[T]) Unknown() int { return p.unknown }

// Items returns all records whose id can be read, once Advance has returned nil; before that, nil.
func (p *Pages[T]) Items() []T {
	if !p.done {
		return nil
	}
	return p.items
}

// collection is a walk that keeps what it sees.
type collection[T any] struct {
	walk  *walk[T]
	items []T
	// unknown counts records whose id cannot be read; they are not among the items.
	unknown int
}

func newCollection[T any](id func(T) string) collection[T] {
	return collection[T]{walk: newWalk(id)}
}

// step reads one page. After ErrIncomplete the collection is as new.
func (c *collection[T]) step(ctx context.Context, fetch fetcher[T]) (done bool, err error) {
	page, err := fetch(ctx, c.walk.skip())
	if err != nil {
		return false, err
	}
	switch c.walk.take(page, c.keep) {
	case complete:
		return true, nil
	case incomplete:
		trusts := c.walk.trusts
		*c = newCollection(c.walk.id)
		c.walk.trusts = trusts
		return false, ErrIncomplete
	case again:
		c.items, c.unknown = nil, 0
	case underWay:
	}
	return false, nil
}

func (c *collection[T]) keep(item *T) {
	if c.walk.id(*item) == "" {
		c.unknown++
		return
	}
	c.items = append(c.items, *item)
}
