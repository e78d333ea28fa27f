package jumpcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// api is the path of an API beneath the base URL's /api.
type api string

const (
	v1 api = ""
	v2 api = "v2"
)

var (
	errInput = errors.New("the input cannot be sent")
	errID    = errors.New("empty or malformed id")
)

// request describes one call, regardless of how many HTTP attempts it takes.
type request struct {
	op, method string
	api        api
	// endpoint is the path's template; ids replace the parts in braces.
	endpoint string
	ids      []string
	query    url.Values
	header   http.Header
	in       any  // sent as JSON, if not nil
	out      any  // decoded from the JSON answer; nil if the answer is not needed
	total    *int // filled from the answer's x-total-count, if not nil
	// secrets are texts of the request that an error message might quote.
	secrets []string
	// withoutOrganization omits x-org-id.
	withoutOrganization bool

	mutating bool
	purpose  Purpose
	path     string
	body     []byte
}

// prepare builds what all attempts share.
func (r *request) prepare() error {
	path, err := expand(r.endpoint, r.ids)
	if err != nil {
		return r.fail(Refused, 0, err)
	}
	r.path = path
	if r.in != nil {
		body, err := json.Marshal(r.in)
		if err != nil {
			return r.fail(Refused, 0, errInput)
		}
		r.body = body
	}
	return nil
}

// expand replaces the template's parts in braces by the ids, in their order.
func expand(template string, ids []string) (string, error) {
	var path strings.Builder
	for _, id := range ids {
		// An id that is empty or only dots would address something else.
		if strings.Trim(id, ".") == "" {
			return "", errID
		}
		before, rest, _ := strings.Cut(template, "{")
		_, template, _ = strings.Cut(rest, "}")
		path.WriteString(before + url.PathEscape(id))
	}
	return path.String() + template, nil
}

// build creates the HTTP request of one attempt, without credentials.
func (c *Client) build(ctx context.Context, r *request) (*http.Request, error) {
	u := c.base.JoinPath(string(r.api), r.path)
	u.RawQuery = r.query.Encode()
	// The body's type is hidden so that net/http sets no GetBody, and Idempotency-Key is never
	// set: with either, net/http may send the request a second time by itself.
	var body io.Reader
	if r.body != nil {
		body = io.NopCloser(bytes.NewReader(r.body))
	}
	hr, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, errInput
	}
	if r.body != nil {
		hr.ContentLength = int64(len(r.body))
		hr.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(hr.Header, r.header)
	hr.Header.Set("Accept", "application/json")
	if c.userAgent != "" {
		hr.Header.Set("User-Agent", c.userAgent)
	}
	if c.organizationID != "" && !r.withoutOrganization {
		hr.Header.Set("X-Org-Id", c.organizationID)
	}
	return hr, nil
}

// fail returns an error of this request.
func (r *request) fail(class Class, status int, cause error) *Error {
	return r.name(&Error{Class: class, StatusCode: status, Err: cause})
}

// name fills in which call the error belongs to.
func (r *request) name(err *Error) *Error {
	err.Op, err.Method, err.Endpoint, err.purpose = r.op, r.method, r.endpoint, r.purpose
	return err
}
