package directory

import (
	"context"
	"iter"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Pages reads a list that one object needs for itself, over as many passes as necessary. It is
// for one goroutine at a time.
type Pages[T any] struct {
	list  *sharedList[T]
	fetch fetcher[T]
	whole *Listing[T] // nil before the end
}

// NewPages returns Pages that have read nothing yet. id identifies records, and is "" for a
// record whose id cannot be read; fetch reads the page of at most 100 records that begins at
// record number skip.
func NewPages[T any](id func(T) string, fetch func(ctx context.Context, skip int) (*jumpcloud.Page[T], error)) *Pages[T] {
	return &Pages[T]{fetch: fetch, list: newSharedList(func() *cursor[T] { return newCursor(id) })}
}

// Trusting makes the pages not overlap if JumpCloud says how many records there are, which
// saves a request for every 99 of them. A record that is added while another one is deleted
// may then be missed: it is for lists where that does no harm.
func (p *Pages[T]) Trusting() *Pages[T] {
	begin := p.list.begin
	p.list.begin = func() *cursor[T] {
		c := begin()
		c.trusts = true
		return c
	}
	return p
}

// Advance reads until the list is complete, and then returns nil. After ErrReading, which it
// returns after about a second, and after errors of fetch, it keeps its position: call it
// again in a later pass. A list that changed so that records may be missing is read a second
// time; if that does not help, it returns ErrIncomplete, and the next Advance begins a new
// reading.
func (p *Pages[T]) Advance(ctx context.Context) (err error) {
	p.whole, err = p.list.read(ctx, time.Time{}, p.fetch)
	return err
}

// Unknown returns how many records there are whose id cannot be read, once Advance has
// returned nil: a record that is not among Items may be one of them.
func (p *Pages[T]) Unknown() int {
	if p.whole == nil {
		return 0
	}
	return p.whole.Unknown
}

// Items returns all records whose id can be read, once Advance has returned nil; before that,
// nil.
func (p *Pages[T]) Items() []T {
	if p.whole == nil {
		return nil
	}
	return p.whole.Items
}

// FirstPage returns the first page of a list and reads no other, or returns the error.
func FirstPage[P any](pages iter.Seq2[*P, error]) (*P, error) {
	for page, err := range pages {
		return page, err
	}
	return new(P), nil
}
