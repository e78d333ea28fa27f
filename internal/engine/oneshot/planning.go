package oneshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Times after which a pass is made again.
const (
	soon         = 50 * time.Millisecond
	firstPoll    = time.Second
	leavingDelay = 10 * time.Second
)

// consider looks whether a run is due, and plans it. Where none is, the next
// look is in time for the next one.
func (r *run[T]) consider(ctx context.Context) lifecycle.Outcome {
	outcome := r.look(ctx)
	if next := r.m.source.Next; !next.IsZero() {
		outcome = outcome.Within(next.Sub(r.pass.Now))
	}
	return outcome
}

func (r *run[T]) look(ctx context.Context) lifecycle.Outcome {
	if err := r.load(ctx); err != nil {
		return r.failed(err)
	}
	ran := r.ran()
	if ran && !r.pass.Requested {
		r.memories.forget(r.object.GetUID())
		return conclusion(r.status)
	}
	if err := r.rows(ctx); err != nil {
		return r.failed(err)
	}
	candidates := r.m.set
	if outcome, ok := r.admit(candidates); !ok && !r.settings.OnlyNew {
		return outcome
	}
	if err := r.announce(ctx, ran); err != nil {
		return lifecycle.Failed(err)
	}
	f, err := r.observe(ctx, question{purpose: "plan", rows: r.plannable()})
	if err != nil {
		return r.failed(err)
	}
	if r.settings.OnlyNew {
		chosen, err := r.selectNew(ctx, f)
		if err != nil {
			return r.failed(err)
		}
		r.m.set = chosen
		if outcome, ok := r.admit(r.m.set); !ok {
			return outcome
		}
	}
	if err := r.newLedger(ctx); err != nil {
		r.m.set = candidates
		return r.failed(err)
	}
	return r.wave(ctx, f)
}

// plannable are the rows of the source that are to be compared with the
// directory. Those that are to be left out may be invalid.
func (r *run[T]) plannable() []*rows.Row {
	all := make([]*rows.Row, 0, len(r.m.set.Rows))
	for i := range r.m.set.Rows {
		if row := &r.m.set.Rows[i]; r.settings.OnlyNew || len(row.Problems) == 0 {
			all = append(all, row)
		}
	}
	return all
}

// ran reports whether the rows were run to the end already.
func (r *run[T]) ran() bool { return r.status.RunKey == r.m.key && r.ended() }

// ended reports whether the last run came to its end.
func (r *run[T]) ended() bool {
	return r.status.RunKey != "" && r.status.CompletionTime != nil && (r.status.Summary == nil || r.status.Summary.Pending == 0)
}

// load finds out where the rows come from now. Those of another key are dropped.
func (r *run[T]) load(ctx context.Context) error {
	open := isOpen(r.status)
	source, err := r.Kind.Load(ctx, r.pass, open)
	if err != nil {
		return err
	}
	if source.Waits && !source.Due && !open && r.ended() && !r.pass.Requested {
		source.Key = r.status.RunKey
	}
	if r.m.key == source.Key && r.m.source.Read != nil {
		source.Read = r.m.source.Read // it may have begun
	} else {
		r.m.dropSurvey()
		r.m.set, r.m.decisions = nil, nil
	}
	r.m.key, r.m.source = source.Key, source
	if !source.Due || open {
		return nil
	}
	// Written down before anything else is done for it: however long the reading
	// takes, and whatever ends it, the run has begun in time.
	r.reset(nil)
	return r.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason, "A time of the schedule has come: the rows are read.", 0))
}

// rows makes the rows of the source known.
func (r *run[T]) rows(ctx context.Context) error {
	if r.m.set != nil {
		return nil
	}
	if r.m.source.Hold != nil {
		return r.m.source.Hold
	}
	set, err := r.m.source.Read(ctx, r.pass.Session)
	if err != nil {
		return err
	}
	if r.settings.OnlyNew && isOpen(r.status) {
		if set, err = r.recall(ctx, set); err != nil {
			return err
		}
	}
	r.m.set = set
	return nil
}

// reload makes the rows of an open run known, and reports whether they are still
// its own: the sources may have changed, or be gone. An error that passes says
// nothing of the kind.
func (r *run[T]) reload(ctx context.Context) (current bool, err error) {
	err = r.load(ctx)
	if _, told := sourceOutcome(err); told {
		return false, nil
	}
	if err != nil || r.m.key != r.status.RunKey {
		return false, err
	}
	err = r.rows(ctx)
	return err == nil, err
}

