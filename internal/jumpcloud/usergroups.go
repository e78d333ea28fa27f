package jumpcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// MembershipMethod says how the members of a group are determined.
type MembershipMethod string

// The methods (documented).
const (
	// MembershipNotSet is the method of old groups; it works like MembershipStatic.
	MembershipNotSet MembershipMethod = "NOTSET"
	// MembershipStatic means that only explicit calls change the members.
	MembershipStatic MembershipMethod = "STATIC"
	// MembershipDynamicReviewRequired turns the query's result into suggestions, which an
	// administrator applies.
	MembershipDynamicReviewRequired MembershipMethod = "DYNAMIC_REVIEW_REQUIRED"
	// MembershipDynamicAutomated makes the query's result the members. Calls that add others
	// succeed and change nothing (observed).
	MembershipDynamicAutomated MembershipMethod = "DYNAMIC_AUTOMATED"
)

// exemptUser is the only type that exemptions accept (observed); everywhere else JumpCloud
// writes it in lower case.
const exemptUser = "USER"

// UserGroup is one group in full.
type UserGroup struct {
	// ID is 24 hexadecimal digits, lower case.
	ID string `json:"id"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
	UserGroupInput

	// SuggestionCounts are for groups whose changes need a review.
	SuggestionCounts SuggestionCounts `json:"suggestionCounts"`
	// MemberQueryErrorFlags say what is wrong with the query: CYCLE,
	// INVALID_GROUP_REFERENCE (documented).
	MemberQueryErrorFlags []string `json:"memberQueryErrorFlags"`
}

// SuggestionCounts is how many changes of members wait for a review.
type SuggestionCounts struct {
	Add    int `json:"add"`
	Remove int `json:"remove"`
	Total  int `json:"total"`
}

// UserGroupInput is the writable part of a group. An update resets what it does not state
// (observed), so an update starts from UserGroup.Input.
type UserGroupInput struct {
	// Name is unique; it is case-sensitive (documented).
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Email       string `json:"email,omitempty"`
	// Attributes are JumpCloud's members: sudo, ldapGroups, posixGroups, radius, sambaEnabled,
	// and whatever else a group may have; an update loses nothing that was read. Without
	// ldapGroups, JumpCloud creates one with the group's name; posixGroups can never be
	// changed or removed (both observed).
	Attributes map[string]json.RawMessage `json:"attributes,omitempty"`
	// MembershipMethod defaults to STATIC (observed).
	MembershipMethod MembershipMethod `json:"membershipMethod,omitempty"`
	// MemberQuery is the query of a dynamic group as JumpCloud returns it; nil states none. It
	// survives a change to STATIC, unless NoMemberQuery removes it (observed).
	MemberQuery json.RawMessage `json:"memberQuery,omitempty"`
	// MemberQueryExemptions are users whom the query does not cover. nil states nothing, and
	// an empty list removes the existing ones.
	MemberQueryExemptions []GraphObject `json:"memberQueryExemptions,omitzero"`
	// MemberSuggestionsNotify mails administrators about suggestions.
	MemberSuggestionsNotify bool `json:"memberSuggestionsNotify"`
}

// NoMemberQuery removes the query of a group. The published schema does not allow it, so use
// it only for a group that has one.
var NoMemberQuery = json.RawMessage("null")

func (g *UserGroup) valid() bool { return g.ID != "" }

// Writable reports whether everything that an update writes back is known: the update would
// lose what could not be read.
func (g *UserGroup) Writable() bool {
	return !g.Unread.Has("name", "description", "email", "attributes", "membershipMethod", "memberQuery", exemptionsMember, "memberSuggestionsNotify")
}

const exemptionsMember = "memberQueryExemptions"

// UnmarshalJSON never fails for JSON: see Unread. It makes null a nil MemberQuery.
func (g *UserGroup) UnmarshalJSON(data []byte) error {
	type plain UserGroup
	*g = UserGroup{}
	g.Unread = decodeRecord(data, (*plain)(g))
	if slices.ContainsFunc(g.MemberQueryExemptions, func(o GraphObject) bool { return o.ID == "" || o.Unread != nil }) {
		g.MemberQueryExemptions, g.Unread = nil, append(g.Unread, exemptionsMember)
	}
	if isNull(g.MemberQuery) {
		g.MemberQuery = nil
	}
	return nil
}

// Input returns a copy of what an update that changes nothing writes.
func (g *UserGroup) Input() UserGroupInput {
	in := g.UserGroupInput
	in.Attributes = maps.Clone(in.Attributes)
	if _, stated := in.Attributes["ldapGroups"]; !stated {
		// The group has none, and an update that does not say so would give it one.
		if in.Attributes == nil {
			in.Attributes = map[string]json.RawMessage{}
		}
		in.Attributes["ldapGroups"] = json.RawMessage("[]")
	}
	in.MemberQuery = bytes.Clone(in.MemberQuery)
	if in.MemberQueryExemptions = exemptions(in.MemberQueryExemptions); len(in.MemberQueryExemptions) == 0 {
		in.MemberQueryExemptions = nil
	}
	return in
}

// exemptions returns the objects in the form that JumpCloud accepts: a list of USERs.
func exemptions(objects []GraphObject) []GraphObject {
	if objects == nil {
		return nil
	}
	users := make([]GraphObject, len(objects))
	for i, object := range objects {
		if strings.EqualFold(object.Type, exemptUser) {
			object.Type = exemptUser
		}
		users[i] = object
	}
	return users
}

// UserGroupSummary is what a list says about a group (observed).
type UserGroupSummary struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Email       string `json:"email"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
}

