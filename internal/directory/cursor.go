package directory

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"

// progress says how far a cursor has come.
type progress int

const (
	// underWay: there are more pages.
	underWay progress = iota
	// again: a record may have been missed. The cursor is at the beginning again, and what was
	// visited before is void.
	again
	// complete: no record that existed from the first page to the last was missed.
	complete
	// incomplete: a record may have been missed the second time, too.
	incomplete
)

// cursor goes through a list from the first page to the last. Each page begins with the last
// record of the previous one: if it does not, an earlier record was deleted, all later ones
// moved below the offset, and one of them would be skipped.
//
// In a list that is ordered by id, where new records come last, the cursor then steps back to
// a page that begins with a record that was seen, and continues from there. In any other list,
// and if stepping back does not help, it starts over, once.
//
// A cursor that trusts totals relies on them instead, if there are any: it does not notice if
// one record is added while another one is deleted.
//
// Records whose id cannot be read are counted, and are visited where they are met.
type cursor[T any] struct {
	id      func(T) string // "": unknown
	ordered bool
	trusts  bool
	second  bool // second time through the list

	seen     idSet
	nameless int    // records without an id, by their places
	at       int    // where the next page begins
	read     int    // records up to the end of the latest page
	last     string // the last id of that page; "": it has none
	back     int    // how far the cursor has stepped back since the last page that fitted
	backs    int    // how often it has stepped back
	overlap  int    // how many records of the latest page the next one must repeat
	moved    bool
	total    int // according to the latest page; -1: none said
}

func newCursor[T any](id func(T) string) *cursor[T] {
	return &cursor[T]{id: id, seen: idSet{}, overlap: 1, total: -1}
}

// skip returns where the next page begins.
func (c *cursor[T]) skip() int { return c.at }

// take processes the page that begins at skip, and calls visit for each record that is new in
// this pass through the list.
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
		return c.startOver() // it would get the same page again
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

// stepBack goes to an earlier page, at first to the previous one, and makes the following
// pages overlap further, in case several records are deleted one after another. It gives up on
// a list from which more records are deleted than are read.
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

// mostBacks is how often a cursor steps back in a list with few pages.
const mostBacks = 20

// startOver goes back to the beginning, and treats the list as unordered.
func (c *cursor[T]) startOver() progress {
	*c = cursor[T]{id: c.id, seen: idSet{}, overlap: 1, total: -1, trusts: c.trusts, second: true}
	return again
}

// consistent reports whether no record can have been missed. A record that is created while
// the list is read increases the total, and comes last or moves the others. In an ordered
// list, records that were deleted after they were seen count, too. Without a total, the only
// evidence is that nothing moved.
func (c *cursor[T]) consistent() bool {
	counted := len(c.seen) + c.nameless
	if c.ordered {
		return c.total < 0 || counted >= c.total
	}
	return !c.moved && (c.total < 0 || counted == c.total)
}
