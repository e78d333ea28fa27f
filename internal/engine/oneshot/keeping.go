package oneshot

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// kept returns a function that returns, for a user, the values that JumpCloud keeps in another
// form than the rows of this run or of the run before it.
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

// carryKept copies those of these values that still apply into a row's entry.
func (r *run[T]) carryKept(entry *ledger.Entry, d *plan.Decision) {
	known := entry.Kept
	if known == nil {
		known = r.m.kept[d.UserID]
	}
	entry.Kept = d.StillKept(r.salt(), known)
}

// keeps reports whether JumpCloud is known to keep a value with the digest has in place of the
// row's.
func keeps(entry *ledger.Entry, path, declared, has string) bool {
	return slices.Contains(entry.Kept, v1alpha1.KeptValue{Path: path, Declared: declared, Kept: has})
}

// learn returns, by row, the values that JumpCloud keeps in another form than a job sent them,
// for rows where a reading differs in nothing else. It does not compare defaults again, as
// nothing is remembered about them.
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

// sent returns the changes that sending a row made, as far as this process knows. Before a
// create there was nothing, so all old values are empty.
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

// accept gives an outcome to a row that differs only in the form in which JumpCloud keeps its
// values.
func accept(entry *ledger.Entry, userID string, learned *plan.Learned) {
	entry.UserID, entry.Kept = cmp.Or(userID, entry.UserID), plan.MergeKept(entry.Kept, learned.Kept)
	succeed(entry)
}