func (s *UserGroupSummary) shows() bool { return s.ID != "" || s.Name != "" }

// UnmarshalJSON never fails for JSON: see Unread.
func (s *UserGroupSummary) UnmarshalJSON(data []byte) error {
	type plain UserGroupSummary
	*s = UserGroupSummary{}
	s.Unread = decodeRecord(data, (*plain)(s))
	return nil
}

// UserGroupListOptions select what UserGroupPages reads.
type UserGroupListOptions struct {
	// Skip is the number of records to skip.
	Skip int
	// Name selects the groups with this name. JumpCloud honours wildcards in it (observed), so
	// compare the names in the result. A name with a comma or an asterisk cannot be expressed
	// and is refused. Empty selects all groups.
	Name string
}

// UserGroupPages lists groups in the order of their names: names are unique, and no other
// order of this list is known to work.
func (c *Client) UserGroupPages(ctx context.Context, o UserGroupListOptions) iter.Seq2[*Page[UserGroupSummary], error] {
	list := request{op: "UserGroupPages", endpoint: "/usergroups", query: url.Values{"sort": {"name"}}}
	if strings.ContainsAny(o.Name, ",*") {
		return func(yield func(*Page[UserGroupSummary], error) bool) { yield(nil, list.fail(Refused, 0, errInput)) }
	}
	if o.Name != "" {
		list.query.Set("filter", "name:eq:"+o.Name)
	}
	return pages[UserGroupSummary](ctx, c, o.Skip, list)
}

// GetUserGroup reads one group in full. If it does not exist, IsNotFound reports true.
func (c *Client) GetUserGroup(ctx context.Context, id string) (*UserGroup, error) {
	var group UserGroup
	err := c.read(ctx, &request{
		op: "GetUserGroup", method: http.MethodGet, endpoint: "/usergroups/{id}", ids: []string{id}, api: v2, out: &group,
	})
	if err != nil {
		return nil, err
	}
	return &group, nil
}

// CreateUserGroup creates a group. If the name is taken, IsAlreadyExists reports true.
func (c *Client) CreateUserGroup(ctx context.Context, s Submission, in UserGroupInput) (*UserGroup, error) {
	return c.writeUserGroup(ctx, s, in, &request{op: "CreateUserGroup", method: http.MethodPost, endpoint: "/usergroups"})
}

// UpdateUserGroup replaces the writable part of a group: what in does not state is reset
// (observed). There are no versions: of two writers, the last one wins.
func (c *Client) UpdateUserGroup(ctx context.Context, s Submission, id string, in UserGroupInput) (*UserGroup, error) {
	return c.writeUserGroup(ctx, s, in, &request{
		op: "UpdateUserGroup", method: http.MethodPut, endpoint: "/usergroups/{id}", ids: []string{id},
	})
}

func (c *Client) writeUserGroup(ctx context.Context, s Submission, in UserGroupInput, r *request) (*UserGroup, error) {
	var group UserGroup
	in.MemberQueryExemptions = exemptions(in.MemberQueryExemptions)
	r.api, r.in, r.out = v2, in, &group
	if isQueryDSL(in.MemberQuery) {
		r.header = http.Header{"X-Query-Dsl": {"v2"}}
	}
	if err := c.mutate(ctx, s, r); err != nil {
		return nil, err
	}
	return &group, nil
}

// isQueryDSL reports whether the query is in the newer of JumpCloud's query languages, which
// has no queryType and is refused without the header x-query-dsl (observed).
func isQueryDSL(query json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(query, &members) != nil || members == nil {
		return false
	}
	_, classic := members["queryType"]
	return !classic
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// DeleteUserGroup deletes a group and its bindings; its users stay (observed).
func (c *Client) DeleteUserGroup(ctx context.Context, s Submission, id string) error {
	return c.mutate(ctx, s, &request{
		op: "DeleteUserGroup", method: http.MethodDelete, endpoint: "/usergroups/{id}", ids: []string{id}, api: v2,
	})
}
