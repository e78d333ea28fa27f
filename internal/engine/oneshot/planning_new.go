package oneshot

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// wanted reports whether the run is about the i-th row: its user is new to the directory, or
// was created by an earlier run and lacks the manager. In the second case, an invalid row is
// left out, because the user exists.
func (p planning[T]) wanted(ctx context.Context, f *finding, i int) (bool, error) {
	if !f.matcher.Known(i) || !f.matcher.Completes(i) {
		return !f.matcher.Known(i), nil
	}
	row := []rows.Row{p.source().Rows[i]}
	row[0].Problems = slices.Clip(row[0].Problems)
	err := p.sources.validate(ctx, row)
	return len(row[0].Problems) == 0, err
}

// selectNew returns the rows that the run is about, numbered and validated, and keeps in f
// only the decisions about them.
func (p planning[T]) selectNew(ctx context.Context, f *finding) (*rows.Set, error) {
	all := p.source()
	chosen := &rows.Set{Sources: all.Sources, Versions: all.Versions}
	var places []int // indexes of the chosen rows in all
	for i := range all.Rows {
		wanted, err := p.wanted(ctx, f, i)
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		row := all.Rows[i]
		row.Number, row.Problems = len(places)+1, slices.Clip(row.Problems)
		chosen.Rows, places = append(chosen.Rows, row), append(places, i)
	}
	if err := p.sources.validate(ctx, chosen.Rows); err != nil {
		return nil, err
	}
	for j, i := range places {
		if len(chosen.Rows[j].Problems) > 0 || chosen.Rows[j].Superseded != "" {
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
