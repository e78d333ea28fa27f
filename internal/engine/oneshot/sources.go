package oneshot

import (
	"context"
	"errors"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// sources loads the rows of a run.
type sources[T Object] struct{ *run[T] }

// ran reports whether the rows were already run to the end.
func (s *sources[T]) ran() bool { return s.status.RunKey == s.m.key && s.ended() }

// ended reports whether the last run came to its end.
func (s *sources[T]) ended() bool {
	return s.status.RunKey != "" && s.status.CompletionTime != nil && (s.status.Summary == nil || s.status.Summary.Pending == 0)
}

// load finds out where the rows come from now. If the key has changed, it drops the rows of
// the previous one.
func (s *sources[T]) load(ctx context.Context) error {
	open := isOpen(s.status)
	source, err := s.Kind.Load(ctx, s.pass, open)
	if err != nil {
		return err
	}
	if source.Waits && !source.Due && !open && s.ended() && !s.pass.Requested {
		source.Key = s.status.RunKey
	}
	if s.m.key == source.Key && s.m.source.Read != nil {
		source.Read = s.m.source.Read // reading may have begun
	} else {
		s.m.dropReading()
		s.m.set, s.m.all, s.m.named, s.m.departures = nil, nil, nil, nil
		s.m.decided.drop()
	}
	s.m.key, s.m.source = source.Key, source
	if !source.Due || open {
		return nil
	}
	// Written before anything else is done for the run: however long the reading takes, and
	// whatever ends it, the run has begun in time.
	s.reset(nil)
	return s.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason, "A time of the schedule has come: the rows are read.", 0))
}

// rows loads the rows of the source.
func (s *sources[T]) rows(ctx context.Context) error {
	if isOpen(s.status) {
		s.m.all = nil
	}
	if s.m.set != nil {
		return nil
	}
	if s.m.source.Hold != nil {
		return s.m.source.Hold
	}
	set, err := s.m.source.Read(ctx, s.pass.Session)
	if err != nil {
		return err
	}
	if s.leavers.watched() {
		s.m.named = plan.NamedBy(set)
	}
	if s.settings.OnlyNew && isOpen(s.status) {
		if set, err = s.recall(ctx, set); err != nil {
			return err
		}
	}
	s.m.set = set
	return nil
}

// reload loads the rows of an open run, and reports whether they are still its own: the
// sources may have changed, or be gone. A temporary error does not say that they are.
func (s *sources[T]) reload(ctx context.Context) (current bool, err error) {
	err = s.load(ctx)
	if _, told := sourceOutcome(err); told {
		return false, nil
	}
	if err != nil || s.m.key != s.status.RunKey {
		return false, err
	}
	err = s.rows(ctx)
	return err == nil, err
}

// sourceOutcome returns what an error says about the sources or the spec, if anything.
func sourceOutcome(err error) (outcome lifecycle.Outcome, told bool) {
	if spec, ok := errors.AsType[*SpecError](err); ok {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, spec.Message+". Nothing was sent."), true
	}
	if encrypted, ok := errors.AsType[*rows.CipherTextError](err); ok {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, encrypted.Error()+". Nothing was sent."), true
	}
	if missing, ok := errors.AsType[*NotFoundError](err); ok {
		return lifecycle.Waiting(v1alpha1.SourceNotFoundReason, missing.Message+". The rows are read once it is there."), true
	}
	if missing, ok := errors.AsType[*rows.NotFoundError](err); ok {
		return lifecycle.Waiting(v1alpha1.SourceNotFoundReason, missing.Error()+". The rows are read once it is there."), true
	}
	if broken, ok := errors.AsType[*rows.SourceError](err); ok {
		return lifecycle.Stalled(v1alpha1.InvalidRowsReason, broken.Error()+". Nothing was sent."), true
	}
	return lifecycle.Outcome{}, false
}

// recall finds the rows of an open run among those that were read again after a restart: the
// rows may be different, and in another order. The ledger identifies its rows by username and
// email. A row that is gone and was not sent is left out; a new row is for the next run.
func (s *sources[T]) recall(ctx context.Context, set *rows.Set) (*rows.Set, error) {
	type name struct{ username, email string }
	places := map[name]int{}
	for i := range set.Rows {
		name := name{set.Rows[i].Username(), set.Rows[i].Email()}
		if _, listed := places[name]; !listed || s.settings.Duplicates != v1alpha1.DuplicatesFirst {
			places[name] = i
		}
	}
	recalled := &rows.Set{Sources: set.Sources, Versions: set.Versions}
	for _, entry := range s.m.entries(undecided) {
		if i, ok := places[name{entry.Username, entry.Email}]; ok {
			row := set.Rows[i]
			row.Number = entry.Row
			recalled.Rows = append(recalled.Rows, row)
		}
	}
	if err := s.validate(ctx, recalled.Rows); err != nil {
		return nil, err
	}
	recalled.Rows = slices.DeleteFunc(recalled.Rows, func(row rows.Row) bool { return len(row.Problems) > 0 })
	present := map[int]bool{}
	for i := range recalled.Rows {
		present[recalled.Rows[i].Number] = true
	}
	gone := s.m.entries(func(entry *ledger.Entry) bool {
		return undecided(entry) && s.sends(entry) == 0 && !present[entry.Row]
	})
	if len(gone) == 0 {
		return recalled, nil
	}
	for _, entry := range gone {
		settle(entry, ledger.OutcomeSkipped, "", "the source does not have the row any more, or not as one that can be sent")
	}
	// A row that leaves its job must not count as sent after another restart.
	return recalled, s.record(ctx, false)
}

func (s *sources[T]) validate(ctx context.Context, all []rows.Row) error {
	return rows.Validate(ctx, all, rows.Options{
		Operation: s.settings.Operation, MatchBy: s.settings.MatchBy, Duplicates: s.settings.Duplicates,
	})
}

// undecided selects entries of rows without an outcome.
func undecided(entry *ledger.Entry) bool { return pending(entry) && !departing(entry) }

// undecidedRows returns the rows of the run that have no outcome yet.
func (s *sources[T]) undecidedRows() []*rows.Row {
	open := map[int]bool{}
	for _, entry := range s.m.entries(pending) {
		open[entry.Row] = true
	}
	var all []*rows.Row
	for i := range s.m.set.Rows {
		if row := &s.m.set.Rows[i]; open[row.Number] {
			all = append(all, row)
		}
	}
	return all
}
