package oneshot

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// selectNew returns the rows whose users are new to the directory, numbered and
// validated, and leaves the decisions about these.
func (r *run[T]) selectNew(ctx context.Context, f *finding) (*rows.Set, error) {
	all := r.m.set
	chosen := &rows.Set{Sources: all.Sources, Versions: all.Versions}
	var places []int // of the rows in all
	for i := range all.Rows {
		if f.matcher.Known(i) {
			continue
		}
		row := all.Rows[i]
		row.Number, row.Problems = len(places)+1, slices.Clip(row.Problems)
		chosen.Rows, places = append(chosen.Rows, row), append(places, i)
	}
	if err := r.validate(ctx, chosen.Rows); err != nil {
		return nil, err
	}
	for j, i := range places {
		if len(chosen.Rows[j].Problems) > 0 {
			f.matcher.Exclude(i)
		}
	}
	f.decisions = nil
	if len(places) == 0 {
		return chosen, nil
	}
	decisions := f.matcher.Decide()
	f.decisions = make([]plan.Decision, len(places))
	for j, i := range places {
		f.decisions[j] = decisions[i]
		f.decisions[j].Row = &chosen.Rows[j]
	}
	return chosen, nil
}

// recall returns the rows of an open run among those that were read anew after
// a restart: there may be others by now, in another order. The ledger knows its
// rows by username and email. One that is gone and was not sent is left out;
// one that has come is for the next run.
func (r *run[T]) recall(ctx context.Context, set *rows.Set) (*rows.Set, error) {
	type name struct{ username, email string }
	places := map[name]int{}
	for i := range set.Rows {
		places[name{set.Rows[i].Username(), set.Rows[i].Email()}] = i
	}
	recalled := &rows.Set{Sources: set.Sources, Versions: set.Versions}
	for _, entry := range r.m.entries(pending) {
		if i, ok := places[name{entry.Username, entry.Email}]; ok {
			row := set.Rows[i]
			row.Number = entry.Row
			recalled.Rows = append(recalled.Rows, row)
		}
	}
	if err := r.validate(ctx, recalled.Rows); err != nil {
		return nil, err
	}
	recalled.Rows = slices.DeleteFunc(recalled.Rows, func(row rows.Row) bool { return len(row.Problems) > 0 })
	present := map[int]bool{}
	for i := range recalled.Rows {
		present[recalled.Rows[i].Number] = true
	}
	gone := r.m.entries(func(entry *ledger.Entry) bool {
		return pending(entry) && r.sends(entry) == 0 && !present[entry.Row]
	})
	if len(gone) == 0 {
		return recalled, nil
	}
	for _, entry := range gone {
		settle(entry, ledger.OutcomeSkipped, "", "the source does not have the row any more, or not as one that can be sent")
	}
	// A row that leaves its job must not be taken for sent after another restart.
	return recalled, r.record(ctx, false)
}

func (r *run[T]) validate(ctx context.Context, all []rows.Row) error {
	return rows.Validate(ctx, all, rows.Options{Operation: r.settings.Operation, MatchBy: r.settings.MatchBy})
}
