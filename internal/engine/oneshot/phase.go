package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// phase is what a run of an object is at.
type phase string

// The phases, and what comes after each. Every phase may also end the pass: the
// next pass goes on with the phase that status and ledger say then.
const (
	// phasePlanning: no run is open. The rows are loaded, compared with the directory,
	// and judged. Then submitting, unless there is nothing to do, the rows are
	// invalid, or the plan waits.
	phasePlanning phase = "Planning"
	// phaseSubmitting: a job of the manifest is to be announced and sent. Then
	// following; submitting the next one or proving, if the job was rejected; or
	// proving, if what is left must be planned again.
	phaseSubmitting phase = "Submitting"
	// phaseFollowing: jobs were announced, and what becomes of them is observed. The next
	// one is sent beside them if it may: see beside. Then submitting the next one, or
	// proving after the last.
	phaseFollowing phase = "Following"
	// phaseProving: all jobs ended. The directory is read, which proves their rows
	// and plans the next round: then submitting, or the run ends.
	phaseProving phase = "Proving"
	// phaseFinishing: the results were written, and the status was not. Then planning.
	phaseFinishing phase = "Finishing"
	// phaseStartingOver: the ledger of an open run is gone. Then planning.
	phaseStartingOver phase = "StartingOver"
)

// phaseOf returns the phase of a run, by its status, its ledger (nil: there is
// none that can be believed), and whether this pass is to plan again what was not
// announced. It is pure.
func phaseOf(status *v1alpha1.RunStatus, l *ledger.Ledger, replan bool) phase {
	switch {
	case !isOpen(status):
		return phasePlanning
	case l != nil && l.Finished:
		// What spec and sources say by now may be another run.
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

// step carries out the phase that the run is at. It reports whether the pass goes
// on with the phase that the run is at then; otherwise the pass ends as outcome says.
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

// nextJob returns the first job of the manifest that is to be announced, for the
// first time or again; 0 when none is. Jobs are announced in their order, and the
// status no longer lists the first of very many: they were announced if a later
// one was.
func nextJob(status *v1alpha1.RunStatus, l *ledger.Ledger) int32 {
	first, unannounced := int32(0), unannounced(status)
	for i := range l.Entries {
		if entry := &l.Entries[i]; unannounced(entry) && (first == 0 || entry.Job < first) {
			first = entry.Job
		}
	}
	return first
}

// unannounced takes entries in jobs that are to be announced.
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
