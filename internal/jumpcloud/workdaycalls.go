package jumpcloud

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// WorkdayInstancePages lists the instances. JumpCloud allows one per organization
// (documented).
func (c *Client) WorkdayInstancePages(ctx context.Context, skip int) iter.Seq2[*Page[WorkdayInstance], error] {
	list := pages[WorkdayInstance](ctx, c, skip, request{op: "WorkdayInstancePages", endpoint: "/workdays"})
	return convert(list, func(w WorkdayInstance) WorkdayInstance { return c.cleaned(w) })
}

// CreateWorkdayInstance creates the organization's instance, under the only name that is
// allowed. The answer to a second one is unknown: for a 409 IsAlreadyExists reports true, but
// a 400 is just as likely.
func (c *Client) CreateWorkdayInstance(ctx context.Context, s Submission, in WorkdayInstanceInput) (*WorkdayInstance, error) {
	return c.writeWorkday(ctx, s, in.Credentials.secrets(), &request{
		op: "CreateWorkdayInstance", method: http.MethodPost, endpoint: "/workdays",
		in: workdayCreate{Name: WorkdayInstanceName, ReportURL: in.ReportURL, Auth: workdayAuth{in.Credentials}},
	})
}

// GetWorkdayInstance reads one instance. If it does not exist, IsNotFound reports true
// (assumed).
func (c *Client) GetWorkdayInstance(ctx context.Context, id string) (*WorkdayInstance, error) {
	var instance WorkdayInstance
	err := c.read(ctx, &request{
		op: "GetWorkdayInstance", method: http.MethodGet, endpoint: "/workdays/{id}", ids: []string{id}, api: v2, out: &instance,
	})
	if err != nil {
		return nil, err
	}
	return new(c.cleaned(instance)), nil
}

// UpdateWorkdayInstance changes the report that an instance reads.
func (c *Client) UpdateWorkdayInstance(ctx context.Context, s Submission, id string, update WorkdayInstanceUpdate) (*WorkdayInstance, error) {
	return c.writeWorkday(ctx, s, nil, &request{
		op: "UpdateWorkdayInstance", method: http.MethodPut, endpoint: "/workdays/{id}", ids: []string{id}, in: update,
	})
}

// AuthorizeWorkdayInstance gives an instance its credentials for Workday, which replace others
// (assumed). WorkdayAuthInfo says whether they work.
func (c *Client) AuthorizeWorkdayInstance(ctx context.Context, s Submission, id string, credentials WorkdayCredentials) error {
	return c.mutate(ctx, s, &request{
		op: "AuthorizeWorkdayInstance", method: http.MethodPost, endpoint: "/workdays/{workday_id}/auth", ids: []string{id}, api: v2,
		in: struct {
			Auth workdayAuth `json:"auth"`
		}{workdayAuth{credentials}}, secrets: credentials.secrets(),
	})
}

// DeauthorizeWorkdayInstance removes all credentials from an instance. JumpCloud offers no
// more than that: an instance cannot be deleted.
func (c *Client) DeauthorizeWorkdayInstance(ctx context.Context, s Submission, id string) error {
	return c.mutate(ctx, s, &request{
		op: "DeauthorizeWorkdayInstance", method: http.MethodDelete, endpoint: "/workdays/{workday_id}/auth", ids: []string{id}, api: v2,
	})
}

// WorkdayWorkerPages lists the workers in an instance's report, sorted by e-mail address.
func (c *Client) WorkdayWorkerPages(ctx context.Context, id string, skip int) iter.Seq2[*Page[WorkdayWorker], error] {
	return pages[WorkdayWorker](ctx, c, skip, request{
		op: "WorkdayWorkerPages", endpoint: "/workdays/{workday_id}/workers", ids: []string{id}, query: url.Values{"sort": {"email"}},
	})
}

// StartWorkdayImport starts a job that creates 1 to MaxBulkRows users in the name of an
// instance, and returns its id. JumpCloud does not read the report again: it creates exactly
// these users. What StartBulkCreate says applies here too, except its options: whether
// JumpCloud mails a result is unknown.
func (c *Client) StartWorkdayImport(ctx context.Context, s Submission, id string, users []BulkUserCreate) (jobID string, err error) {
	return c.startBulk(ctx, s, len(users), &request{
		op: "StartWorkdayImport", method: http.MethodPost, endpoint: "/workdays/{workday_id}/import", ids: []string{id}, api: v2,
		in: users, secrets: passwords(users),
	})
}

// WorkdayResultPages reads the records of an import. Whether BulkResultPages finds them too is
// unknown.
func (c *Client) WorkdayResultPages(ctx context.Context, id, jobID string, skip int) iter.Seq2[[]JobResult, error] {
	return c.jobResultPages(ctx, skip, request{
		op: "WorkdayResultPages", endpoint: "/workdays/{id}/import/{job_id}/results", ids: []string{id, jobID},
	})
}

// workdayAuth is the form in which credentials are sent.
type workdayAuth struct {
	Basic WorkdayCredentials `json:"basic"`
}

type workdayCreate struct {
	Name      string      `json:"name"`
	ReportURL string      `json:"reportUrl"`
	Auth      workdayAuth `json:"auth"`
}

func (w WorkdayCredentials) secrets() []string { return []string{string(w.Password)} }

func (c *Client) writeWorkday(ctx context.Context, s Submission, secrets []string, r *request) (*WorkdayInstance, error) {
	var instance WorkdayInstance
	r.api, r.out, r.secrets = v2, &instance, secrets
	if err := c.mutate(ctx, s, r); err != nil {
		return nil, err
	}
	return new(c.cleaned(instance, secrets...)), nil
}

// cleaned masks the secrets in what JumpCloud says about an instance's credentials: it may
// quote them.
func (c *Client) cleaned(w WorkdayInstance, secrets ...string) WorkdayInstance {
	cleaner := NewCleaner(append(c.credentials.secrets(), secrets...)...)
	w.Auth.Basic.Message = cleaner.Clean(w.Auth.Basic.Message)
	w.Auth.OAuth.Message = cleaner.Clean(w.Auth.OAuth.Message)
	return w
}
