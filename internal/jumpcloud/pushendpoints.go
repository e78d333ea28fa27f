package jumpcloud

import (
	"context"
	"net/http"
	"time"
)

// The states that can be set on a push endpoint (documented); others, which can only be read,
// are not declared.
const (
	PushEndpointActive   = "active"
	PushEndpointInactive = "inactive"
)

// PushEndpoint is a device that is registered for push MFA. Only the app on the device creates
// one.
type PushEndpoint struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// State is PushEndpointActive, PushEndpointInactive, or something else that JumpCloud
	// says.
	State string `json:"state"`
	// EnrollmentDate and LastUsedDate are in UTC; nil if JumpCloud sends none or something
	// that is no date.
	EnrollmentDate *time.Time `json:"-"`
	LastUsedDate   *time.Time `json:"-"`
	Device         PushDevice `json:"device"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
}

// PushDevice is what JumpCloud knows about the device.
type PushDevice struct {
	AppVersion string `json:"appVersion"`
	Make       string `json:"make"`
	Model      string `json:"model"`
	OS         string `json:"os"`
	OSVersion  string `json:"osVersion"`
	// UVEnabled is set if the device verifies its user.
	UVEnabled bool `json:"uvEnabled"`
}

func (p *PushEndpoint) valid() bool { return p.ID != "" }

func (p *PushEndpoint) shows() bool { return p.ID != "" || p.Name != "" }

// UnmarshalJSON never fails for JSON: see Unread. Dates that cannot be parsed become nil.
func (p *PushEndpoint) UnmarshalJSON(data []byte) error {
	type plain PushEndpoint
	*p = PushEndpoint{}
	wire := struct {
		*plain
		EnrollmentDate date `json:"enrollmentDate"`
		LastUsedDate   date `json:"lastUsedDate"`
	}{plain: (*plain)(p)}
	p.Unread = decodeRecord(data, &wire)
	p.EnrollmentDate, p.LastUsedDate = wire.EnrollmentDate.known(), wire.LastUsedDate.known()
	return nil
}

// UnmarshalJSON accepts members of other types than the documented ones: they
// are shown, and nothing depends on them.
func (d *PushDevice) UnmarshalJSON(data []byte) error {
	type plain PushDevice
	*d = PushDevice{}
	decodeRecord(data, (*plain)(d))
	return nil
}

// PushEndpointUpdate is a change of an endpoint. A nil member leaves the value as it is.
type PushEndpointUpdate struct {
	Name *string `json:"name,omitempty"`
	// State is PushEndpointActive or PushEndpointInactive.
	State *string `json:"state,omitempty"`
}

// ListPushEndpoints returns all push endpoints of a user, including inactive ones (assumed).
// The list has no pages (documented). If the user does not exist, IsNotFound reports true.
func (c *Client) ListPushEndpoints(ctx context.Context, userID string) ([]PushEndpoint, error) {
	var endpoints records[PushEndpoint]
	err := c.read(ctx, &request{
		op: "ListPushEndpoints", method: http.MethodGet, endpoint: "/users/{user_id}/pushendpoints",
		ids: []string{userID}, api: v2, out: &endpoints,
	})
	if err != nil {
		return nil, err
	}
	return endpoints, nil
}

// GetPushEndpoint reads one push endpoint. If it does not exist, IsNotFound reports true.
func (c *Client) GetPushEndpoint(ctx context.Context, userID, id string) (*PushEndpoint, error) {
	var endpoint PushEndpoint
	r := pushEndpoint("GetPushEndpoint", http.MethodGet, userID, id)
	r.out = &endpoint
	if err := c.read(ctx, r); err != nil {
		return nil, err
	}
	return &endpoint, nil
}

// UpdatePushEndpoint changes what update states, at least one member, and returns the changed
// push endpoint. If it does not exist, IsNotFound reports true.
func (c *Client) UpdatePushEndpoint(ctx context.Context, s Submission, userID, id string, update PushEndpointUpdate) (*PushEndpoint, error) {
	var endpoint PushEndpoint
	r := pushEndpoint("UpdatePushEndpoint", http.MethodPatch, userID, id)
	r.in, r.out = update, &endpoint
	if update == (PushEndpointUpdate{}) {
		return nil, r.fail(Refused, 0, errInput)
	}
	if err := c.mutate(ctx, s, r); err != nil {
		return nil, err
	}
	return &endpoint, nil
}

// DeletePushEndpoint deletes a push endpoint for good: only the app on the device can create a
// new one. If it does not exist, IsNotFound reports true.
func (c *Client) DeletePushEndpoint(ctx context.Context, s Submission, userID, id string) error {
	return c.mutate(ctx, s, pushEndpoint("DeletePushEndpoint", http.MethodDelete, userID, id))
}

func pushEndpoint(op, method, userID, id string) *request {
	return &request{
		op: op, method: method, endpoint: "/users/{user_id}/pushendpoints/{push_endpoint_id}", ids: []string{userID, id}, api: v2,
	}
}
