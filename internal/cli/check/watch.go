package check

import (
	"context"
	"time"
)

// mostEmpty is the maximum number of polls in a row without records at one moment.
const mostEmpty = 4

// watched is a job of one row, observed from its start.
type watched struct {
	jobID string
	// effect reports that the row took effect, and effectAt when.
	effect   bool
	effectAt time.Duration
	// ended reports that the record became final, and finalAt when.
	ended   bool
	finalAt time.Duration
	// pending is the status before the effect, and final the one at the end.
	pending, final string
	// empty is the number of polls without records before the first one with a record.
	empty int
	// early reports that a record was seen before the effect; shown, that one was seen at all.
	early, shown bool

	candidate string // a status that may be final
	at        time.Duration
}

// watch starts the job on first use.
func (l *lab) watch(ctx context.Context) (*watched, error) {
	if l.seen.watched != nil {
		return l.seen.watched, nil
	}
	userID, err := l.subject(ctx)
	if err != nil {
		return nil, err
	}
	w := &watched{}
	if w.jobID, err = l.startUpdate(ctx, []object{{"id": userID, "description": "watched"}}); err != nil {
		return nil, err
	}
	_, _, err = l.until(ctx, l.o.Patience, func(elapsed time.Duration) (bool, error) {
		return l.observe(ctx, w, userID, elapsed)
	})
	if err != nil {
		return nil, err
	}
	l.seen.watched = w
	return w, nil
}

// observe reads the record before it looks for the effect: a record that is seen before the
// effect is not final.
func (l *lab) observe(ctx context.Context, w *watched, userID string, elapsed time.Duration) (bool, error) {
	status := ""
	for range mostEmpty {
		rows, err := l.records(ctx, w.jobID)
		if err != nil {
			return false, err
		}
		if len(rows) > 0 {
			status = text(rows[0], "status")
			break
		}
		if !w.shown {
			w.empty++
		}
		if elapsed > 0 {
			break
		}
	}
	if !w.effect {
		effect, err := l.changed(ctx, userID, "watched")
		if err != nil {
			return false, err
		}
		w.effect, w.effectAt = effect, elapsed
	}
	w.see(status, elapsed)
	return w.ended, nil
}

// see records the status at a moment; "" means no record. Without a status from before the
// effect, a status is final only if it stays.
func (w *watched) see(status string, elapsed time.Duration) {
	if status == "" {
		return
	}
	w.early = w.early || !w.shown && !w.effect
	w.shown = true
	switch {
	case !w.effect:
		w.pending = status
	case status == w.pending, status == "pending":
		w.pending = status
	case w.pending != "":
		w.ended, w.final, w.finalAt = true, status, elapsed
	case w.candidate == status:
		w.ended, w.final, w.finalAt = true, status, w.at
	default:
		w.candidate, w.at = status, elapsed
	}
}

// stuckJobs detects jobs that do not end within the patience.
func stuckJobs(ctx context.Context, l *lab) (any, error) {
	w, err := l.watch(ctx)
	switch {
	case err != nil:
		return nil, err
	case w.ended:
		l.show("ended after %s", w.finalAt)
		return "", nil
	case w.effect && w.shown:
		l.show("took effect, and was %s for %s", w.pending, l.o.Patience)
		return "applied", nil
	case w.effect:
		return nil, unseenError("the job took effect, but no record was shown")
	}
	l.show("no effect within %s", l.o.Patience)
	return "unapplied", nil
}

// ended returns the watched job, and fails unless it took effect.
func (l *lab) ended(ctx context.Context) (*watched, error) {
	w, err := l.watch(ctx)
	if err == nil && !w.effect {
		return nil, unseenError("the job had no effect within " + l.o.Patience.String())
	}
	return w, err
}

func instant(ctx context.Context, l *lab) (any, error) {
	w, err := l.ended(ctx)
	if err != nil {
		return nil, err
	}
	l.show("took effect after %s", w.effectAt)
	return w.effectAt == 0, nil
}

func resultLag(ctx context.Context, l *lab) (any, error) {
	w, err := l.ended(ctx)
	switch {
	case err != nil:
		return nil, err
	case !w.ended:
		return nil, unseenError("no record was final within " + l.o.Patience.String())
	}
	l.show("took effect after %s, was final after %s", w.effectAt, w.finalAt)
	return w.finalAt - w.effectAt, nil
}

// emptyPolls polls only when the record of a job must exist.
func emptyPolls(ctx context.Context, l *lab) (any, error) {
	w, err := l.ended(ctx)
	switch {
	case err != nil:
		return nil, err
	case !w.shown:
		return nil, unseenError("no record was shown")
	case w.early: // and so before the record was final
		l.show("%d polls without records", w.empty)
		return w.empty, nil
	}
	return l.lateEmpty(ctx, w)
}

// lateEmpty counts the empty polls of a job that has ended.
func (l *lab) lateEmpty(ctx context.Context, w *watched) (any, error) {
	userID, err := l.subject(ctx)
	if err != nil {
		return nil, err
	}
	id, err := l.startUpdate(ctx, []object{{"id": userID, "description": "late"}})
	if err != nil {
		return nil, err
	}
	if _, err := l.lag(ctx, func() (bool, error) { return l.changed(ctx, userID, "late") }); err != nil {
		return nil, err
	}
	if err := l.o.Sleep(ctx, w.finalAt); err != nil {
		return nil, err
	}
	for empty := range w.empty + 1 {
		rows, err := l.records(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			l.show("%d polls without records", empty)
			return empty, nil
		}
	}
	return nil, unseenError("no record was shown")
}

func recordsWhenDone(ctx context.Context, l *lab) (any, error) {
	w, err := l.ended(ctx)
	switch {
	case err != nil:
		return nil, err
	case w.early:
		l.show("a record was shown before the effect")
		return false, nil
	case !w.shown:
		return nil, unseenError("no record was shown")
	}
	late, err := l.lateEmpty(ctx, w)
	if count, ok := late.(int); err != nil || !ok || count >= w.empty {
		return nil, cmpError(err, unseenError("the first record that was shown was already final, because the job had ended by then"))
	}
	l.show("%d polls without records before the end, none after it", w.empty)
	return true, nil
}
