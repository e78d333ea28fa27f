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

// GraphObjectWithPaths is an object and the paths that lead to it.
type GraphObjectWithPaths struct {
	ID    string              `json:"id"`
	Type  string              `json:"type"`
	Paths [][]GraphConnection `json:"paths"`
}

func (o *GraphObjectWithPaths) shows() bool { return o.ID != "" || o.Type != "" }

// UnmarshalJSON never fails for JSON: an object that cannot be read has no id.
func (o *GraphObjectWithPaths) UnmarshalJSON(data []byte) error {
	type plain GraphObjectWithPaths
	*o = GraphObjectWithPaths{}
	decodeRecord(data, (*plain)(o))
	return nil
}

// Suggestion is a change of members that a query asks for and that an administrator must
// apply.
type Suggestion struct {
	// Op is add or remove.
	Op     string      `json:"op"`
	Object GraphObject `json:"object"`
}

func (s *Suggestion) shows() bool { return s.Object.ID != "" || s.Op != "" }

// UnmarshalJSON never fails for JSON: an object that cannot be read has no id.
func (s *Suggestion) UnmarshalJSON(data []byte) error {
	type plain Suggestion
	*s = Suggestion{}
	decodeRecord(data, (*plain)(s))
	return nil
}

// AppliedSuggestions are the users whose suggestions were applied, and those
// who had none.
type AppliedSuggestions struct {
	Found    []string `json:"suggestions_found"`
	NotFound []string `json:"suggestions_not_found"`
}

func (a *AppliedSuggestions) valid() bool { return a.Found != nil || a.NotFound != nil }

// UnmarshalJSON accepts members of other types than the documented ones.
func (a *AppliedSuggestions) UnmarshalJSON(data []byte) error {
	type plain AppliedSuggestions
	*a = AppliedSuggestions{}
	decodeRecord(data, (*plain)(a))
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

// UserGroupMembershipPages lists the users who are in a group, directly or
// through other groups.
func (c *Client) UserGroupMembershipPages(ctx context.Context, groupID string, skip int) iter.Seq2[*Page[GraphObjectWithPaths], error] {
	return pages[GraphObjectWithPaths](ctx, c, skip, request{
		op: "UserGroupMembershipPages", endpoint: "/usergroups/{group_id}/membership", ids: []string{groupID},
	})
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

// UserGroupSuggestionPages lists the changes that a group's query suggests (documented in
// older specifications only).
func (c *Client) UserGroupSuggestionPages(ctx context.Context, groupID string, skip int) iter.Seq2[*Page[Suggestion], error] {
	return pages[Suggestion](ctx, c, skip, request{
		op: "UserGroupSuggestionPages", endpoint: "/usergroups/{group_id}/suggestions", ids: []string{groupID},
	})
}

// ApplyUserGroupSuggestions applies the suggestions for these users, at least one (documented
// in older specifications only).
func (c *Client) ApplyUserGroupSuggestions(ctx context.Context, s Submission, groupID string, userIDs []string) (*AppliedSuggestions, error) {
	var applied AppliedSuggestions
	r := &request{
		op: "ApplyUserGroupSuggestions", method: http.MethodPost, endpoint: "/usergroups/{group_id}/suggestions",
		ids: []string{groupID}, api: v2, in: map[string][]string{"user_ids": userIDs}, out: &applied,
	}
	if len(userIDs) == 0 {
		return nil, r.fail(Refused, 0, errInput)
	}
	if err := c.mutate(ctx, s, r); err != nil {
		return nil, err
	}
	return &applied, nil
}
