package submission

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Ports are what a Driver needs from the kind whose job it drives. All methods except Before,
// Revise and Settle make calls.
type Ports interface {
	// Announce writes the status by compare-and-swap: it says that the job is about to be
	// sent. After an error, nothing is sent, and the announcement is taken back.
	Announce(ctx context.Context) error
	// Send sends the job, once. Its context is not canceled when the process is asked to end.
	Send(ctx context.Context) Answer
	// Record writes the answer, as long as the stored record is still at the attempt that was
	// sent. Other changes of the object do not prevent the write.
	Record(ctx context.Context, ours func(stored *v1alpha1.JobStatus) bool) error
	// Look finds out, by a reading that begins after newerThan, whether the job's rows exist.
	Look(ctx context.Context, newerThan time.Time) (Presence, error)
	// Poll reads the job's results.
	Poll(ctx context.Context) (Progress, error)

	// Before returns the observation, Poll or ReadDirectory, to make before a job is given up
	// or left to a person; the zero Action requests none.
	Before(verb Verb) Action
	// Revise returns what to do in place of what the protocol says.
	Revise(action Action) Action
	// Settle applies a transition of the record to the job's rows. It may complete the record,
	// and is called before the record is written.
	Settle(action Action)
}

// Driver drives one job according to Next. A new one is made for each pass.
type Driver struct {
	Ports
	// Job is the record, and Seen what this process has observed of it.
	Job  *v1alpha1.JobStatus
	Seen *Observation
	// Limits of the wait for a job.
	Limits Limits
	// Decision returns what a person said about the record's current attempt.
	Decision func() Decision
	// Deleting is set when the object is being deleted.
	Deleting bool
	// Slowest is how long the slowest of the other jobs took, or has taken so far.
	Slowest time.Duration
}

// Follow observes the job and makes its transitions as far as possible, and returns why it
// stopped: Wait or Poll until a time, AskPerson, or Intend or Rest if the attempt is over. The
// caller writes the transitions with the next status.
func (d *Driver) Follow(ctx context.Context) (Action, error) {
	for observed := false; ; {
		action := d.next()
		if before := d.observeBefore(action.Verb, observed); before.Verb != "" {
			observed = true
			if seen, err := d.tryObserve(ctx, before); err != nil {
				return action, err
			} else if seen {
				continue
			}
		}
		switch action = d.Revise(action); action.Verb {
		case Wait, AskPerson, Rest, Intend:
			return action, nil
		case Poll, ReadDirectory, RecordJobID:
			if action.Until.After(time.Now()) {
				return action, nil
			}
			if err := d.call(ctx, action); err != nil {
				return action, err
			}
		default:
			d.apply(action)
			if WaitsForPerson(d.Job.State) {
				return Action{Verb: AskPerson}, nil
			}
		}
	}
}

// Announce announces the next attempt of the job. Nothing may be sent unless it succeeds.
func (d *Driver) Announce(ctx context.Context) error {
	action := d.next()
	if action.Verb != Intend {
		return fmt.Errorf("job %d is %s and cannot be announced", d.Job.Index, d.Job.State)
	}
	Apply(d.Job, action, time.Now())
	if err := d.Ports.Announce(ctx); err != nil {
		// The status that reports the failure must not announce anything.
		Apply(d.Job, Action{Verb: ReturnToPlanned}, time.Now())
		return err
	}
	d.track()
	return nil
}

// Submit announces the next attempt, sends it, and records the answer. It returns the action
// that follows from the answer; an error comes from one of the writes.
func (d *Driver) Submit(ctx context.Context) (Action, error) {
	if err := d.Announce(ctx); err != nil {
		return Action{Verb: Intend}, err
	}
	// If the process is asked to end, the answer is awaited nevertheless: there is no second
	// chance to get it.
	answer := d.Send(context.WithoutCancel(ctx))
	d.Seen.SawAnswer(*d.Job, answer, time.Now())
	action, sent := d.Revise(d.next()), *d.Job
	if d.apply(action) {
		return action, d.Record(ctx, sameAttempt(sent))
	}
	return action, nil
}

// recordLate writes an answer that could not be written when it arrived.
func (d *Driver) recordLate(ctx context.Context, action Action) error {
	sent := *d.Job
	Apply(d.Job, action, time.Now())
	return d.Record(ctx, sameAttempt(sent))
}

// next returns the next action by what is known now.
func (d *Driver) next() Action {
	d.track()
	return Next(*d.Job, *d.Seen, d.Limits, time.Now())
}

func (d *Driver) track() {
	d.Seen.Deleting, d.Seen.SlowestJob = d.Deleting, d.Slowest
	d.Seen.Track(*d.Job, d.Decision(), time.Now())
}

// apply makes a transition, and reports whether it changed the record.
func (d *Driver) apply(action Action) bool {
	if !Apply(d.Job, action, time.Now()) {
		return false
	}
	d.Settle(action)
	return true
}

// observeBefore returns the observation to make once before a job is given up.
func (d *Driver) observeBefore(verb Verb, observed bool) Action {
	if !observed && (verb == AskPerson || verb == Abandon || verb == Escalate) {
		return d.Before(verb)
	}
	return Action{}
}

// call makes the observation of an action, or writes an answer.
func (d *Driver) call(ctx context.Context, action Action) error {
	if action.Verb == RecordJobID {
		return d.recordLate(ctx, action)
	}
	return d.observe(ctx, action)
}

// tryObserve makes an observation and reports whether it succeeded. Results that cannot be
// read do not prevent a job from being given up.
func (d *Driver) tryObserve(ctx context.Context, action Action) (observed bool, err error) {
	err = d.observe(ctx, action)
	if err != nil && action.Verb == Poll {
		return false, nil
	}
	return err == nil, err
}

// observe makes an observation.
func (d *Driver) observe(ctx context.Context, action Action) error {
	if action.Verb == ReadDirectory {
		read, err := d.Look(ctx, action.NewerThan)
		if err == nil {
			d.Seen.SawDirectory(read, d.Limits)
		}
		return err
	}
	read, err := d.Poll(ctx)
	switch class := jumpcloud.ClassOf(err); {
	case err == nil:
		d.Seen.SawResults(read)
	case class == jumpcloud.Unavailable, class == jumpcloud.Refused:
		d.Seen.UnreadAt = time.Now()
	}
	return err
}

// sameAttempt returns a predicate that reports whether a stored record is still the
// announcement of the attempt that was sent.
func sameAttempt(sent v1alpha1.JobStatus) func(*v1alpha1.JobStatus) bool {
	return func(stored *v1alpha1.JobStatus) bool {
		return stored != nil && stored.Index == sent.Index && stored.Attempt == sent.Attempt &&
			stored.State == v1alpha1.JobIntended && stored.IntendedAt.Equal(sent.IntendedAt)
	}
}
