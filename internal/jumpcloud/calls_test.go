package jumpcloud_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// call is one method of the client on API v2.
type call struct {
	do func(ctx context.Context, c *jumpcloud.Client, s jumpcloud.Submission, ids ...string) error
	// path has a * in the place of each id.
	path     string
	mutating bool
	// answer is the answer with which the method succeeds.
	answer string
	// succeeds is a status code that means success for this call only.
	succeeds int
}

// calls are all methods of API v2 that address something by ids.
func calls() map[string]call {
	type (
		ctx        = context.Context
		client     = jumpcloud.Client
		submission = jumpcloud.Submission
	)
	return map[string]call{
		"GetUserGroup": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := c.GetUserGroup(ctx, ids[0])
			return err
		}, "/usergroups/*", false, `{"id":"g1"}`, 0},
		"UpdateUserGroup": {func(ctx ctx, c *client, s submission, ids ...string) error {
			_, err := c.UpdateUserGroup(ctx, s, ids[0], jumpcloud.UserGroupInput{Name: "engines"})
			return err
		}, "/usergroups/*", true, `{"id":"g1"}`, 0},
		"DeleteUserGroup": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.DeleteUserGroup(ctx, s, ids[0])
		}, "/usergroups/*", true, ``, 0},
		"UserGroupMemberPages": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := drain(c.UserGroupMemberPages(ctx, ids[0], 0))
			return err
		}, "/usergroups/*/members", false, `[]`, 0},
		"AddUserGroupMember": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.AddUserGroupMember(ctx, s, ids[0], "u1")
		}, "/usergroups/*/members", true, ``, 409},
		"RemoveUserGroupMember": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.RemoveUserGroupMember(ctx, s, ids[0], "u1")
		}, "/usergroups/*/members", true, ``, 404},
		"CancelScheduledStates": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.CancelScheduledStates(ctx, s, ids[0])
		}, "/bulk/userstates/*", true, ``, 0},
		"ListPushEndpoints": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := c.ListPushEndpoints(ctx, ids[0])
			return err
		}, "/users/*/pushendpoints", false, `[]`, 0},
		"GetPushEndpoint": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := c.GetPushEndpoint(ctx, ids[0], ids[1])
			return err
		}, "/users/*/pushendpoints/*", false, `{"id":"p1"}`, 0},
		"UpdatePushEndpoint": {func(ctx ctx, c *client, s submission, ids ...string) error {
			_, err := c.UpdatePushEndpoint(ctx, s, ids[0], ids[1], jumpcloud.PushEndpointUpdate{Name: new("n")})
			return err
		}, "/users/*/pushendpoints/*", true, `{"id":"p1"}`, 0},
		"DeletePushEndpoint": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.DeletePushEndpoint(ctx, s, ids[0], ids[1])
		}, "/users/*/pushendpoints/*", true, ``, 0},
		"GetWorkdayInstance": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := c.GetWorkdayInstance(ctx, ids[0])
			return err
		}, "/workdays/*", false, `{"id":"w1"}`, 0},
		"UpdateWorkdayInstance": {func(ctx ctx, c *client, s submission, ids ...string) error {
			_, err := c.UpdateWorkdayInstance(ctx, s, ids[0], jumpcloud.WorkdayInstanceUpdate{Name: "n"})
			return err
		}, "/workdays/*", true, `{"id":"w1"}`, 0},
		"AuthorizeWorkdayInstance": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.AuthorizeWorkdayInstance(ctx, s, ids[0], jumpcloud.WorkdayCredentials{Username: "u", Password: "p"})
		}, "/workdays/*/auth", true, ``, 0},
		"DeauthorizeWorkdayInstance": {func(ctx ctx, c *client, s submission, ids ...string) error {
			return c.DeauthorizeWorkdayInstance(ctx, s, ids[0])
		}, "/workdays/*/auth", true, ``, 0},
		"WorkdayWorkerPages": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			_, err := drain(c.WorkdayWorkerPages(ctx, ids[0], 0))
			return err
		}, "/workdays/*/workers", false, `[]`, 0},
		"StartWorkdayImport": {func(ctx ctx, c *client, s submission, ids ...string) error {
			_, err := c.StartWorkdayImport(ctx, s, ids[0], make([]jumpcloud.BulkUserCreate, 1))
			return err
		}, "/workdays/*/import", true, `{"jobId":"j1"}`, 0},
		"WorkdayResultPages": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			for _, err := range c.WorkdayResultPages(ctx, ids[0], ids[1], 0) {
				return err
			}
			return nil
		}, "/workdays/*/import/*/results", false, `[]`, 0},
		"BulkResultPages": {func(ctx ctx, c *client, _ submission, ids ...string) error {
			for _, err := range c.BulkResultPages(ctx, ids[0], 0) {
				return err
			}
			return nil
		}, "/bulk/users/*/results", false, `[]`, 0},
	}
}

