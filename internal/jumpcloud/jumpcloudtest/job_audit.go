package jumpcloudtest

import "time"

// Job is an accepted job and its present state.
type Job struct {
	ID         string    `json:"id"`
	Kind       JobKind   `json:"kind"`
	AcceptedAt time.Time `json:"acceptedAt"`
	// Request is the Number of the request that submitted it.
	Request        int    `json:"request"`
	SuppressEmail  bool   `json:"suppressEmail"`
	CreationSource string `json:"creationSource,omitempty"`
	// EndedAt is when the last row was settled; zero before.
	EndedAt time.Time `json:"endedAt,omitzero"`
	Rows    []JobRow  `json:"rows"`
}

// JobRow is one submitted row and what really happened to it. Behavior decides what its record
// shows: it may lag, or be missing.
type JobRow struct {
	// Input is the row as it was sent. It is shared and must not be changed.
	Input map[string]any `json:"input"`
	// Username is that of the row, or of the user with the row's id, or else that id.
	Username string `json:"username,omitempty"`
	// Settled reports whether the row has been processed.
	Settled bool `json:"settled"`
	// Applied reports whether the row took effect, on the user UserID.
	Applied bool   `json:"applied"`
	UserID  string `json:"userID,omitempty"`
	// Failed and Message are what the row's record says.
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
	// Request is the Number of the request that submitted the job.
	Request int `json:"request"`
	// Row is the index in the job, from 0.
	Row     int  `json:"row"`
	Applied bool `json:"applied"`
	// Repeats reports whether a row of the same kind and username in an earlier job had taken
	// effect, or still could, when the job was accepted. For creates that is always wrong.
	Repeats bool `json:"repeats,omitempty"`
}

// Submissions returns, for each username, the rows of accepted jobs about it, in the order of
// acceptance. A row of an update counts for the user whose id it gives, or under that id if no
// user has it. To prove that a row was sent again only after its absence was seen, look for
// the reads in History between the Request numbers of two submissions.
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
