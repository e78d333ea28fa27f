package directory

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"

// progress says how far a cursor has come.
type progress int

const (
	// underWay: there are more pages.
	underWay progress = iota
	// again: a record may have been missed. The cursor is at the beginning again,
	// and what was visited before is void.
	again
	// complete: no record that was there from the first page to the last was missed.
	complete
	// incomplete: a record may have been missed the second time, too.
	incomplete
)

// cursor goes through a list from the first page to the last. Each page
// begins with the last record of the one before: where it does not, a record
// before it was deleted, all others moved under the offset, and one of them
// would be skipped.
//
// In a list in the order of its ids, where what is new comes last, the cursor
// then steps back to a page that begins with what was seen, and goes on from
// there. In any other list, and where that does not help, it starts over, once.
//
// A cursor that trusts totals goes by them instead, where there are any: it does
// not notice that one record comes while another one goes.
//
// Records whose id cannot be read count, and are visited where they are met.
type cursor[T any] struct {
	id      func(T) string // "": unknown
	ordered bool
	trusts  bool
	second  bool // time through the list

	seen     idSet
	nameless int    // records without an id, by their places
	at       int    // where the next page begins
	read     int    // records up to the end of the latest page
	last     string // the last id of it; "": it has none
	back     int    // how far the cursor has stepped back since a page fitted
	backs    int    // how often it has
	overlap  int    // how many records the next page is to have of the latest one
	moved    bool
	total    int // as the latest page said; -1: none did
}

func newCursor[T any](id func(T) string) *cursor[T] {
	return &cursor[T]{id: id, seen: idSet{}, overlap: 1, total: -1}
}

// skip is where the next page begins.
func (c *cursor[T]) skip() int { return c.at }

// take takes the page that begins at skip, and calls visit for each record
// that is new to this way.
func (c *cursor[T]) take(page *jumpcloud.Page[T], visit func(*T)) progress {
	fits := c.fits(page)
	switch {
	case c.ordered && !c.ascends(page):
		return c.startOver()
	case c.ordered && !fits:
		return c.stepBack()
	case !fits || c.trusts && c.total >= 0 && page.Total != c.total:
		c.moved = true
	}
	steppedBack, visited := c.back > 0, c.visit(page, visit)
	ended := page.Last() || !steppedBack && !visited
	if !steppedBack {
		c.overlap = max(c.overlap/2, 1)
	}
	c.back, c.total = 0, page.Total
	switch {
	case !ended && steppedBack && !visited:
		return c.startOver() // It would meet the same page again.
	case !ended:
		return underWay
	case c.consistent():
		return complete
	case c.second:
		return incomplete
	default:
		return c.startOver()
	}
}

// stepBack goes to an earlier page, at first to the one before, and has the
// pages that follow overlap further, for records that go one after another. It
// gives up on a list from which more records go than are read.
func (c *cursor[T]) stepBack() progress {
	c.backs++
	if c.backs > mostBacks+c.read/pageSize {
		return incomplete
	}
	c.back = max(2*c.back, pageSize-1)
	c.at = max(c.at-c.back, 0)
	c.overlap = min(8*c.overlap, pageSize/2)
	return underWay
}

// mostBacks is how often a cursor steps back through a list of few pages.
const mostBacks = 20

// startOver goes back to the beginning, by the rules of any list.
func (c *cursor[T]) startOver() progress {
	*c = cursor[T]{id: c.id, seen: idSet{}, overlap: 1, total: -1, trusts: c.trusts, second: true}
	return again
}

// consistent reports whether no record can have been missed. One that is
// created while the list is read adds to the total, and comes last or moves the
// others. In an ordered list, records that were deleted after they were seen
// count, too. Without a total, all there is to go by is that nothing moved.
func (c *cursor[T]) consistent() bool {
	counted := len(c.seen) + c.nameless
	if c.ordered {
		return c.total < 0 || counted >= c.total
	}
	return !c.moved && (c.total < 0 || counted == c.total)
}
