package jumpcloud

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
)

// GraphObject names an object in JumpCloud's graph of users, groups and what they are bound
// to.
type GraphObject struct {
	ID string `json:"id"`
	// Type is user, user_group and so on; USER in a group's exemptions.
	Type       string          `json:"type"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
}

// UnmarshalJSON never fails for JSON: see Unread.
func (o *GraphObject) UnmarshalJSON(data []byte) error {
	type plain GraphObject
	*o = GraphObject{}
	o.Unread = decodeRecord(data, (*plain)(o))
	return nil
}

// GraphConnection is one step in the graph. From is nil where it is implied.
type GraphConnection struct {
	From *GraphObject `json:"from,omitempty"`
	To   GraphObject  `json:"to"`
}

func (c *GraphConnection) shows() bool { return c.To.ID != "" || c.To.Type != "" }

// UnmarshalJSON never fails for JSON: an object that cannot be read has no id.
func (c *GraphConnection) UnmarshalJSON(data []byte) error {
	type plain GraphConnection
	*c = GraphConnection{}
	decodeRecord(data, (*plain)(c))
	return nil
}

// UserGroupMemberPages lists the direct members of a group. JumpCloud documents no order for
// the list. If the group does not exist, IsNotFound reports true.
func (c *Client) UserGroupMemberPages(ctx context.Context, groupID string, skip int) iter.Seq2[*Page[GraphObject], error] {
	members := pages[GraphConnection](ctx, c, skip, request{
		op: "UserGroupMemberPages", endpoint: "/usergroups/{group_id}/members", ids: []string{groupID},
	})
	return convert(members, func(c GraphConnection) GraphObject { return c.To })
}

// AddUserGroupMember makes a user a direct member. It also succeeds if the user is a member
// already (a 409, observed), and succeeds without effect if a query determines the members
// (observed). If the user does not exist, IsNotFound reports true; if the group does not
// exist, IsGroupNotFound.
func (c *Client) AddUserGroupMember(ctx context.Context, s Submission, groupID, userID string) error {
	return except(http.StatusConflict, c.changeMember(ctx, s, "AddUserGroupMember", "add", groupID, userID))
}

// RemoveUserGroupMember ends a direct membership. It also succeeds if the membership or the
// user does not exist (a 404, observed). If the group does not exist, IsGroupNotFound reports
// true.
func (c *Client) RemoveUserGroupMember(ctx context.Context, s Submission, groupID, userID string) error {
	return except(http.StatusNotFound, c.changeMember(ctx, s, "RemoveUserGroupMember", "remove", groupID, userID))
}

type memberChange struct {
	Op   string `json:"op"`
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (c *Client) changeMember(ctx context.Context, s Submission, op, change, groupID, userID string) error {
	r := &request{
		op: op, method: http.MethodPost, endpoint: "/usergroups/{group_id}/members", ids: []string{groupID}, api: v2,
		in: memberChange{Op: change, Type: "user", ID: userID},
	}
	if userID == "" {
		return r.fail(Refused, 0, errID)
	}
	return c.mutate(ctx, s, r)
}
