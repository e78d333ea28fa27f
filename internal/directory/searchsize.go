package directory

import "time"

// JumpCloud does not document how many conditions a search accepts. So the first search has
// few; more are tried after it is answered, and fewer after it is refused.
const (
	// firstSize is how many conditions the first search has.
	firstSize = 50
	// fullSize is the number of users that fit, with the known user, on a page that is not full
	// and is therefore the last: more conditions would save no requests.
	fullSize = pageSize - 2
	// leastSize is the smallest number that is worth a search.
	leastSize = 10
	// sizeAge is how long the refusal of a search as too large is remembered.
	sizeAge = time.Hour
)

// searchSize is how many conditions a search accepts, according to its answers. The zero value
// has seen none.
type searchSize struct {
	accepted int       // the most that were answered
	refused  int       // the fewest that were refused; 0: none were
	at       time.Time // of the latest refusal
}

// next returns how many conditions the next search may have.
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

// refuse records that a search was too large, and reports whether a smaller one is worth a
// try. The refusal of a small one says nothing about the size.
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

// requests returns how many searches this many conditions take, if larger searches are
// accepted where they have not been refused.
func (s *searchSize) requests(conditions int) int {
	first := s.next()
	if conditions <= first {
		return requestsFor(conditions, first)
	}
	grown := *s
	grown.accept(first)
	return 1 + requestsFor(conditions-first, grown.next())
}
