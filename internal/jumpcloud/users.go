package jumpcloud

import (
	"context"
	"net/http"
	"net/url"
)

// UserUpdate is a change of one user. State must not be STAGED, and the schema of this call
// lacks PasswordlessSudo (documented).
type UserUpdate struct {
	UserAttributes
}

// DeleteUserOptions are the options of DeleteUser.
type DeleteUserOptions struct {
	// CascadeManager says what happens to the users whom the user manages: "null" (documented)
	// leaves them without a manager, a user's id (observed) makes that user their manager. If
	// it is empty, JumpCloud refuses to delete a manager, with 409.
	CascadeManager string
}

// GetUser reads one user in full. If it does not exist, IsNotFound reports true.
func (c *Client) GetUser(ctx context.Context, id string) (*User, error) {
	var user User
	err := c.read(ctx, &request{
		op: "GetUser", method: http.MethodGet, endpoint: "/systemusers/{id}", ids: []string{id}, out: &user,
	})
	if err != nil {
		return nil, err
	}
	return &user, nil
}

// UpdateUser changes what update states and leaves the rest as it is (observed). It returns
// the changed user, as far as the answer shows it.
func (c *Client) UpdateUser(ctx context.Context, s Submission, id string, update UserUpdate) (*User, error) {
	var user User
	err := c.mutate(ctx, s, &request{
		op: "UpdateUser", method: http.MethodPut, endpoint: "/systemusers/{id}", ids: []string{id}, in: update, out: (*changedUser)(&user),
	})
	if err != nil {
		return nil, err
	}
	return &user, nil
}

// changedUser is the answer to a change. Only its arrival matters, not its content.
type changedUser User

// UnmarshalJSON decodes it like any user.
func (u *changedUser) UnmarshalJSON(data []byte) error { return (*User)(u).UnmarshalJSON(data) }

// DeleteUser deletes a user and everything that belongs to it, for good.
func (c *Client) DeleteUser(ctx context.Context, s Submission, id string, o DeleteUserOptions) error {
	query := url.Values{}
	if o.CascadeManager != "" {
		query.Set("cascade_manager", o.CascadeManager)
	}
	return c.mutate(ctx, s, &request{
		op: "DeleteUser", method: http.MethodDelete, endpoint: "/systemusers/{id}", ids: []string{id}, query: query,
	})
}
