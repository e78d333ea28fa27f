// Package ledger keeps the rows of a run in ConfigMaps that the run's object
// owns: the manifest, from which jobs are polled and proved, while the run is
// under way, and the results, for people, once it is not.
package ledger

import "slices"

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
	// Attempts are how often the row was sent.
	Attempts int
	// Withheld rows wait for an approval.
	Withheld bool
	// Approved is the digest of the decision about the row that was approved
	// in this run, 32 hexadecimal digits; "" if none was.
	Approved string
	// Harmful rows suspend a user or change a username or email.
	Harmful bool
	// Deferred rows have a field that can be sent only after other rows of the run.
	Deferred bool
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

// Ledger is every row of one run.
type Ledger struct {
	RunKey    string
	RunNumber int64
	// Finished ledgers have nothing under way: the run ended, or was only
	// planned. They are stored as results, which lack Job, Attempts, Withheld,
	// Approved, Harmful, Deferred, Retryable and Digests.
	Finished bool
	// Partial ledgers were read after a Write of the same run that was cut
	// off: some entries are as they were before it.
	Partial bool
	Entries []Entry

	// versions of the ConfigMaps that the ledger replaces, in their order: ""
	// for one that was not there. Nil if the ledger replaces none.
	versions []string
	// cuts are how many entries each ConfigMap holds; nil if they were not dealt yet.
	cuts []int
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
