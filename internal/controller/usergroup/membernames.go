package usergroup

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// holding says why a member who is not declared is not removed yet.
type holding int

const (
	notHeld holding = iota
	// heldAsRenamed: the member was declared by a name that no user has now, or
	// it is not known whether it was.
	heldAsRenamed
	// heldAsReplaced: the member was declared by a name that another user has now.
	heldAsReplaced
)

// memberNames is what is remembered of who is in a group: by which names they
// were declared. A process takes that over from the one before by the status. A member whose name changes at JumpCloud is still
// declared, under a name that no user has any more, and must not be taken for
// a leaver. The zero value remembers no one.
type memberNames struct {
	// declaredAs is the reference that named a user when it last named anybody.
	declaredAs map[string]v1alpha1.UserReference
	// replacedAt is when a user's reference was first seen to name another user.
	replacedAt map[string]time.Time
	// missing are the references that name no user now.
	missing map[v1alpha1.UserReference]bool
	// absent are entries of the status about references that name no user now, and
	// whose users are no members.
	absent map[v1alpha1.UserReference]entry
	// suspects were members, and not declared, when this process first looked at a
	// group whose status does not tell all names; doubts are the references that named
	// nobody then, and still do. Each of the suspects may be one of them.
	suspects map[string]bool
	doubts   map[v1alpha1.UserReference]bool
}

// meet records who is declared, and who is a member. before is what an
// earlier process noted of the members; nil: none looked after them.
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

// remember takes over what the process before knew, and reports whether that is
// all that there was to know.
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

// findAbsent looks for those whose names belong to no one among the members.
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

// known is what the next process is to remember: who is declared, and who is a
// member by a name that is not theirs any more. An id never becomes another one.
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

// suspect records that it is unknown whether those who are missing are
// members under other names.
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

// recall brings up to date by which names users were declared.
func (a *memberNames) recall(r *roster, now time.Time) {
	for id, reference := range a.declaredAs {
		who, found := r.byReference[reference]
		switch {
		case r.byID[id] || !found && !a.missing[reference]: // declared, or not any more
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

// holds says why a member who is not declared is not removed yet. One whose
// name another user has now is not removed for so long: long enough for people
// to read about it.
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

// strangers names the references that have never named anybody, as far as this
// process and the ones before know; "" where there are none. Where the next
// process finds exactly these missing, none of them is a member who was renamed.
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
