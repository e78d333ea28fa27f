package usergroup

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// holding says why an undeclared member is not removed yet.
type holding int

const (
	notHeld holding = iota
	// heldAsRenamed: the member was, or may have been, declared by a name that no user has
	// now.
	heldAsRenamed
	// heldAsReplaced: the member was declared by a name that another user has now.
	heldAsReplaced
)

// memberNames remembers by which names the members of a group were declared. A new process
// restores it from the status. A member whose name changes at JumpCloud is still declared, by
// a name that no user has any more, and must not be taken for a leaver. The zero value
// remembers no one.
type memberNames struct {
	// declaredAs is the reference that last named a user, by the user's id.
	declaredAs map[string]v1alpha1.UserReference
	// replacedAt is when a user's reference was first seen to name another user.
	replacedAt map[string]time.Time
	// missing are the references that name no user now.
	missing map[v1alpha1.UserReference]bool
	// absent are the entries of the status whose references name no user now and whose users
	// are not members.
	absent map[v1alpha1.UserReference]entry
	// suspects were undeclared members when this process first looked at a group whose status
	// does not remember all names; doubts are the references that named nobody then and still
	// do. Each suspect may be the user of one of the doubts.
	suspects map[string]bool
	doubts   map[v1alpha1.UserReference]bool
}

// meet records who is declared and who is a member. before is what an earlier process recorded
// about the members; nil: none managed them.
func (a *memberNames) meet(r *roster, live []string, before *v1alpha1.MembersStatus, now time.Time) {
	a.missing = map[v1alpha1.UserReference]bool{}
	for _, reference := range r.missing {
		if reference.ID == "" { // an id never becomes another one
			a.missing[reference] = true
		}
	}
	if a.declaredAs == nil {
		a.declaredAs, a.replacedAt = map[string]v1alpha1.UserReference{}, map[string]time.Time{}
		if before != nil && !a.remember(r, live, before.Known) && len(a.missing) > 0 && a.strangers() != before.NeverFound {
			a.suspect(r, live)
		}
	}
	a.findAbsent(live)
	a.recall(r, now)
	for reference := range a.doubts {
		if !a.missing[reference] {
			delete(a.doubts, reference)
		}
	}
	if len(a.doubts) == 0 {
		a.suspects = nil
	}
}

// remember restores what an earlier process recorded, and reports whether that is complete.
func (a *memberNames) remember(r *roster, live []string, known string) bool {
	entries, whole := unpackKnown(known)
	references := map[[knownBytes]byte]v1alpha1.UserReference{}
	for reference := range r.byReference {
		references[digestOf(reference)] = reference
	}
	for reference := range a.missing {
		references[digestOf(reference)] = reference
	}
	members := byDigest(live)
	a.absent = map[v1alpha1.UserReference]entry{}
	for _, e := range entries {
		reference, declared := references[e.reference]
		if !declared {
			continue
		}
		if id, member := members[e.user]; member {
			a.declaredAs[id] = reference
		} else if a.missing[reference] {
			a.absent[reference] = e
		}
	}
	return whole
}

// findAbsent records absent users who have become members, and drops settled entries.
func (a *memberNames) findAbsent(live []string) {
	if len(a.absent) == 0 {
		return
	}
	members := byDigest(live)
	for reference, e := range a.absent {
		id, member := members[e.user]
		if member && a.missing[reference] {
			a.declaredAs[id] = reference
		}
		if member || !a.missing[reference] {
			delete(a.absent, reference)
		}
	}
}

func byDigest(ids []string) map[[knownBytes]byte]string {
	digests := make(map[[knownBytes]byte]string, len(ids))
	for _, id := range ids {
		digests[digestOf(v1alpha1.UserReference{ID: id})] = id
	}
	return digests
}

// known encodes what the next process must remember: who is declared, and who is a member by a
// former name. Ids are left out, because an id never becomes another one.
func (a *memberNames) known(r *roster, live []string) string {
	var entries []entry
	members := make(map[string]bool, len(live))
	for _, id := range live {
		members[id] = true
	}
	for reference, id := range r.byReference {
		if reference.ID == "" {
			entries = append(entries, entryOf(reference, id))
		}
	}
	for id, reference := range a.declaredAs {
		if reference.ID == "" && (members[id] || a.missing[reference]) {
			entries = append(entries, entryOf(reference, id))
		}
	}
	for _, e := range a.absent {
		entries = append(entries, e)
	}
	return packKnown(entries)
}

// suspect records that each undeclared member may be one of the missing under another name.
func (a *memberNames) suspect(r *roster, live []string) {
	a.suspects, a.doubts = map[string]bool{}, map[v1alpha1.UserReference]bool{}
	for _, id := range live {
		if !r.byID[id] {
			a.suspects[id] = true
		}
	}
	for reference := range a.missing {
		a.doubts[reference] = true
	}
}

// recall updates the names by which users were declared.
func (a *memberNames) recall(r *roster, now time.Time) {
	for id, reference := range a.declaredAs {
		who, found := r.byReference[reference]
		switch {
		case r.byID[id] || !found && !a.missing[reference]: // declared by some name, or the spec has dropped the reference
			delete(a.declaredAs, id)
			delete(a.replacedAt, id)
		case !found:
			delete(a.replacedAt, id)
		case who != id && a.replacedAt[id].IsZero():
			a.replacedAt[id] = now
		}
	}
	for reference, id := range r.byReference {
		a.declaredAs[id] = reference
	}
}

// holds returns why an undeclared member is not removed yet. One whose name another user has
// now is kept for the duration long, so that people can read about it.
func (a *memberNames) holds(id string, now time.Time, long time.Duration) holding {
	reference, met := a.declaredAs[id]
	switch {
	case met && a.missing[reference] || a.suspects[id]:
		return heldAsRenamed
	case met && !a.replacedAt[id].IsZero() && now.Sub(a.replacedAt[id]) < long:
		return heldAsReplaced
	default:
		return notHeld
	}
}

// strangers returns a digest of the references that have never named anybody, as far as this
// and earlier processes know; "" if there are none. If the next process finds exactly these
// missing, none of them is a renamed member.
func (a *memberNames) strangers() string {
	met := map[v1alpha1.UserReference]bool{}
	for _, reference := range a.declaredAs {
		met[reference] = true
	}
	for reference := range a.absent {
		met[reference] = true
	}
	var names []string
	for reference := range a.missing {
		if !met[reference] && !a.doubts[reference] {
			names = append(names, reference.String())
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:16])
}
