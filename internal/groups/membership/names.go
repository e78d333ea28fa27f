package membership

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// naming is a user, and a username or email that names or named the user.
type naming struct {
	id        string
	reference v1alpha1.UserReference
}

// Names remembers by which names the members of a group were declared. A new process restores
// it from the status. A member whose name changes at JumpCloud is still declared, by a name
// that no user has any more, and must not be taken for a leaver. The zero value remembers no
// one.
type Names struct {
	// declaredAs has every name by which a user was declared and that the spec still has, and
	// when it was first seen to name another user; zero: it does not.
	declaredAs map[naming]time.Time
	// missing are the references that name no user now.
	missing sets.Set[v1alpha1.UserReference]
	// absent are the entries of the status whose references name no user now and whose users
	// are not members.
	absent map[v1alpha1.UserReference]entry
	// suspects were undeclared members when this process first looked at a group whose status
	// does not remember all names; doubts are the references that named nobody then and still
	// do. Each suspect may be the user of one of the doubts.
	suspects sets.Set[string]
	doubts   sets.Set[v1alpha1.UserReference]
}

// meet records who is declared and who is a member.
func (n *Names) meet(l *Look) {
	n.missing = sets.New[v1alpha1.UserReference]()
	for _, reference := range l.Roster.Missing {
		if reference.ID == "" { // an id never becomes another one
			n.missing.Insert(reference)
		}
	}
	if n.declaredAs == nil {
		n.declaredAs = map[naming]time.Time{}
		if before := l.Before; before != nil && !n.remember(l, before.Known) && len(n.missing) > 0 && n.strangers() != before.NeverFound {
			n.suspects, n.doubts = sets.New(l.Live...).Difference(l.Roster.ids), n.missing.Clone()
		}
	}
	n.findAbsent(l.Live)
	n.recall(l)
	n.doubts = n.doubts.Intersection(n.missing)
	if len(n.doubts) == 0 {
		n.suspects = nil
	}
}

// remember restores what an earlier process recorded, and reports whether that is complete.
func (n *Names) remember(l *Look, known string) bool {
	entries, whole := unpackKnown(known)
	references := map[digest]v1alpha1.UserReference{}
	for reference := range l.Roster.byReference {
		references[digestOf(reference)] = reference
	}
	for reference := range n.missing {
		references[digestOf(reference)] = reference
	}
	members := byDigest(l.Live)
	n.absent = map[v1alpha1.UserReference]entry{}
	for _, e := range entries {
		reference, declared := references[e.reference]
		if !declared {
			continue
		}
		if id, member := members[e.user]; member {
			n.declaredAs[naming{id, reference}] = time.Time{}
		} else if n.missing.Has(reference) {
			n.absent[reference] = e
		}
	}
	return whole
}

// findAbsent records absent users who have become members, and drops settled entries. Such a
// user is recorded even if the reference names another user meanwhile, as remember does:
// otherwise that member would be removed before people can read about it.
func (n *Names) findAbsent(live []string) {
	if len(n.absent) == 0 {
		return
	}
	members := byDigest(live)
	for reference, e := range n.absent {
		id, member := members[e.user]
		if member {
			n.declaredAs[naming{id, reference}] = time.Time{}
		}
		if member || !n.missing.Has(reference) {
			delete(n.absent, reference)
		}
	}
}

// recall updates the names by which users were declared. A name that is nobody's is kept even
// while another one declares its user: if the spec drops that one, the user is still declared.
func (n *Names) recall(l *Look) {
	for reference, id := range l.Roster.byReference {
		if reference.ID == "" { // an id never becomes another one
			n.declaredAs[naming{id, reference}] = time.Time{}
		}
	}
	for known, since := range n.declaredAs {
		who, found := l.Roster.byReference[known.reference]
		switch {
		case n.missing.Has(known.reference):
			n.declaredAs[known] = time.Time{}
		case !found, who != known.id && l.Roster.ids.Has(known.id): // the spec has dropped it, or has another name of the user
			delete(n.declaredAs, known)
		case who != known.id && since.IsZero():
			n.declaredAs[known] = l.Now
		}
	}
}

// strangers returns a digest of the references that have never named anybody, as far as this
// and earlier processes know; "" if there are none. If the next process finds exactly these
// missing, none of them is a renamed member.
func (n *Names) strangers() string {
	never := n.missing.Difference(n.doubts)
	for known := range n.declaredAs {
		never.Delete(known.reference)
	}
	for reference := range n.absent {
		never.Delete(reference)
	}
	if len(never) == 0 {
		return ""
	}
	var names []string
	for reference := range never {
		names = append(names, reference.String())
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:16])
}
