package lifecycle

import (
	"errors"
	"time"
)

// kind is the row of the outcome table that an Outcome belongs to.
type kind int

const (
	kindNone kind = iota
	kindDone
	kindProgressing
	kindRetrying
	kindWaiting
	kindStalled
	kindUndecided
	kindPaused
	kindError // not classified yet
	kindAside // the pass ends without a trace, and is repeated soon
)

// Outcome is what one pass found out. Only the Reconciler turns it into conditions, a status
// write, an event and the time of the next pass. The zero value is not valid: use the
// constructors.
type Outcome struct {
	kind    kind
	reason  string
	message string
	after   time.Duration
	within  time.Duration // for an outcome that waits for the resync; 0: no sooner than that
	err     error
}

// Done says that the declared state is reached. The next pass is the resync.
func Done(reason, message string) Outcome {
	return Outcome{kind: kindDone, reason: reason, message: message}
}

// Progressing says that work is under way: Reconciling is True; Ready stays True if it is, and
// otherwise is Unknown. The next pass is after the given time, or at once.
func Progressing(reason, message string, after time.Duration) Outcome {
	return Outcome{kind: kindProgressing, reason: reason, message: message, after: after}
}

// Retrying is Progressing after a transient failure: Ready is False with the same reason, and
// the next pass is after the given time; for 0, after one that grows from pass to pass.
func Retrying(reason, message string, after time.Duration) Outcome {
	return Outcome{kind: kindRetrying, reason: reason, message: message, after: after}
}

// Waiting says that something else must happen first, and that a watch or the
// resync wakes the object: Reconciling is True and Ready False.
func Waiting(reason, message string) Outcome {
	return Outcome{kind: kindWaiting, reason: reason, message: message}
}

// Stalled says that nothing happens until a person changes something.
func Stalled(reason, message string) Outcome {
	return Outcome{kind: kindStalled, reason: reason, message: message}
}

// Undecided says that a person must decide what became of a submission: Stalled is True and
// Ready Unknown.
func Undecided(reason, message string) Outcome {
	return Outcome{kind: kindUndecided, reason: reason, message: message}
}

// Paused says that only the paused annotation stops the work; the Paused condition carries the
// message.
func Paused(message string) Outcome {
	return Outcome{kind: kindPaused, message: message}
}

// Failed wraps an error of a call to JumpCloud or to the API server. The Reconciler classifies
// it; a conflict ends the pass silently. An error of Stop yields its outcome.
func Failed(err error) Outcome {
	if outcome, ok := Stopped(err); ok {
		return outcome
	}
	return Outcome{kind: kindError, err: err}
}

// Stop returns an error that ends a pass with an outcome, for functions that return errors.
func Stop(outcome Outcome) error { return &stop{outcome} }

// Stopped returns the outcome of an error of Stop.
func Stopped(err error) (Outcome, bool) {
	if ended, ok := errors.AsType[*stop](err); ok {
		return ended.outcome, true
	}
	return Outcome{}, false
}

type stop struct{ outcome Outcome }

func (*stop) Error() string { return "the pass ends" }

// Within makes the next pass come after the given time if the resync would come later, for
// what changes at a known time. It is for outcomes that wait for the resync; of several calls,
// the smallest time counts.
func (o Outcome) Within(d time.Duration) Outcome {
	if o.within == 0 || d < o.within {
		o.within = max(d, time.Millisecond)
	}
	return o
}

// DueWith makes the next pass come no later than that of the outcome that this one replaces,
// if that one has a time of Within.
func (o Outcome) DueWith(other Outcome) Outcome {
	if other.within == 0 {
		return o
	}
	return o.Within(other.within)
}

// Reached reports whether the declared state is reached.
func (o Outcome) Reached() bool { return o.kind == kindDone }

// Told reports whether the outcome is what the conditions will say: it is not an error that
// must still be classified, and it leaves a trace.
func (o Outcome) Told() bool { return o.kind != kindNone && o.kind != kindError && o.kind != kindAside }

// Aside ends a pass that cannot report anything yet, without a trace: it saw an old version of
// its object, a watch is about to wake it, or it must observe again. The pass is repeated
// after that time.
func Aside(after time.Duration) Outcome {
	return Outcome{kind: kindAside, after: after}
}

// Answers reports whether the pass saw all that it had to see: there is nothing more to do
// before the resync, or a watch, causes the next one.
func (o Outcome) Answers() bool { return o.final() || o.kind == kindWaiting }

// final reports whether the outcome is the answer to the present generation.
func (o Outcome) final() bool {
	return o.kind == kindDone || o.kind == kindStalled || o.kind == kindUndecided
}