// sourceOutcome is what an error says of the sources or the spec; none if it
// says nothing of them.
func sourceOutcome(err error) (outcome lifecycle.Outcome, told bool) {
	if spec, ok := errors.AsType[*SpecError](err); ok {
		return lifecycle.Stalled(v1alpha1.InvalidSpecReason, spec.Message+". Nothing was sent."), true
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

// admit reports whether the rows that were loaded are any, and valid enough to
// make a run. Rows that are not take the place of the run before: when they
// are as they were again, they are compared with the directory anew.
func (r *run[T]) admit(set *rows.Set) (lifecycle.Outcome, bool) {
	entries := entriesOf(set)
	if len(entries) == 0 && !r.settings.OnlyNew && r.object.GetAnnotations()[v1alpha1.AllowEmptyAnnotation] != "true" {
		return lifecycle.Stalled(v1alpha1.InvalidRowsReason, "There are no rows: fill spec.users or the sources of spec.usersFrom, or set the annotation "+
			v1alpha1.AllowEmptyAnnotation+`="true" if that is meant.`), false
	}
	invalid := 0
	for i := range entries {
		if entries[i].Outcome == ledger.OutcomeFailed {
			invalid++
		}
	}
	if invalid == 0 || r.settings.OnInvalidRow == v1alpha1.OnInvalidRowSkip {
		return lifecycle.Outcome{}, true
	}
	r.renew(set)
	r.status.Summary = &v1alpha1.RunSummary{Total: count32(len(entries)), Failed: count32(invalid), Pending: count32(len(entries) - invalid)}
	r.status.Failures = r.failures(entries)
	r.memories.forget(r.object.GetUID())
	return lifecycle.Stalled(v1alpha1.InvalidRowsReason, invalidText(invalid, len(entries), r.status.Failures[0].Message)), false
}

// announce tells that a new key is being planned, before the reading that may
// take long. A key that was announced before is not written again.
func (r *run[T]) announce(ctx context.Context, ran bool) error {
	if ran || r.status.RunKey == r.m.key && r.status.StartTime == nil {
		return nil
	}
	r.renew(r.m.set)
	if !r.settings.OnlyNew {
		r.status.Summary = &v1alpha1.RunSummary{Total: count32(len(r.m.set.Rows)), Pending: count32(len(r.m.set.Rows))}
	}
	return r.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason,
		fmt.Sprintf("Comparing %d rows with the directory.", len(r.m.set.Rows)), 0))
}

// renew makes the status one of the present key, of which nothing is known yet
// but where its rows come from. What was approved and used stays so.
func (r *run[T]) renew(set *rows.Set) {
	done := ""
	if r.status.Plan != nil {
		done = r.status.Plan.DoneHash
	}
	r.reset(set.Sources)
	if done != "" {
		r.status.Plan = &v1alpha1.PlanStatus{Grant: v1alpha1.Grant{DoneHash: done}}
	}
}

// reset drops from the status all that it says of a run, but for what outlives one.
func (r *run[T]) reset(sources []v1alpha1.SourceStatus) {
	before := *r.status
	*r.status = v1alpha1.RunStatus{
		RunKey: r.m.key, RunNumber: before.RunNumber, Results: before.Results, Sources: sources, Harmed: before.Harmed,
	}
}

// observe surveys the directory. A survey that rate limits cut off goes on in a
// later pass with the same purpose; one that was begun for something else is of
// no use.
func (r *run[T]) observe(ctx context.Context, q question) (*finding, error) {
	if r.m.survey != nil && r.m.survey.purpose != q.purpose {
		r.m.dropSurvey()
	}
	if r.m.survey == nil {
		if len(q.rows) == 0 && len(q.sent) == 0 {
			// There is nobody to look for: no keys would mean everybody.
			return &finding{Result: directory.Result{Began: time.Now(), Ended: time.Now(), Complete: true}}, nil
		}
		r.m.survey = begin(r.pass.Session.Users, r.options(), q)
	}
	f, err := r.m.survey.advance(ctx)
	if err != nil {
		return nil, err
	}
	r.m.survey = nil
	if !f.Complete {
		return nil, directory.ErrIncomplete
	}
	if f.unknown {
		return nil, directory.ErrUnreadable
	}
	return f, nil
}

// options are what this object's rows are planned with.
func (r *run[T]) options() plan.Options {
	return plan.Options{
		Operation: r.settings.Operation, MatchBy: r.settings.MatchBy, StateOnUpdate: r.settings.StateOnUpdate,
		OnlyNew: r.settings.OnlyNew, Defaults: r.settings.Defaults, Protected: r.pass.Session.Spec.ProtectedUsers,
		Foreign:      r.pass.Session.Organization.Namespace != r.object.GetNamespace(),
		NoPrivileges: r.pass.PrivilegeRefusal(),
		Created:      r.created(),
		Salt:         r.salt(),
	}
}

// created are the rows of the open run whose users it has created.
func (r *run[T]) created() map[int]bool {
	if r.m.ledger == nil || !isOpen(r.status) {
		return nil
	}
	created := map[int]bool{}
	for _, entry := range r.m.entries(pending) {
		created[entry.Row] = entry.Action == ledger.ActionCreate && r.sends(entry) > 0
	}
	return created
}

// newLedger starts the ledger of the run that is being planned. It replaces
// what is stored, once it is written.
func (r *run[T]) newLedger(ctx context.Context) error {
	stored, err := r.Ledger.Read(ctx, r.owner())
	if err != nil {
		return err
	}
	// A process that was frozen may have read the ledger of a run that another one
	// made meanwhile, and would put an empty one in its place.
	if err := r.pass.EnsureCurrent(ctx); err != nil {
		return err
	}
	r.m.lost = nil
	r.m.ledger = stored.Successor(r.m.key, r.status.RunNumber+1, entriesOf(r.m.set))
	return nil
}

// entriesOf starts one entry a row. Invalid rows have their outcome at once.
func entriesOf(set *rows.Set) []ledger.Entry {
	entries := make([]ledger.Entry, len(set.Rows))
	for i := range set.Rows {
		row := &set.Rows[i]
		entries[i] = ledger.Entry{Row: row.Number, Username: row.Username(), Email: row.Email()}
		if len(row.Problems) > 0 {
			entries[i].Username, entries[i].Email = rows.Brief(row.Username()), rows.Brief(row.Email())
			entries[i].Action = ledger.ActionInvalid
			settle(&entries[i], ledger.OutcomeFailed, v1alpha1.RowInvalidReason, row.Complaint())
		}
	}
	return entries
}