// An id that is empty or only dots would address a collection or another resource; so would
// one with a slash, if it were not escaped. Two ids keep their order.
func TestIdsStayInTheirPlaces(t *testing.T) {
	for name, call := range calls() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, answers(200, call.answer))
			count := strings.Count(call.path, "*")
			for position := range count {
				for _, bad := range []string{"", ".", ".."} {
					ids := []string{"id0", "id1"}
					ids[position] = bad
					err := call.do(t.Context(), client, soon(), ids...)
					g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused), "%q", bad)
				}
			}
			g.Expect(rec.all()).To(BeEmpty())

			g.Expect(call.do(t.Context(), client, soon(), "a/../b?c", "{d}%2f")).To(Succeed())
			path := strings.Replace(call.path, "*", "a%2F..%2Fb%3Fc", 1)
			path = strings.Replace(path, "*", "%7Bd%7D%252f", 1)
			g.Expect(rec.last(t).Path).To(Equal("/api/v2" + path))
			g.Expect(rec.last(t).Header.Get("X-Org-Id")).To(Equal(testOrg))
		})
	}
}

// TestClassesOfCalls is the table of what the answers mean for each call: the same as for any
// other, except for the status codes that mean success.
func TestClassesOfCalls(t *testing.T) {
	type classes struct{ read, mutate jumpcloud.Class }
	for status, want := range map[int]classes{
		302: {jumpcloud.NotSent, jumpcloud.NotSent},
		400: {jumpcloud.Refused, jumpcloud.Refused},
		401: {jumpcloud.Auth, jumpcloud.Auth},
		403: {jumpcloud.Refused, jumpcloud.Refused},
		404: {jumpcloud.Refused, jumpcloud.Refused},
		409: {jumpcloud.Refused, jumpcloud.Refused},
		429: {jumpcloud.RateLimited, jumpcloud.RateLimited},
		500: {jumpcloud.Unavailable, jumpcloud.Unknown},
	} {
		for name, call := range calls() {
			g := NewWithT(t)
			client, rec := serve(t, answers(status, `{"message":"no to `+testKey+`"}`))
			err := call.do(t.Context(), client, soon(), "id0", "id1")
			g.Expect(rec.all()).To(HaveLen(1), "%s: %d", name, status)
			if status == call.succeeds {
				g.Expect(err).NotTo(HaveOccurred(), "%s: %d", name, status)
				continue
			}
			class := want.read
			if call.mutating {
				class = want.mutate
			}
			failure, ok := errors.AsType[*jumpcloud.Error](err)
			g.Expect(ok).To(BeTrue(), "%s: %d", name, status)
			g.Expect(failure.Class).To(Equal(class), "%s: %d", name, status)
			g.Expect(failure.Op).To(Equal(name))
			g.Expect(failure.Message()).To(Equal("no to ***"))
			g.Expect(jumpcloud.IsNotFound(err)).To(Equal(status == 404))
			g.Expect(err.Error()).NotTo(ContainSubstring("id0"))
		}
	}
}

// Nothing is sent past the deadline, whatever the call.
func TestEveryMutatingCallHasADeadline(t *testing.T) {
	for name, call := range calls() {
		g := NewWithT(t)
		client, rec := serve(t, answers(200, call.answer))
		err := call.do(t.Context(), client, jumpcloud.Submission{}, "id0", "id1")
		if !call.mutating {
			g.Expect(err).NotTo(HaveOccurred(), name)
			continue
		}
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent), name)
		g.Expect(rec.all()).To(BeEmpty(), name)
	}
}
