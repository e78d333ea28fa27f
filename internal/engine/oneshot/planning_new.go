package oneshot

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// selectNew returns the rows whose users are new to the directory, numbered and
// validated, and leaves the decisions about these.
func (p planning[T]) selectNew(ctx context.Context, f *finding) (*rows.Set, error) {
	all := p.m.set
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
