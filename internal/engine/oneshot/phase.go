package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// phase is the phase that a run is in.
type phase string

// The phases, and what comes after each. Every phase may also end the pass: the next pass
// continues with the phase that follows from status and ledger then.
const (
	// phasePlanning: no run is open. The rows are loaded, compared with the directory, and
	// judged. Next is submitting, unless there is nothing to do, the rows are invalid, or the
	// plan waits.
	phasePlanning phase = "Planning"
	// phaseSubmitting: a job of the manifest is to be announced and sent. Next is following;
	// if the job was rejected, submitting the next job, or proving; and proving if what is
	// left must be planned again.
	phaseSubmitting phase = "Submitting"
	// phaseFollowing: jobs were announced, and what becomes of them is observed. The next job
	// is sent beside them if nextConcurrent allows it. Next is submitting the next job, or
	// proving after the last one.
	phaseFollowing phase = "Following"
	// phaseProving: all jobs ended. A reading of the directory proves their rows and plans the
	// next round. Next is submitting, or the run ends.
	phaseProving phase = "Proving"
	// phaseFinishing: the results were written, and the status was not. Next is planning.
	phaseFinishing phase = "Finishing"
	// phaseStartingOver: the ledger of an open run is gone. Next is planning.
	phaseStartingOver phase = "StartingOver"
)

// phaseOf returns the phase of a run, by its status, its ledger (nil if none can be believed),
// and whether this pass must plan again what was not announced. It is pure.
func phaseOf(status *v1alpha1.RunStatus, l *ledger.Ledger, replan bool) phase {
	switch {
	case !isOpen(status):
		return phasePlanning
	case l != nil && l.Finished:
		// The spec and the sources may describe another run by now.
		return phaseFinishing
	case len(unsettled(status.Jobs)) > 0:
		return phaseFollowing
	case l == nil:
		return phaseStartingOver
	case nextJob(status, l) != 0 && !replan:
		return phaseSubmitting
	default:
		return phaseProving
	}
}

// step carries out the phase that the run is in. It reports whether the pass continues with
// the phase that the run is in afterwards; otherwise the pass ends with outcome.
func (r *run[T]) step(ctx context.Context) (outcome lifecycle.Outcome, goesOn bool) {
	switch phaseOf(r.status, r.m.ledger, r.replan) {
	case phasePlanning:
		return planning[T]{r}.plan(ctx)
	case phaseSubmitting:
		return submitting[T]{r}.send(ctx, nextJob(r.status, r.m.ledger))
	case phaseFollowing:
		return following[T]{r}.follow(ctx)
	case phaseProving:
		return proving[T]{r}.prove(ctx)
	case phaseFinishing:
		return finishing[T]{r}.resume(ctx)
	default:
		return startingOver[T]{r}.startOver(), false
	}
}

// nextJob returns the first job of the manifest that is to be announced, for the first time or
// again; 0 if there is none. Jobs are announced in order. If there are very many, the status
// no longer lists the first ones: they were announced if a later one was.
func nextJob(status *v1alpha1.RunStatus, l *ledger.Ledger) int32 {
	first, unannounced := int32(0), unannounced(status)
	for i := range l.Entries {
		if entry := &l.Entries[i]; unannounced(entry) && (first == 0 || entry.Job < first) {
			first = entry.Job
		}
	}
	return first
}

// unannounced selects entries in jobs that are to be announced.
func unannounced(status *v1alpha1.RunStatus) func(*ledger.Entry) bool {
	last, again := int32(0), map[int32]bool{}
	for _, record := range status.Jobs {
		if record.State == v1alpha1.JobPlanned {
			again[record.Index] = true
		} else {
			last = max(last, record.Index)
		}
	}
	return func(entry *ledger.Entry) bool {
		return pending(entry) && entry.Job != 0 && !entry.Withheld && (entry.Job > last || again[entry.Job])
	}
}
