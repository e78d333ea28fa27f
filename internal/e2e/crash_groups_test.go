package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// groupChores are what the operator does to groups.
var groupChores = map[string]func(name string) chore{
	"create":         func(name string) chore { return &createGroup{groupOf{name: name}} },
	"change members": func(name string) chore { return &changeGroup{groupOf{name: name}} },
	"delete":         func(name string) chore { return &deleteGroup{groupOf{name: name}} },
}

// groupOf is a group with the object's name and three people of its own.
type groupOf struct {
	name, namespace, id string
	names, people       []string // usernames and ids
}

func (*groupOf) resource() string { return "usergroups" }

func (g *groupOf) object() client.Object {
	object := &v1alpha1.UserGroup{}
	object.Namespace, object.Name = g.namespace, g.name
	return object
}

func (g *groupOf) group() *v1alpha1.UserGroup { return g.object().(*v1alpha1.UserGroup) }

// sends recognizes the group by its name or id in requests that create or change it, and by
// its people in requests that add and remove them.
func (g *groupOf) sends(r jumpcloudtest.Request) bool {
	var body struct{ Name, ID string }
	_ = json.Unmarshal([]byte(r.Body), &body)
	return strings.HasPrefix(r.Path, "/api/v2/usergroups") &&
		(body.Name == g.name || slices.Contains(g.people, body.ID) || g.id != "" && strings.HasSuffix(r.Path, g.id))
}

func (g *groupOf) hire(c *crash) {
	c.Helper()
	g.namespace = c.namespace
	for _, suffix := range []string{"-a", "-b", "-c"} {
		g.names = append(g.names, g.name+suffix)
		g.people = append(g.people, c.newcomer(g.name+suffix, nil))
	}
}

// references returns the people with these indices.
func (g *groupOf) references(indices ...int) *[]v1alpha1.UserReference {
	var references []v1alpha1.UserReference
	for _, i := range indices {
		references = append(references, v1alpha1.UserReference{Username: g.names[i]})
	}
	return &references
}

func (g *groupOf) exists(c *crash) {
	c.Helper()
	g.hire(c)
	c.group(g.name, v1alpha1.UserGroupSpec{Members: g.references(0, 1), DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	g.id = isReady(c.world, g.group()).Status.ID
}

// live returns the groups with the name at JumpCloud.
func (g *groupOf) live(c *crash) []jumpcloudtest.UserGroup {
	return slices.DeleteFunc(c.org.UserGroups(), func(live jumpcloudtest.UserGroup) bool { return live["name"] != g.name })
}

// committed returns how many calls with the method had an effect and contain the text in their
// body.
func (g *groupOf) committed(c *crash, method, text string) int {
	n := 0
	for _, request := range c.sim.MutatingRequests() {
		if g.sends(request) && request.Method == method && request.Committed && strings.Contains(request.Body, text) {
			n++
		}
	}
	return n
}

// isLive checks that there is exactly one group, which has these people.
func (g *groupOf) isLive(c *crash, description string, people ...int) {
	c.Helper()
	object := isReady(c.world, g.group())
	live := g.live(c)
	c.Expect(live).To(HaveLen(1), "exactly one group")
	c.Expect(live[0]).To(And(HaveKeyWithValue("id", object.Status.ID), HaveKeyWithValue("description", description)))
	c.Expect(object.Status.Adopted).To(BeFalse(), "it is ours")
	c.Expect(object.Status.Creating).To(BeNil())
	var names []string
	for _, i := range people {
		names = append(names, g.names[i])
	}
	c.Expect(c.members(g.name)).To(ConsistOf(names))
	c.Expect(object.Status.Members.Current).To(Equal(int32(len(people))))
}

// createGroup creates a group with two members.
type createGroup struct{ groupOf }

func (g *createGroup) prepare(c *crash) { g.hire(c) }

func (g *createGroup) begin(c *crash) {
	c.group(g.name, v1alpha1.UserGroupSpec{
		Description: new("new"), Members: g.references(0, 1), DeletionPolicy: v1alpha1.DeletionPolicyDelete,
	})
}

func (g *createGroup) done(c *crash) {
	c.Helper()
	g.isLive(c, "new", 0, 1)
	c.Expect(g.committed(c, http.MethodPost, `"name"`)).To(Equal(1), "it was created once")
	c.Expect(g.committed(c, http.MethodPost, `"remove"`)).To(BeZero(), "nobody was removed")
	c.Expect(g.committed(c, http.MethodDelete, "")).To(BeZero())
}

// changeGroup changes a group, adds a member and removes another.
type changeGroup struct{ groupOf }

func (g *changeGroup) prepare(c *crash) { g.exists(c) }

func (g *changeGroup) begin(c *crash) {
	amend(c.world, g.group(), func(group *v1alpha1.UserGroup) {
		group.Spec.Description, group.Spec.Members = new("changed"), g.references(1, 2)
	})
}

func (g *changeGroup) done(c *crash) {
	c.Helper()
	g.isLive(c, "changed", 1, 2)
	c.Expect(g.live(c)[0]).To(HaveKeyWithValue("id", g.id))
	c.Expect(g.committed(c, http.MethodPost, `"remove"`)).To(Equal(1), "one was removed, once")
}

// deleteGroup deletes a group with its object.
type deleteGroup struct{ groupOf }

func (g *deleteGroup) prepare(c *crash) { g.exists(c) }

func (g *deleteGroup) begin(c *crash) {
	c.Expect(plane.Client.Delete(c.Context(), g.object())).To(Succeed())
}

func (g *deleteGroup) done(c *crash) {
	c.Helper()
	c.disappears(g.object())
	c.Expect(g.live(c)).To(BeEmpty())
	c.Expect(g.committed(c, http.MethodDelete, "")).To(Equal(1))
}
