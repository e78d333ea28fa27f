package membership

// holding says why an undeclared member is not removed yet. Of several reasons, the greatest
// counts.
type holding int

const (
	notHeld holding = iota
	// heldAsReplaced: the member was declared by a name that another user has now.
	heldAsReplaced
	// heldAsRenamed: the member was, or may have been, declared by a name that no user has
	// now.
	heldAsRenamed
)

// held returns which members are not removed yet if they are not declared, by their ids.
func (n *Names) held(l *Look) map[string]holding {
	held := map[string]holding{}
	for id := range n.suspects {
		held[id] = heldAsRenamed
	}
	for known, since := range n.declaredAs {
		switch {
		case n.missing.Has(known.reference):
			held[known.id] = heldAsRenamed
		case !since.IsZero() && l.Now.Sub(since) < l.Grace:
			held[known.id] = max(held[known.id], heldAsReplaced)
		}
	}
	return held
}
