package jumpcloud

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
)

// MaxBulkRows is the largest number of rows that one bulk job takes (observed:
// JumpCloud staff, in no specification). What JumpCloud does with more is
// unknown, so more are refused here.
const MaxBulkRows = 800

// BulkUserCreate is one row of a bulk create. Username and Email are needed
// (documented for single users); a row without them fails as a row (assumed).
type BulkUserCreate struct {
	UserAttributes
	Password      Password       `json:"password,omitempty"`
	RecoveryEmail *RecoveryEmail `json:"recoveryEmail,omitempty"`
}

// BulkUserUpdate is one row of a bulk update. The id alone says which user it
// is about (documented). State must not be STAGED (documented), and that a
// bulk update changes the state at all was never seen: use UpdateUser.
type BulkUserUpdate struct {
	ID string `json:"id"`
	UserAttributes
}

// Password is a user's password. It prints as ***, but its JSON is the
// password itself: never log a struct that holds one as JSON.
type Password string

// String returns ***, or nothing for an empty password.
func (p Password) String() string {
	if p == "" {
		return ""
	}
	return redacted
}

// GoString returns what String returns.
func (p Password) GoString() string { return p.String() }

// BulkCreateOptions are the options of StartBulkCreate.
type BulkCreateOptions struct {
	// CreationSource is the creation-source header, such as jumpcloud:bulk or
	// jumpcloud:workday (documented). Empty sends none, which JumpCloud takes as
	// jumpcloud:bulk.
	CreationSource string
	// SuppressEmail keeps JumpCloud from mailing the job's result to the
	// administrator whose credentials are used.
	SuppressEmail bool
}

// BulkUpdateOptions are the options of StartBulkUpdate.
type BulkUpdateOptions struct {
	// SuppressEmail keeps JumpCloud from mailing the job's result to the
	// administrator whose credentials are used.
	SuppressEmail bool
}

// StartBulkCreate starts a job that creates users, 1 to MaxBulkRows, and
// returns its id. That a job was accepted says nothing about its rows: see
// BulkResultPages, and read the users back (observed: a finished record
// without a user). There is no list of jobs and no idempotency key: an id that
// is lost is lost for good, and an Unknown error must be resolved by looking
// at the users, never by calling again.
func (c *Client) StartBulkCreate(ctx context.Context, s Submission, users []BulkUserCreate, o BulkCreateOptions) (jobID string, err error) {
	header := http.Header{}
	if o.CreationSource != "" {
		header.Set("Creation-Source", o.CreationSource)
	}
	return c.startBulk(ctx, s, len(users), &request{
		op: "StartBulkCreate", method: http.MethodPost, endpoint: "/bulk/users", api: v2,
		header: header, query: suppressEmail(o.SuppressEmail), in: users, secrets: passwords(users),
	})
}

// StartBulkUpdate starts a job that updates users, 1 to MaxBulkRows, and
// returns its id. The rows are independent; several rows of one user are
// applied in order (assumed). What is said of StartBulkCreate holds here too.
func (c *Client) StartBulkUpdate(ctx context.Context, s Submission, users []BulkUserUpdate, o BulkUpdateOptions) (jobID string, err error) {
	return c.startBulk(ctx, s, len(users), &request{
		op: "StartBulkUpdate", method: http.MethodPatch, endpoint: "/bulk/users", api: v2,
		query: suppressEmail(o.SuppressEmail), in: users,
	})
}

func passwords(users []BulkUserCreate) []string {
	var all []string
	for i := range users {
		all = append(all, string(users[i].Password))
	}
	return all
}

func suppressEmail(suppress bool) url.Values {
	if !suppress {
		return nil
	}
	return url.Values{"suppressEmail": {"true"}}
}

// startBulk accepts any 2xx: the specification says 201, JumpCloud's own tests
// expect 200.
func (c *Client) startBulk(ctx context.Context, s Submission, rows int, r *request) (string, error) {
	if rows < 1 || rows > MaxBulkRows {
		return "", r.fail(Refused, 0, fmt.Errorf("a job takes 1 to %d rows", MaxBulkRows))
	}
	var job startedJob
	r.out = &job
	if err := c.mutate(ctx, s, r); err != nil {
		return "", err
	}
	return job.ID, nil
}

type startedJob struct{ ID string }

// UnmarshalJSON reads the id, also one that is a number, and nothing else.
func (j *startedJob) UnmarshalJSON(data []byte) error {
	var answer struct {
		ID json.RawMessage `json:"jobId"`
	}
	err := json.Unmarshal(data, &answer)
	j.ID = text(answer.ID)
	return err
}

func (j *startedJob) valid() bool { return j.ID != "" }

// JobResult is what JumpCloud says of one row of a job. Which row it is about
// is not known: neither the order of the records nor the content of Meta and
// PersistedFields is documented.
type JobResult struct {
	ID string `json:"id"`
	// Status is "pending" or "finished" (observed, in any case); the word for a
	// failed row is unknown.
	Status string `json:"status"`
	// StatusMsg is free text of JumpCloud's, with the client's credentials
	// masked. It may quote the row: pass it through CleanMessage before it is
	// kept anywhere.
	StatusMsg       string          `json:"statusMsg"`
	Meta            json.RawMessage `json:"meta"`
	PersistedFields json.RawMessage `json:"persistedFields"`
	CreatedAt       string          `json:"createdAt"`
	UpdatedAt       string          `json:"updatedAt"`
}

// BulkResultPages reads the records of a bulk job (create or update), 100 a
// page, beginning with record number skip (0 is the first). It ends as all
// lists do (see Page.Last), or with an error. No records at all
// is "not finished yet" (assumed).
func (c *Client) BulkResultPages(ctx context.Context, jobID string, skip int) iter.Seq2[[]JobResult, error] {
	return c.jobResultPages(ctx, skip, request{op: "BulkResultPages", endpoint: "/bulk/users/{job_id}/results", ids: []string{jobID}})
}
