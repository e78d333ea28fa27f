package session

import (
	"iter"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// progress says how far a walk has come.
type progress int

const (
	// underWay: there are more pages.
	underWay progress = iota
	// again: a record may have been missed. The walk begins anew, once, and what
	// was kept of the first way is void.
	again
	// complete: no record that was there from the first page to the last was missed.
	complete
	// incomplete: a record may have been missed on the second way too.
	incomplete
)

// walk is a way through a list, from the first page to the last, and a second
// one if a record may have been missed. Each page begins with the last record
// of the one before: where it does not, a record before it was deleted, all
// others moved under the offset, and one of them would be skipped. A trusting
// walk goes by the totals instead, where there are any: it does not notice that
// one record comes while another one goes.
type walk[T any] struct {
	id     func(T) string
	seen   idSet
	read   int    // records up to the end of the latest page
	last   string // id of the last of them
	moved  bool
	second bool
	total  int // as the latest page said; -1: none did
	trusts bool
}

func newWalk[T any](id func(T) string) *walk[T] { return &walk[T]{id: id, seen: idSet{}, total: -1} }

// skip is where the next page begins.
func (w *walk[T]) skip() int {
	if w.trusts && w.total >= 0 {
		return w.read
	}
	return max(w.read-1, 0)
}

// take notes the page that begins at skip, and calls visit for each record
// that is new to this way.
func (w *walk[T]) take(page *jumpcloud.Page[T], visit func(*T)) progress {
	read := w.skip() + len(page.Items)
	ended := page.Last() || read <= w.read
	w.moved = w.moved || w.skip() < w.read && (len(page.Items) == 0 || w.id(page.Items[0]) != w.last)
	for i := range page.Items {
		w.last = w.id(page.Items[i])
		if w.seen.add(w.last) {
			visit(&page.Items[i])
		}
	}
	w.moved = w.moved || w.trusts && w.total >= 0 && page.Total != w.total
	w.read, w.total = read, page.Total
	switch {
	case !ended:
		return underWay
	case w.consistent(page.Total):
		return complete
	case w.second:
		return incomplete
	default:
		*w = walk[T]{id: w.id, seen: idSet{}, total: -1, trusts: w.trusts, second: true}
		return again
	}
}

// consistent says whether no record can have been missed. One that is created
// while the list is read adds to the total, and comes last or moves the
// others. Without a total, that nothing moved is all there is to go by.
func (w *walk[T]) consistent(total int) bool {
	return !w.moved && (total < 0 || len(w.seen) == total)
}

// FirstPage returns the first page of a list and reads no other, or the error
// in its place.
func FirstPage[P any](pages iter.Seq2[*P, error]) (*P, error) {
	for page, err := range pages {
		return page, err
	}
	return new(P), nil
}

type idSet map[string]struct{}

// add says whether the id is new to the set.
func (s idSet) add(id string) bool {
	if _, ok := s[id]; ok {
		return false
	}
	s[id] = struct{}{}
	return true
}
