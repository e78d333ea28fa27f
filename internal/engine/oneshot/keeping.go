package oneshot

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// kept tells of each user what JumpCloud keeps in another form than the rows of this run,
// or of the one before.
func (r *run[T]) kept() func(userID string) []v1alpha1.KeptValue {
	known := maps.Clone(r.m.kept)
	if known == nil {
		known = map[string][]v1alpha1.KeptValue{}
	}
	if r.m.ledger != nil {
		for i := range r.m.ledger.Entries {
			if entry := &r.m.ledger.Entries[i]; entry.UserID != "" && len(entry.Kept) > 0 {
				known[entry.UserID] = entry.Kept
			}
		}
	}
	return func(userID string) []v1alpha1.KeptValue { return known[userID] }
}

// carryKept takes into a row's entry what of that still holds.
func (r *run[T]) carryKept(entry *ledger.Entry, d *plan.Decision) {
	known := entry.Kept
	if known == nil {
		known = r.m.kept[d.UserID]
	}
	entry.Kept = d.StillKept(r.salt(), known)
}

// keeps reports whether JumpCloud is known to keep a value of that digest for the row's.
func keeps(entry *ledger.Entry, path, declared, has string) bool {
	return slices.Contains(entry.Kept, v1alpha1.KeptValue{Path: path, Declared: declared, Kept: has})
}

// learn returns what JumpCloud keeps of what a job sent, by row, where a reading differs in
// nothing else. Defaults are not compared again: of them nothing is to be remembered.
func (p proving[T]) learn(f *finding, entries []*ledger.Entry) map[int]plan.Learned {
	shown := byRow(f.decisions)
	all := map[int]plan.Learned{}
	for _, entry := range entries {
		d := shown[entry.Row]
		switch {
		case d == nil || d.Deferred:
		case d.Action == plan.Update:
			if learned, known := plan.LearnKept(p.salt(), p.sent(entry, d), d.Changes); known {
				all[entry.Row] = learned
			}
		case d.Action == plan.Unchanged && f.seen[entry.Row].respelled:
			all[entry.Row] = plan.Learned{Certain: true}
		}
	}
	return all
}

// sent are the changes that were made by sending a row, as far as this process knows:
// before a create there was nothing.
func (p proving[T]) sent(entry *ledger.Entry, d *plan.Decision) []plan.Change {
	if p.listed(entry.Job).Operation != v1alpha1.JobCreate {
		if before := p.m.decided.byRow[entry.Row]; before != nil {
			return before.Changes
		}
		return nil
	}
	all := slices.Clone(d.Changes)
	for i := range all {
		all[i].Old = ""
	}
	return all
}

// accept gives a row its outcome of which all that differs is what JumpCloud keeps.
func accept(entry *ledger.Entry, userID string, learned *plan.Learned) {
	entry.UserID, entry.Kept = cmp.Or(userID, entry.UserID), plan.MergeKept(entry.Kept, learned.Kept)
	succeed(entry)
}
