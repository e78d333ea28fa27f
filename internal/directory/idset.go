package directory

type idSet map[string]struct{}

// add adds the id, and reports whether it is new to the set.
func (s idSet) add(id string) bool {
	if _, ok := s[id]; ok {
		return false
	}
	s[id] = struct{}{}
	return true
}
