package jumpcloudtest

import "time"

// RowRecord is what the record of a faulty row says.
type RowRecord string

const (
	// RecordFailed says that the row failed.
	RecordFailed RowRecord = ""
	// RecordFinished says that the row finished.
	RecordFinished RowRecord = "finished"
	// RecordPending says pending for ever, so that the job never ends.
	RecordPending RowRecord = "pending"
	// RecordTruthful says what happened.
	RecordTruthful RowRecord = "truthful"
)

// RowFault makes rows of jobs fail, or delays them.
type RowFault struct {
	// Kind is the kind of job; "": any.
	Kind JobKind `json:"kind,omitempty"`
	// Username is that of the row, or of the user whose id it gives; "": any.
	Username string `json:"username,omitempty"`
	// Where is an additional condition on the row as it was sent. It must not call the Server.
	Where func(row map[string]any) bool `json:"-"`
	// Times is how many submissions are caught for each matching username or id. 0: all.
	Times int `json:"times,omitempty"`

	// Record is what the row's record says.
	Record RowRecord `json:"record,omitempty"`
	// Apply makes the row take effect anyway, if it can.
	Apply bool `json:"apply,omitempty"`
	// Status overrides the word for failed in RecordFailed.
	Status string `json:"status,omitempty"`
	// StatusMsg is the message for RecordFailed. "": InternalServerError.
	StatusMsg string `json:"statusMsg,omitempty"`
	// Delay is added to the time at which the row is due.
	Delay time.Duration `json:"-"`
}

// rowScript is a RowFault in force, with the number of times that it caught each row.
type rowScript struct {
	RowFault
	caught map[string]int
}

// ScriptRows puts a row fault in force for jobs accepted from now on. If several match a row,
// the one scripted first catches it.
func (o *Organization) ScriptRows(f RowFault) {
	if f.StatusMsg == "" {
		f.StatusMsg = "InternalServerError" // a transient failure that JumpCloud reports
	}
	o.server.mu.Lock()
	defer o.server.mu.Unlock()
	o.rowFaults = append(o.rowFaults, &rowScript{RowFault: f, caught: map[string]int{}})
}

// RemoveRowFaults takes all row faults out of force. Rows that are already caught keep their
// fault.
func (o *Organization) RemoveRowFaults() {
	o.server.mu.Lock()
	defer o.server.mu.Unlock()
	o.rowFaults = nil
}

func (o *Organization) faultFor(r *row) *RowFault {
	for _, f := range o.rowFaults {
		switch {
		case f.Kind != "" && f.Kind != r.job.kind,
			f.Username != "" && f.Username != r.key,
			f.Where != nil && !f.Where(r.input),
			f.Times > 0 && f.caught[r.key] >= f.Times:
			continue
		}
		f.caught[r.key]++
		return &f.RowFault
	}
	return nil
}
