package oneshot

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// phase is what a run of an object is at.
type phase string

// The phases, and what comes after each.
const (
	// planning: no run is open. The rows are loaded, compared with the directory,
	// and judged. Then submitting, or the pass ends: there is nothing to do, the
	// rows are invalid, or the plan waits.
	planning phase = "Planning"
	// submitting: a job of the manifest is to be announced and sent. Then following.
	submitting phase = "Submitting"
	// following: a job was announced, and what becomes of it is observed. Then
	// submitting the next one, or proving after the last.
	following phase = "Following"
	// proving: all jobs ended. The directory is read, which proves their rows and
	// plans what is left: then submitting, or finishing.
	proving phase = "Proving"
	// finishing: the results were written, and the status was not. Then planning.
	finishing phase = "Finishing"
	// startingOver: the ledger of an open run is gone. Its rows are planned anew.
	startingOver phase = "StartingOver"
)

// phaseOf returns the phase of a run, by its status and its ledger; nil: it has
// none that can be believed. It is pure.
func phaseOf(status *v1alpha1.RunStatus, l *ledger.Ledger) phase {
	switch {
	case !isOpen(status):
		return planning
	case l != nil && l.Finished:
		// What spec and sources say by now may be another run.
		return finishing
	case unsettled(status.Jobs) != nil:
		return following
	case l == nil:
		return startingOver
	case nextJob(status, l) != 0:
		return submitting
	default:
		return proving
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
