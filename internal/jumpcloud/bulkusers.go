package jumpcloud

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
)

// MaxBulkRows is the largest number of rows that one bulk job takes (observed: JumpCloud
// staff; in no specification). What JumpCloud does with more is unknown, so this client
// refuses more.
const MaxBulkRows = 800

// BulkUserCreate is one row of a bulk create. Username and Email are required (documented for
// single users); a row without them fails on its own (assumed).
type BulkUserCreate struct {
	UserAttributes
	Password      Password       `json:"password,omitempty"`
	RecoveryEmail *RecoveryEmail `json:"recoveryEmail,omitempty"`
}

// BulkUserUpdate is one row of a bulk update. The id alone identifies the user (documented).
// State must not be STAGED (documented). No bulk update was ever seen to change the state: use
// UpdateUser for that.
type BulkUserUpdate struct {
	ID string `json:"id"`
	UserAttributes
}

// Password is a user's password. It prints as ***, but marshals to the password itself: never
// log the JSON of a struct that holds one.
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
	// jumpcloud:workday (documented). If it is empty, the header is not sent, which JumpCloud
	// treats as jumpcloud:bulk.
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

// StartBulkCreate starts a job that creates 1 to MaxBulkRows users, and returns its id. An
// accepted job says nothing about its rows: see BulkResultPages, and read the users back
// (observed: a finished record without a user). There is no list of jobs and no idempotency
// key: an id that is lost is lost for good, and an Unknown error must be resolved by looking
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

// StartBulkUpdate starts a job that updates 1 to MaxBulkRows users, and returns its id. The
// rows are independent; several rows of one user are applied in order (assumed). Everything
// else that StartBulkCreate says applies here too.
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

// UnmarshalJSON reads only the id, which may also be a number.
func (j *startedJob) UnmarshalJSON(data []byte) error {
	var answer struct {
		ID json.RawMessage `json:"jobId"`
	}
	err := json.Unmarshal(data, &answer)
	j.ID = text(answer.ID)
	return err
}

func (j *startedJob) valid() bool { return j.ID != "" }

// JobResult is what JumpCloud says about one row of a job. Which row is unknown: neither the
// order of the records nor the content of Meta and PersistedFields is documented.
type JobResult struct {
	ID string `json:"id"`
	// Status is "pending" or "finished" (observed; the case varies). The word for a failed row
	// is unknown.
	Status string `json:"status"`
	// StatusMsg is free text from JumpCloud, with the client's credentials masked. It may
	// quote the row: pass it through CleanMessage before storing it anywhere.
	StatusMsg       string          `json:"statusMsg"`
	Meta            json.RawMessage `json:"meta"`
	PersistedFields json.RawMessage `json:"persistedFields"`
	CreatedAt       string          `json:"createdAt"`
	UpdatedAt       string          `json:"updatedAt"`
}

// BulkResultPages reads the records of a bulk job (create or update), 100 a page, starting at
// record number skip (0 is the first). It ends as all lists do (see Page.Last), or with an
// error. No records at all means "not finished yet" (assumed).
func (c *Client) BulkResultPages(ctx context.Context, jobID string, skip int) iter.Seq2[[]JobResult, error] {
	return c.jobResultPages(ctx, skip, request{op: "BulkResultPages", endpoint: "/bulk/users/{job_id}/results", ids: []string{jobID}})
}
