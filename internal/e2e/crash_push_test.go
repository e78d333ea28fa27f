package e2e

import (
	"net/http"
	"strings"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// pushChores are what the operator does to push endpoints.
var pushChores = map[string]func(name string) chore{
	"rename and deactivate": func(name string) chore { return &changePush{pushOf{name: name}} },
	"delete":                func(name string) chore { return &deletePush{pushOf{name: name}} },
}

// pushOf is a push endpoint of a user of its own, who has a second one that must not change.
type pushOf struct {
	name, namespace       string
	userID, phone, tablet string
}

func (*pushOf) resource() string { return "pushendpoints" }

func (p *pushOf) object() client.Object {
	object := &v1alpha1.PushEndpoint{}
	object.Namespace, object.Name = p.namespace, p.name
	return object
}

func (p *pushOf) sends(r jumpcloudtest.Request) bool { return strings.HasSuffix(r.Path, "/"+p.phone) }

func (p *pushOf) enroll(c *crash) {
	c.Helper()
	p.namespace = c.namespace
	p.userID = c.newcomer(p.name, nil)
	p.phone = c.org.AddPushEndpoint(p.userID, jumpcloudtest.PushEndpoint{"name": "Phone"})
	p.tablet = c.org.AddPushEndpoint(p.userID, jumpcloudtest.PushEndpoint{"name": "Tablet"})
}

func (p *pushOf) declare(c *crash, spec v1alpha1.PushEndpointSpec) {
	c.Helper()
	spec.User, spec.Endpoint = v1alpha1.UserReference{Username: p.name}, v1alpha1.PushEndpointReference{Name: "Phone"}
	c.push(p.name, spec)
}

// live returns the endpoints that the user has.
func (p *pushOf) live(c *crash) []jumpcloudtest.PushEndpoint { return c.org.PushEndpoints(p.userID) }

func isUntouchedTablet() types.GomegaMatcher {
	return And(HaveKeyWithValue("name", "Tablet"), HaveKeyWithValue("state", "active"))
}

// changePush renames and deactivates an endpoint.
type changePush struct{ pushOf }

func (p *changePush) prepare(c *crash) { p.enroll(c) }

func (p *changePush) begin(c *crash) {
	p.declare(c, v1alpha1.PushEndpointSpec{Name: "Renamed", State: v1alpha1.PushEndpointInactive, DeletionPolicy: v1alpha1.DeletionPolicyDelete})
}

func (p *changePush) done(c *crash) {
	c.Helper()
	object := isReady(c.world, p.object().(*v1alpha1.PushEndpoint))
	c.Expect(object.Status).To(And(HaveField("ID", p.phone), HaveField("State", "Inactive")))
	c.Expect(object.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	c.Expect(p.live(c)).To(ConsistOf(isUntouchedTablet(),
		And(HaveKeyWithValue("id", p.phone), HaveKeyWithValue("name", "Renamed"), HaveKeyWithValue("state", "inactive"))))
}

// deletePush deletes an endpoint with its object.
type deletePush struct{ pushOf }

func (p *deletePush) prepare(c *crash) {
	p.enroll(c)
	p.declare(c, v1alpha1.PushEndpointSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	isReady(c.world, p.object().(*v1alpha1.PushEndpoint))
}

func (p *deletePush) begin(c *crash) {
	c.Expect(plane.Client.Delete(c.Context(), p.object())).To(Succeed())
}

func (p *deletePush) done(c *crash) {
	c.Helper()
	c.disappears(p.object())
	c.Expect(p.live(c)).To(ConsistOf(isUntouchedTablet()))
	deletions := 0
	for _, request := range c.sim.MutatingRequests() {
		if p.sends(request) && request.Method == http.MethodDelete && request.Committed {
			deletions++
		}
	}
	c.Expect(deletions).To(Equal(1))
}
