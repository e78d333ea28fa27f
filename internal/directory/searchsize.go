package directory

import "time"

// JumpCloud does not document how many conditions a search takes. So the first
// has a few; more are tried if it is answered, fewer if it is refused.
const (
	// firstSize is how many conditions the first search has.
	firstSize = 50
	// fullSize is as many users as fit, with the witness, on a page that is not full
	// and so is the last: more conditions would save no requests.
	fullSize = pageSize - 2
	// leastSize is the least that is worth a search.
	leastSize = 10
	// sizeAge is how long it is remembered that a search was too large.
	sizeAge = time.Hour
)

// searchSize is how many conditions a search takes, as its answers have shown.
// The zero value has seen none.
type searchSize struct {
	accepted int       // the most that were answered
	refused  int       // the fewest that were refused; 0: none were
	at       time.Time // of the latest refusal
}

// next is how many conditions the next search may have.
func (s *searchSize) next() int {
	if s.refused > 0 && time.Since(s.at) > sizeAge {
		*s = searchSize{}
	}
	switch {
	case s.refused > 0:
		return max(s.accepted, s.refused/2)
	case s.accepted > 0:
		return fullSize
	default:
		return firstSize
	}
}

func (s *searchSize) accept(conditions int) { s.accepted = max(s.accepted, conditions) }

// refuse notes that a search was too large, and reports whether a smaller one is
// worth a try. That a small one was refused says nothing of the size.
func (s *searchSize) refuse(conditions int) bool {
	if conditions/2 < leastSize {
		return false
	}
	s.refused, s.at = conditions, time.Now()
	if s.accepted >= conditions {
		s.accepted = 0
	}
	return true
}

// requests is how many searches so many conditions take, if more are answered
// where more may be.
func (s *searchSize) requests(conditions int) int {
	first := s.next()
	if conditions <= first {
		return requestsFor(conditions, first)
	}
	grown := *s
	grown.accept(first)
	return 1 + requestsFor(conditions-first, grown.next())
}
