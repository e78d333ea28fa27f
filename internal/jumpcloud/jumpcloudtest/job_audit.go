package jumpcloudtest

import "time"

// Job is an accepted job as it stands.
type Job struct {
	ID         string    `json:"id"`
	Kind       JobKind   `json:"kind"`
	AcceptedAt time.Time `json:"acceptedAt"`
	// Request is the Number of the request it came with.
	Request        int    `json:"request"`
	SuppressEmail  bool   `json:"suppressEmail"`
	CreationSource string `json:"creationSource,omitempty"`
	// EndedAt is when the last row was dealt with; zero before.
	EndedAt time.Time `json:"endedAt,omitzero"`
	Rows    []JobRow  `json:"rows"`
}

// JobRow is one submitted row and what became of it in truth. What its record
// says now is left to Behavior: it may lag, or be missing.
type JobRow struct {
	// Input is the row as it was sent. It is shared and must not be changed.
	Input map[string]any `json:"input"`
	// Username is that of the row, or of the user whose id it gave, or that id.
	Username string `json:"username,omitempty"`
	// Settled says that the row has been dealt with.
	Settled bool `json:"settled"`
	// Applied says that the row took effect, on the user UserID.
	Applied bool   `json:"applied"`
	UserID  string `json:"userID,omitempty"`
	// Failed and Message are what the row's record says of it.
	Failed  bool   `json:"failed,omitempty"`
	Message string `json:"message,omitempty"`
}

// Jobs returns all accepted jobs in the order of acceptance.
func (o *Organization) Jobs() []Job {
	o.server.lock()
	defer o.server.mu.Unlock()
	jobs := make([]Job, 0, len(o.jobs))
	for _, j := range o.jobs {
		out := Job{
			ID: j.id, Kind: j.kind, AcceptedAt: j.acceptedAt, Request: j.request,
			SuppressEmail: j.suppressEmail, CreationSource: j.creationSource, EndedAt: j.endedAt,
		}
		for _, r := range j.rows {
			out.Rows = append(out.Rows, JobRow{
				Input: r.input, Username: r.key, Settled: r.settled,
				Applied: r.applied, UserID: r.userID, Failed: r.failed, Message: r.message,
			})
		}
		jobs = append(jobs, out)
	}
	return jobs
}

// Submission is one row in one accepted job.
type Submission struct {
	JobID string  `json:"jobID"`
	Kind  JobKind `json:"kind"`
	// Request is the Number of the request that the job came with.
	Request int `json:"request"`
	// Row is the index in the job, from 0.
	Row     int  `json:"row"`
	Applied bool `json:"applied"`
	// Repeats says that, when the job was accepted, a row of the same kind and
	// username in an earlier job had taken effect or still could. For creates that
	// is always wrong.
	Repeats bool `json:"repeats,omitempty"`
}

// Submissions returns, for each username, the rows of accepted jobs that named
// it, in the order of acceptance. Rows of updates count for the user whose id
// they give; for an unknown id, under that id. To prove that a row was sent again
// only after its absence was seen, look for the reads in History between the
// Request numbers of two submissions.
func (o *Organization) Submissions() map[string][]Submission {
	o.server.lock()
	defer o.server.mu.Unlock()
	submissions := map[string][]Submission{}
	for _, j := range o.jobs {
		for i, r := range j.rows {
			submissions[r.key] = append(submissions[r.key], Submission{
				JobID: j.id, Kind: j.kind, Request: j.request, Row: i, Applied: r.applied, Repeats: r.repeats,
			})
		}
	}
	return submissions
}
