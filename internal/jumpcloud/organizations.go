package jumpcloud

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Organization is a JumpCloud tenant.
type Organization struct {
	ID          string `json:"_id"`
	DisplayName string `json:"displayName"`
}

func (o *Organization) valid() bool { return o.ID != "" }

func (o *Organization) shows() bool { return o.valid() }

// UnmarshalJSON accepts members of other types than the documented ones: only
// the id is needed.
func (o *Organization) UnmarshalJSON(data []byte) error {
	type plain Organization
	*o = Organization{}
	decodeRecord(data, (*plain)(o))
	return nil
}

// ListOrganizations returns the organizations that the credentials for reads can see: one, or
// for a multi-tenant administrator several. It is the cheapest check of credentials, and the
// decisive one: an error of class Auth here, and only here, means that they are rejected (a
// 401, or a redirect to /login). If the ids of some organizations cannot be read, it returns the
// others beside an error: what is asked for may be among them, but they are not all.
func (c *Client) ListOrganizations(ctx context.Context) ([]Organization, error) {
	return c.ListOrganizationsFor(ctx, Reading)
}

// ListOrganizationsFor is ListOrganizations with the credentials for a purpose. It is a read,
// whatever the purpose.
func (c *Client) ListOrganizationsFor(ctx context.Context, purpose Purpose) ([]Organization, error) {
	var all []Organization
	for read := 0; ; {
		var page list[Organization]
		err := c.read(ctx, &request{
			op: "ListOrganizations", method: http.MethodGet, endpoint: "/organizations",
			query:   url.Values{"limit": {strconv.Itoa(pageSize)}, "skip": {strconv.Itoa(read)}, "sort": {"_id"}},
			out:     &page,
			purpose: purpose,
			// With x-org-id, this route answers 403 (documented).
			withoutOrganization: true,
		})
		if err != nil {
			return nil, rejectedAtLogin(err)
		}
		skip := read
		read += len(page.Results)
		all = append(all, slices.DeleteFunc(page.Results, func(o Organization) bool { return !o.valid() })...)
		switch {
		case !page.TotalCount.ends(skip, read-skip, pageSize):
		case len(all) < read:
			return all, (&request{op: "ListOrganizations", method: http.MethodGet, endpoint: "/organizations"}).fail(Unavailable, 0, errUnreadable)
		default:
			return all, nil
		}
	}
}
