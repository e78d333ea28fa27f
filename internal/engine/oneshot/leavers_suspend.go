package oneshot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// claimsFresh is how long the claims of other objects are valid for the next calls.
const claimsFresh = time.Second

// departing selects entries without an outcome of leavers who are to be suspended. From the
// plan on, they are sent like rows that suspend users.
func departing(entry *ledger.Entry) bool {
	return pending(entry) && entry.Action == ledger.ActionSuspendLeaver
}

// released reports whether a user who has left no longer concerns the import.
func released(entry *ledger.Entry) bool {
	return entry.Action == ledger.ActionSuspendLeaver &&
		(entry.Outcome == ledger.OutcomeUpdated || entry.Outcome == ledger.OutcomeUnchanged)
}

// kept says why nothing is sent for a leaver; "" if the leaver is to be suspended.
func (l *leavers[T]) kept(leaver *plan.Leaver) string {
	if l.settings.Leavers != v1alpha1.LeaversSuspend {
		return "spec.leavers is Report, so nothing is sent"
	}
	return leaver.Kept()
}

// suspensions returns a new plan's decisions about leavers, numbered after the given number of
// rows.
func (l *leavers[T]) suspensions(after int) []plan.Decision {
	if l.m.departures == nil {
		return nil
	}
	var all []plan.Decision
	for i := range l.m.departures.Leavers {
		if leaver := &l.m.departures.Leavers[i]; l.kept(leaver) == "" {
			all = append(all, leaver.Suspend(after+i+1))
		}
	}
	return all
}

// look observes what q asks for, and decides again about these leavers, whom an earlier plan
// was to suspend: they may have come back, or another object may name them.
func (l *leavers[T]) look(ctx context.Context, q question, entries []*ledger.Entry) (*finding, error) {
	if len(entries) > 0 {
		options, err := l.options(ctx)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			q.members = append(q.members, entry.UserID)
		}
		q.roster = &roster{Roster: plan.NewRoster(q.members, l.m.named, options)}
	}
	f, err := l.observe(ctx, q)
	if err != nil || f.roster == nil {
		return f, err
	}
	decisions, err := l.reconsider(ctx, f.roster, entries)
	f.decisions = append(f.decisions, decisions...)
	return f, err
}

// reconsider decides again about leavers for whom the directory was read.
func (l *leavers[T]) reconsider(ctx context.Context, r *roster, entries []*ledger.Entry) ([]plan.Decision, error) {
	all := make([]plan.Departing, len(entries))
	for i, entry := range entries {
		all[i] = plan.Departing{ID: entry.UserID, Number: entry.Row}
	}
	decisions, departures := r.Reconsider(all, plan.Claims{})
	if slices.ContainsFunc(decisions, func(d plan.Decision) bool { return d.Suspend }) {
		claims, err := l.claims(ctx)
		if err != nil {
			return nil, err
		}
		decisions, departures = r.Reconsider(all, claims)
	}
	if departures.Doubt != "" && l.status.Leavers != nil {
		doubt(l.status.Leavers, departures)
	}
	return decisions, nil
}

// reread looks again at those leavers of a job for whom no call was made yet. A reading of
// this same pass is new enough.
func (l *leavers[T]) reread(ctx context.Context, index int32) error {
	asked := l.m.job(index).asked
	entries := l.m.entries(func(entry *ledger.Entry) bool {
		return departing(entry) && entry.Job == index && !asked[entry.Row]
	})
	if len(entries) == 0 || l.m.decided.rereadFor(index, l.pass.Now, time.Time{}) {
		return nil
	}
	f, err := l.look(ctx, question{purpose: fmt.Sprintf("leavers of job %d", index)}, entries)
	if err != nil {
		return err
	}
	anew := make([]*rows.Row, len(f.decisions))
	for i := range f.decisions {
		anew[i] = f.decisions[i].Row
	}
	l.m.decided.retake(index, anew, f)
	return nil
}

// spare returns an error that ends the pass if another object names one of these leavers, or
// may name one: then all remaining leavers are looked at again. It is called right before an
// announcement and before each call, because both may wait for the limiter.
func (l *leavers[T]) spare(ctx context.Context, decisions ...*plan.Decision) error {
	for _, d := range decisions {
		if !d.Leaver {
			continue
		}
		if time.Since(l.m.claimedAt) >= claimsFresh {
			claims, err := l.claims(ctx)
			if err != nil {
				return err
			}
			l.m.claims, l.m.claimedAt = claims, time.Now()
		}
		if l.m.claims.Unknown != "" || l.m.claims.Names(d) {
			l.m.decided.drop()
			return lifecycle.Stop(lifecycle.Progressing(v1alpha1.ProgressingReason,
				"Another object names a user who was to be suspended for leaving, or may name one. The users who have left are looked at again.", soon))
		}
	}
	return nil
}

// dismiss gives the entry of a leaver who is no longer to be suspended its outcome.
func dismiss(entry *ledger.Entry, d *plan.Decision, sent bool) {
	outcome, message := ledger.OutcomeUnchanged, d.Message
	if d.Action == plan.Skip {
		outcome = ledger.OutcomeSkipped
	}
	switch {
	case message == "" && sent:
		succeed(entry)
		return
	case message == "":
		message = "the user was suspended after the plan was made"
	case sent:
		message = joined(message, "the suspension may have been sent before, so check the user in JumpCloud")
	}
	conclude(entry, outcome, message)
}
