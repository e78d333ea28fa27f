package oneshot

import (
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
// nothing else. The last one shows what the job did. Defaults are not compared
// again: of them nothing is to be remembered.
func (p proving[T]) learn(f *finding, entries []*ledger.Entry, last bool) map[int][]v1alpha1.KeptValue {
	shown := byRow(f.decisions)
	learned := map[int][]v1alpha1.KeptValue{}
	for _, entry := range entries {
		d := shown[entry.Row]
		switch {
		case d == nil || d.Deferred:
		case d.Action == plan.Update:
			if kept := plan.LearnKept(p.salt(), p.sent(entry, d), d.Changes, last); len(kept) > 0 {
				learned[entry.Row] = kept
			}
		case d.Action == plan.Unchanged && f.seen[entry.Row].respelled:
			learned[entry.Row] = nil
		}
	}
	return learned
}

// sent are the changes that were made by sending a row, as far as this process knows:
// before the first create there was nothing.
func (p proving[T]) sent(entry *ledger.Entry, d *plan.Decision) []plan.Change {
	if entry.Action != ledger.ActionCreate || p.sends(entry) > 1 {
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

// knows reports whether anything was learned of a row.
func knows(learned map[int][]v1alpha1.KeptValue, row int) bool {
	_, known := learned[row]
	return known
}
