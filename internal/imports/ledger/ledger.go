// Package ledger keeps the rows of a run in ConfigMaps that the run's object
// owns: the manifest, from which jobs are polled and proved, while the run is
// under way, and the results, for people, once it is not.
package ledger

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Action is what a run does about a row.
type Action string

// The actions.
const (
	ActionCreate    Action = "Create"
	ActionUpdate    Action = "Update"
	ActionSuspend   Action = "Suspend"
	ActionUnchanged Action = "Unchanged"
	ActionSkip      Action = "Skip"
	// ActionInvalid rows cannot be sent: by themselves, or because the live
	// directory contradicts them.
	ActionInvalid Action = "Invalid"
	// ActionLeave and ActionSuspendLeaver are about users who have left the source, in
	// entries after those of its rows: nothing is sent for the former.
	ActionLeave         Action = "Leave"
	ActionSuspendLeaver Action = "SuspendLeaver"
)

// Outcome is what became of a row.
type Outcome string

// The outcomes. A row without one is pending.
const (
	OutcomeCreated   Outcome = "Created"
	OutcomeUpdated   Outcome = "Updated"
	OutcomeUnchanged Outcome = "Unchanged"
	OutcomeSkipped   Outcome = "Skipped"
	OutcomeFailed    Outcome = "Failed"
)

// FieldDigest stands for a value that a row states, without telling it.
type FieldDigest struct {
	// Path of the field.
	Path string
	// Digest of the value, as Digest computes it.
	Digest string
}

// Entry is one row of a run. Its texts are stored as one line of valid UTF-8
// each, the message as Message makes it.
type Entry struct {
	// Row number within the run, from 1. The rows of a ledger ascend.
	Row             int
	Username, Email string
	Action          Action
	// UserID of the live user; "" if there is none or it is not known yet.
	UserID string
	// Job is the index of the job that holds the row; 0 for none.
	Job int32
	// Attempts are how often the row was sent before the job that holds it now.
	Attempts int
	// Withheld rows wait for an approval.
	Withheld bool
	// Approved is what of the row was approved in this run, as approval.Pack
	// joins digests of changes; "" if nothing was.
	Approved string
	// Withdrawn rows were approved in this run, and the approval was withdrawn: what
	// is left of them needs another one.
	Withdrawn bool
	// Harmful rows were allowed to harm a user.
	Harmful bool
	// Reserved rows are counted by the guard's window of the organization.
	Reserved bool
	// Deferred rows have a rest that is sent only after what is sent now, or
	// after other rows of the run.
	Deferred bool
	// Omits is set once JumpCloud refused to create the user with a member that can be left
	// out: the user is created without it.
	Omits bool
	// Kept are values that JumpCloud keeps in another form than the row's. The results have
	// them, too, as far as there is room.
	Kept []v1alpha1.KeptValue
	// Digests of the fields that the row states; never of a password.
	Digests []FieldDigest
	// Outcome of the row; "" while it is pending.
	Outcome Outcome
	// Reason is of the closed vocabulary of reasons; Message is for people.
	Reason, Message string
	// Retryable failures may pass when the row is sent again.
	Retryable bool
	// JobID is JumpCloud's id of the job that decided the row.
	JobID string
}

// Left reports whether the entry is about a user who has left the source, and not
// about one of its rows.
func (a Action) Left() bool { return a == ActionLeave || a == ActionSuspendLeaver }

// Reported reports whether the entry only tells of a user who has left the source.
func (e *Entry) Reported() bool { return e.Action == ActionLeave && e.Outcome == OutcomeSkipped }

// Ledger is every row of one run.
type Ledger struct {
	RunKey    string
	RunNumber int64
	// Finished ledgers have nothing under way: the run ended, or was only
	// planned. They are stored as results, which lack Job, Attempts, Withheld,
	// Approved, Withdrawn, Harmful, Reserved, Deferred, Retryable, Digests and Omits.
	Finished bool
	// Partial ledgers were read after a Write of the same run that was cut
	// off: some entries are as they were before it.
	Partial bool
	Entries []Entry

	// versions of the ConfigMaps that the ledger replaces, in their order: ""
	// for one that was not there. Nil if the ledger replaces none.
	versions []string
	// digests of the ConfigMaps as they are stored; nil before the first Write.
	digests []string
	// cuts are how many entries each ConfigMap holds; nil if they were not dealt yet.
	cuts []int
}

// Anchored reports whether the ledger, as it was read, is what a status says:
// each ConfigMap as it was, or as it was about to be. Whoever may write
// ConfigMaps, and not the status, can make no other ledger be believed.
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

// References name the owner's ConfigMaps as they were last read or written.
func (l *Ledger) References(owner Owner) []v1alpha1.ResultsReference {
	references := make([]v1alpha1.ResultsReference, len(l.digests))
	for i, digest := range l.digests {
		references[i] = v1alpha1.ResultsReference{ConfigMap: owner.configMap(i), Rows: int32(l.cuts[i]), Digest: digest}
	}
	return references
}

// NextReferences returns References with what the next Write will make of them. A
// status that anchors the ledger says so before Write is called: whatever a
// Write that is cut off leaves is then Anchored.
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

// Successor returns the ledger of a new run or plan that replaces l once it is
// written. l may be nil: then there must be none to replace.
func (l *Ledger) Successor(runKey string, runNumber int64, entries []Entry) *Ledger {
	next := &Ledger{RunKey: runKey, RunNumber: runNumber, Entries: entries}
	if l != nil {
		next.versions = slices.Clone(l.versions)
	}
	return next
}
