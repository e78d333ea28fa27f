package jumpcloudtest

import "time"

// JobKind is what a job does to its rows.
type JobKind string

const (
	// JobCreate creates users: POST /bulk/users.
	JobCreate JobKind = "create"
	// JobUpdate changes users: PATCH /bulk/users.
	JobUpdate JobKind = "update"
	// JobExpire expires passwords: POST /bulk/user/expires.
	JobExpire JobKind = "expire"
	// JobUnlock unlocks users: POST /bulk/user/unlocks.
	JobUnlock JobKind = "unlock"
)

// Job is an accepted job as it stands.
type Job struct {
	ID         string    `json:"id"`
	Kind       JobKind   `json:"kind"`
	AcceptedAt time.Time `json:"acceptedAt"`
	// Request is the Number of the request it came with.
	Request        int    `json:"request"`
	SuppressEmail  bool   `json:"suppressEmail"`
	CreationSource string `json:"creationSource,omitempty"`
	// Done says that every row has been dealt with.
	Done bool     `json:"done"`
	Rows []JobRow `json:"rows"`
}

// JobRow is one submitted row and what became of it in truth. What the records
// say may differ: see Behavior and RowFault.
type JobRow struct {
	// Input is the row as it was sent.
	Input map[string]any `json:"input"`
	// Username is that of the row, or of the user whose id it gave.
	Username string `json:"username,omitempty"`
	// Status and StatusMsg are what the row's record says, or will say.
	Status    string `json:"status"`
	StatusMsg string `json:"statusMsg,omitempty"`
	// Applied says that the row took effect, at AppliedAt, on user UserID.
	Applied   bool      `json:"applied"`
	AppliedAt time.Time `json:"appliedAt,omitzero"`
	UserID    string    `json:"userID,omitempty"`
}

// Jobs returns all accepted jobs in the order of acceptance.
func (o *Organization) Jobs() []Job { return nil }

// Submission is one row in one accepted job.
type Submission struct {
	JobID   string  `json:"jobID"`
	Kind    JobKind `json:"kind"`
	Request int     `json:"request"`
	// Row is the index in the job, from 0.
	Row     int  `json:"row"`
	Applied bool `json:"applied"`
}

// Submissions returns, for each username, the rows of accepted jobs that named
// it, in the order of acceptance. Rows of updates count for the user whose id
// they give; for an unknown id, under that id.
func (o *Organization) Submissions() map[string][]Submission { return nil }

// RowRecord is what the record of a faulty row says.
type RowRecord string

const (
	// RecordFailed says that it failed. The default.
	RecordFailed RowRecord = ""
	// RecordFinished says that it finished.
	RecordFinished RowRecord = "finished"
	// RecordPending says pending for ever.
	RecordPending RowRecord = "pending"
	// RecordTruthful says what happened.
	RecordTruthful RowRecord = "truthful"
)

// RowFault lets rows of jobs go wrong, or slow.
type RowFault struct {
	// Kind of job; "": any.
	Kind JobKind `json:"kind,omitempty"`
	// Username of the row, or of the user whose id it gives; "": any.
	Username string `json:"username,omitempty"`
	// Where is any further condition on the row as it was sent.
	Where func(row map[string]any) bool `json:"-"`
	// Times is how many submissions of each matching username, or id, are caught.
	// 0: all.
	Times int `json:"times,omitempty"`

	// Record is what the row's record says.
	Record RowRecord `json:"record,omitempty"`
	// Apply lets the row take effect all the same, if it can.
	Apply bool `json:"apply,omitempty"`
	// Status overrides the word for RecordFailed.
	Status string `json:"status,omitempty"`
	// StatusMsg goes with RecordFailed. "": InternalServerError.
	StatusMsg string `json:"statusMsg,omitempty"`
	// Delay is added to the time at which the row is due.
	Delay time.Duration `json:"-"`
}

// ScriptRows puts a row fault in force, for jobs accepted from now on. Of several
// that match a row, the one scripted first catches it.
func (o *Organization) ScriptRows(f RowFault) {}
