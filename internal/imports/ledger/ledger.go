// Package ledger keeps the rows of a run in ConfigMaps that the run's object owns: while the
// run is under way, the manifest, from which jobs are polled and proved; afterwards the
// results, for people.
package ledger

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Action is what a run does with a row.
type Action string

// The actions.
const (
	ActionCreate    Action = "Create"
	ActionUpdate    Action = "Update"
	ActionSuspend   Action = "Suspend"
	ActionUnchanged Action = "Unchanged"
	ActionSkip      Action = "Skip"
	// ActionInvalid rows cannot be sent: they are invalid in themselves, or the live directory
	// contradicts them.
	ActionInvalid Action = "Invalid"
	// ActionLeave and ActionSuspendLeaver are for users who have left the source, in entries
	// after those of its rows. For ActionLeave nothing is sent.
	ActionLeave         Action = "Leave"
	ActionSuspendLeaver Action = "SuspendLeaver"
)

// Outcome is the final result of a row.
type Outcome string

// The outcomes. A row without one is pending.
const (
	OutcomeCreated   Outcome = "Created"
	OutcomeUpdated   Outcome = "Updated"
	OutcomeUnchanged Outcome = "Unchanged"
	OutcomeSkipped   Outcome = "Skipped"
	OutcomeFailed    Outcome = "Failed"
)

// FieldDigest stands for a value that a row states, without revealing it.
type FieldDigest struct {
	// Path is the path of the field.
	Path string
	// Digest is the digest of the value, as Digest computes it.
	Digest string
}

// Entry is one row of a run. Each of its texts is stored as one line of valid UTF-8, the
// message as Message returns it.
type Entry struct {
	// Row is the number within the run, from 1. The rows of a ledger ascend.
	Row             int
	Username, Email string
	Action          Action
	// UserID is the live user's id; "" if there is no user or the id is not known yet.
	UserID string
	// Job is the index of the job that contains the row; 0 for none.
	Job int32
	// Attempts is how often the row was sent before the job that contains it now.
	Attempts int
	// Withheld is set if the row waits for an approval.
	Withheld bool
	// Approved is the part of the row that was approved in this run, as approval.Pack joins
	// digests of changes; "" if nothing was.
	Approved string
	// Withdrawn is set if the row was approved in this run and the approval was withdrawn: the
	// rest of the row needs another approval.
	Withdrawn bool
	// Harmful is set if the row was allowed to harm a user.
	Harmful bool
	// Reserved is set if the row counts in the guard's window of the organization.
	Reserved bool
	// Deferred is set if a rest of the row is sent only after what is sent now, or after other
	// rows of the run.
	Deferred bool
	// Omits is set once JumpCloud refused to create the user with a member that can be
	// omitted: the user is created without it.
	Omits bool
	// Kept are values that JumpCloud keeps in another form than the row's. The results contain
	// them too, as far as there is room.
	Kept []v1alpha1.KeptValue
	// Digests are those of the fields that the row states, never of a password.
	Digests []FieldDigest
	// Outcome is the outcome of the row; "" while it is pending.
	Outcome Outcome
	// Reason is from the closed vocabulary of reasons; Message is for people.
	Reason, Message string
	// Retryable is set if the row failed and may succeed when it is sent again.
	Retryable bool
	// JobID is JumpCloud's id of the job that decided the row.
	JobID string
}

// Left reports whether the entry is about a user who has left the source, and not about a row
// of the source.
func (a Action) Left() bool { return a == ActionLeave || a == ActionSuspendLeaver }

// Reported reports whether the entry only reports a user who has left the source.
func (e *Entry) Reported() bool { return e.Action == ActionLeave && e.Outcome == OutcomeSkipped }

// Ledger is every row of one run.
type Ledger struct {
	RunKey    string
	RunNumber int64
	// Finished is set if nothing is under way: the run ended, or was only planned. Such a
	// ledger is stored as results, which lack Job, Attempts, Withheld, Approved, Withdrawn,
	// Harmful, Reserved, Deferred, Retryable, Digests and Omits.
	Finished bool
	// Partial is set if the ledger was read after a Write of the same run that was cut off:
	// some entries are as they were before it.
	Partial bool
	Entries []Entry

	// versions are the resource versions of the ConfigMaps that the ledger replaces, in their
	// order; "" for one that did not exist. nil if the ledger replaces none.
	versions []string
	// digests are the digests of the ConfigMaps as they are stored; nil before the first
	// Write.
	digests []string
	// cuts is how many entries each ConfigMap holds; nil before they are split.
	cuts []int
}

// Anchored reports whether the ledger, as it was read, is what a status says: each ConfigMap
// as it was, or as it was about to be. So someone who may write ConfigMaps, but not the
// status, cannot make another ledger be believed.
func (l *Ledger) Anchored(references []v1alpha1.ResultsReference) bool {
	if len(l.digests) != len(references) {
		return false
	}
	for i, digest := range l.digests {
		if digest != references[i].Digest && digest != references[i].Next {
			return false
		}
	}
	return true
}

// References refer to the owner's ConfigMaps as they were last read or written.
func (l *Ledger) References(owner Owner) []v1alpha1.ResultsReference {
	references := make([]v1alpha1.ResultsReference, len(l.digests))
	for i, digest := range l.digests {
		references[i] = v1alpha1.ResultsReference{ConfigMap: owner.configMap(i), Rows: int32(l.cuts[i]), Digest: digest}
	}
	return references
}

// NextReferences returns References with the digests that the next Write will produce. A
// status that anchors the ledger must record them before Write is called: then whatever a
// cut-off Write leaves is Anchored.
func (l *Ledger) NextReferences(owner Owner) ([]v1alpha1.ResultsReference, error) {
	shards, err := l.shards()
	if err != nil {
		return nil, err
	}
	references := l.References(owner)
	for i := range references {
		if shards[i].digest != references[i].Digest {
			references[i].Next = shards[i].digest
		}
	}
	return references, nil
}

// Successor returns the ledger of a new run or plan that replaces l once it is written. If l
// is nil, there must be none to replace.
func (l *Ledger) Successor(runKey string, runNumber int64, entries []Entry) *Ledger {
	next := &Ledger{RunKey: runKey, RunNumber: runNumber, Entries: entries}
	if l != nil {
		next.versions = slices.Clone(l.versions)
	}
	return next
}
