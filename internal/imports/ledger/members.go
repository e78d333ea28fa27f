package ledger

import "slices"

// The name suffixes of the ConfigMaps that hold an import's members.
const (
	ImportMembersSuffix  = "-import-members"
	WorkdayMembersSuffix = "-workday-members"
)

// membersKey takes the place of a run's key: members outlive runs.
const membersKey = "members"

// MembersDigest is the digest of the members of an import. A status that holds it anchors the
// ConfigMaps that hold them.
func MembersDigest(ids []string) string {
	return "sha256:" + hash(64, append([]string{membersKey}, ids...)...)
}

// MembersOf returns the members of an import that a ledger holds, by id. It returns none if
// the ledger is nil, belongs to a run, or holds other members than the status of the import
// anchors: as they were last written, or as they are about to be.
//
// A member may be suspended for being absent from a source, so write access to ConfigMaps must
// not be enough to make a user a member.
func MembersOf(l *Ledger, anchors ...string) []string {
	if l == nil || l.RunKey != membersKey {
		return nil
	}
	ids := make([]string, len(l.Entries))
	for i := range l.Entries {
		ids[i] = l.Entries[i].UserID
	}
	if !slices.Contains(anchors, MembersDigest(ids)) {
		return nil
	}
	return ids
}

// WithMembers returns the ledger of these members, by id, that replaces l once it is written;
// l may be nil. Equal members make an equal ledger, which Write does not write again.
func (l *Ledger) WithMembers(ids []string) *Ledger {
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i] = Entry{Row: i + 1, UserID: id}
	}
	next := l.Successor(membersKey, 0, entries)
	next.Finished = true
	return next
}
