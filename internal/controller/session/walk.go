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
	// again: a record may have been missed. The walk begins anew, and what was
	// kept of the way before is void.
	again
	// complete: no record that was there from the first page to the last was missed.
	complete
	// incomplete: a record may have been missed on the second way too.
	incomplete
)

// walk is a way through a list, from the first page to the last. Each page
// begins with the last record of the one before: where it does not, a record
// before it was deleted, all others moved under the offset, and one of them
// would be skipped.
//
// In a list in the order of its ids, where what is new comes last, the walk then
// steps back to a page that begins with what was seen, and goes on from there.
// In any other list, and where that does not help, it begins anew, once.
//
// A trusting walk goes by the totals instead, where there are any: it does not
// notice that one record comes while another one goes.
//
// Records whose id cannot be read count, and are visited where they are met.
type walk[T any] struct {
	id      func(T) string // "": unknown
	ordered bool
	trusts  bool
	second  bool

	seen     idSet
	nameless int    // records without an id, by their places
	at       int    // where the next page begins
	read     int    // records up to the end of the latest page
	last     string // the last id of it; "": it has none
	back     int    // how far the walk has stepped back since a page fitted
	backs    int    // how often it has
	overlap  int    // how many records the next page is to have of the latest one
	moved    bool
	total    int // as the latest page said; -1: none did
}

func newWalk[T any](id func(T) string) *walk[T] {
	return &walk[T]{id: id, seen: idSet{}, overlap: 1, total: -1}
}

// skip is where the next page begins.
func (w *walk[T]) skip() int { return w.at }

// take notes the page that begins at skip, and calls visit for each record
// that is new to this way.
func (w *walk[T]) take(page *jumpcloud.Page[T], visit func(*T)) progress {
	fits := w.fits(page)
	switch {
	case w.ordered && !w.ascends(page):
		return w.anew()
	case w.ordered && !fits:
		return w.stepBack()
	case !fits || w.trusts && w.total >= 0 && page.Total != w.total:
		w.moved = true
	}
	steppedBack, visited := w.back > 0, w.visit(page, visit)
	ended := page.Last() || !steppedBack && !visited
	if !steppedBack {
		w.overlap = max(w.overlap/2, 1)
	}
	w.back, w.total = 0, page.Total
	switch {
	case !ended && steppedBack && !visited:
		return w.anew() // It would meet the same page again.
	case !ended:
		return underWay
	case w.consistent():
		return complete
	case w.second:
		return incomplete
	default:
		return w.anew()
	}
}

// stepBack goes to an earlier page, at first to the one before, and has the
// pages that follow overlap further, for records that go one after another. A
// list from which more go than are read is given up.
func (w *walk[T]) stepBack() progress {
	w.backs++
	if w.backs > mostBacks+w.read/pageSize {
		return incomplete
	}
	w.back = max(2*w.back, pageSize-1)
	w.at = max(w.at-w.back, 0)
	w.overlap = min(8*w.overlap, pageSize/2)
	return underWay
}

// mostBacks is how often a walk steps back through a list of few pages.
const mostBacks = 20

// fits reports whether nothing can have been skipped before the page.
func (w *walk[T]) fits(page *jumpcloud.Page[T]) bool {
	if w.at == 0 || w.at >= w.read || w.last == "" {
		return true // It is the first one, or meant not to overlap.
	}
	for _, item := range page.Items {
		if id := w.id(item); id != "" {
			return id == w.last || w.ordered && id < w.last
		}
	}
	return false
}

// ascends reports whether the page is in the order of the ids.
func (w *walk[T]) ascends(page *jumpcloud.Page[T]) bool {
	last := ""
	for _, item := range page.Items {
		id := w.id(item)
		if id != "" && id <= last {
			return false
		}
		last = max(last, id)
	}
	return true
}

// visit calls visit for what is new, and finds out where the next page begins:
// with the last record that has an id.
func (w *walk[T]) visit(page *jumpcloud.Page[T], visit func(*T)) (visited bool) {
	read, last := w.at+len(page.Items), -1
	for i := range page.Items {
		id := w.id(page.Items[i])
		var isNew bool
		if id != "" {
			isNew, last = w.seen.add(id), i
		} else if isNew = w.at+i >= w.read; isNew {
			w.nameless++
		}
		if isNew {
			visited = true
			visit(&page.Items[i])
		}
	}
	switch {
	case w.trusts && page.Total >= 0:
		w.at = read
	case last < 0:
		w.at, w.last = read, ""
	default:
		w.at, w.last = max(w.at+last+1-w.overlap, 0), w.id(page.Items[last])
	}
	w.read = read
	return visited
}

// anew begins the way anew, by the rules of any list.
func (w *walk[T]) anew() progress {
	*w = walk[T]{id: w.id, seen: idSet{}, overlap: 1, total: -1, trusts: w.trusts, second: true}
	return again
}

// consistent reports whether no record can have been missed. One that is
// created while the list is read adds to the total, and comes last or moves the
// others. Of an ordered list also those are counted who were deleted after they
// were seen. Without a total, that nothing moved is all there is to go by.
func (w *walk[T]) consistent() bool {
	counted := len(w.seen) + w.nameless
	if w.ordered {
		return w.total < 0 || counted >= w.total
	}
	return !w.moved && (w.total < 0 || counted == w.total)
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
