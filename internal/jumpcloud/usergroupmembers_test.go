package jumpcloud_test

import (
	"context"
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestMembersAreListed(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `[
		{"to":{"id":"u1","type":"user"}},
		{"to":{"id":"u2","type":"user","attributes":{"a":1}},"from":{"id":"g1","type":"user_group"},"attributes":null}]`))
	members, err := drain(client.UserGroupMemberPages(t.Context(), "g1", 0))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(members).To(Equal([]jumpcloud.GraphObject{
		{ID: "u1", Type: "user"}, {ID: "u2", Type: "user", Attributes: json.RawMessage(`{"a":1}`)},
	}))
	g.Expect(rec.last(t).line()).To(Equal("GET /api/v2/usergroups/g1/members limit=100&skip=0"))
}

// TestMemberChanges is the table of what the answers to these calls mean (observed): some that
// look like failures are not.
func TestMemberChanges(t *testing.T) {
	const ok, groupGone, userGone, refused, unknown = "ok", "no such group", "no such user", "refused", "unknown"
	outcome := func(err error) string {
		switch {
		case err == nil:
			return ok
		case jumpcloud.IsGroupNotFound(err):
			return groupGone
		case jumpcloud.IsNotFound(err):
			return userGone
		case jumpcloud.ClassOf(err) == jumpcloud.Refused:
			return refused
		default:
			return unknown
		}
	}
	for name, test := range map[string]struct {
		status      int
		body        string
		add, remove string
	}{
		"done":               {204, ``, ok, ok},
		"is a member":        {409, `{"message":"Already Exists"}`, ok, refused},
		"409 without a body": {409, ``, ok, refused},
		"not found":          {404, `{"message":"Not Found"}`, userGone, ok},
		"unknown group":      {400, `{"error":"INVALID_ARGUMENT","message":"user_group not found"}`, groupGone, groupGone},
		"another 400":        {400, `{"error":"INVALID_ARGUMENT","message":"bad op"}`, refused, refused},
		"500":                {500, `{"message":"user_group not found"}`, unknown, unknown},
		"page for people":    {200, loginPage, unknown, unknown},
		"forbidden":          {403, ``, refused, refused},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, answers(test.status, test.body))
			for _, call := range []struct {
				do   func(ctx context.Context, s jumpcloud.Submission, groupID, userID string) error
				op   string
				want string
			}{{client.AddUserGroupMember, "add", test.add}, {client.RemoveUserGroupMember, "remove", test.remove}} {
				g.Expect(outcome(call.do(t.Context(), soon(), "g1", "u1"))).To(Equal(call.want), call.op)
				g.Expect(rec.last(t).line()).To(Equal(`POST /api/v2/usergroups/g1/members {"op":"` + call.op + `","type":"user","id":"u1"}`))
			}
			g.Expect(rec.all()).To(HaveLen(2))
		})
	}
}

func TestAMemberHasAnID(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(204, ""))
	g.Expect(jumpcloud.ClassOf(client.AddUserGroupMember(t.Context(), soon(), "g1", ""))).To(Equal(jumpcloud.Refused))
	g.Expect(jumpcloud.ClassOf(client.RemoveUserGroupMember(t.Context(), soon(), "g1", ""))).To(Equal(jumpcloud.Refused))
	g.Expect(rec.all()).To(BeEmpty())
}
