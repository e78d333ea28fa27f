package pushendpoint_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/pushendpoint"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// world has the user ada, who has a phone, and the PushEndpoint "phone".
type world struct {
	*enginetest.World[*v1alpha1.PushEndpoint]
	// ada and phone are ids.
	ada, phone string
}

// story runs a test in a bubble of fake time.
func story(t *testing.T, tell func(w *world), changes ...func(*v1alpha1.PushEndpoint)) {
	t.Helper()
	storyWith(t, nil, tell, changes...)
}

// storyWith is story with further objects. Those are reconciled only when the test turns to
// them.
func storyWith(t *testing.T, others []client.Object, tell func(w *world), changes ...func(*v1alpha1.PushEndpoint)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		kind := func(lifecycle.Config) continuous.Kind[*v1alpha1.PushEndpoint, pushendpoint.Memory] {
			return pushendpoint.Kind{}
		}
		w.World = enginetest.NewLiving(t, object("phone", 0, changes...), kind, enginetest.Options[*v1alpha1.PushEndpoint]{Objects: others})
		w.ada = w.Org.AddUser(jumpcloudtest.User{"username": "ada", "email": "ada@example.org"})
		w.phone = w.enroll("Phone")
		tell(w)
	})
}

// object is a PushEndpoint of ada's phone, created this many hours after the first.
func object(name string, hours int, changes ...func(*v1alpha1.PushEndpoint)) *v1alpha1.PushEndpoint {
	o := &v1alpha1.PushEndpoint{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1,
			CreationTimestamp: metav1.NewTime(time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC)),
		},
		Spec: v1alpha1.PushEndpointSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			User:            v1alpha1.UserReference{Username: "ada"},
			Endpoint:        v1alpha1.PushEndpointReference{Name: "Phone"},
			Mode:            v1alpha1.ModeApply,
		},
	}
	for _, change := range changes {
		change(o)
	}
	return o
}

func renamed(o *v1alpha1.PushEndpoint)     { o.Spec.Name = "Ada's phone" }
func active(o *v1alpha1.PushEndpoint)      { o.Spec.State = v1alpha1.PushEndpointActive }
func deactivated(o *v1alpha1.PushEndpoint) { o.Spec.State = v1alpha1.PushEndpointInactive }
func planned(o *v1alpha1.PushEndpoint)     { o.Spec.Mode = v1alpha1.ModePlan }
func deletes(o *v1alpha1.PushEndpoint)     { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete }

// byID makes an object refer to an endpoint by id.
func byID(id string) func(*v1alpha1.PushEndpoint) {
	return func(o *v1alpha1.PushEndpoint) { o.Spec.Endpoint = v1alpha1.PushEndpointReference{ID: id} }
}

// enroll gives ada another device.
func (w *world) enroll(name string) string {
	return w.Org.AddPushEndpoint(w.ada, jumpcloudtest.PushEndpoint{"name": name, "lastUsedDate": "2026-05-01T08:00:00.000Z"})
}

// use sets when the device was last used.
func (w *world) use(at string) {
	w.T.Helper()
	w.Expect(w.Org.UpdatePushEndpoint(w.ada, w.phone, jumpcloudtest.PushEndpoint{"lastUsedDate": at})).To(BeTrue())
}

// live returns an endpoint of ada as "name/state"; "" if there is none.
func (w *world) live(id string) string {
	w.T.Helper()
	for _, e := range w.Org.PushEndpoints(w.ada) {
		if e["id"] == id {
			name, _ := e["name"].(string)
			state, _ := e["state"].(string)
			return name + "/" + state
		}
	}
	return ""
}

// costOfResync returns the requests about endpoints in a resync, which must write nothing.
func (w *world) costOfResync() []string {
	w.T.Helper()
	before := w.Get().ResourceVersion
	w.Sim.ForgetHistory()
	w.Resync()
	w.Expect(w.Get().ResourceVersion).To(Equal(before), "an object at rest is not written")
	w.Expect(w.Sent()).To(BeEmpty())
	var reads []string
	for _, r := range w.Sim.History() {
		if r.Method == http.MethodGet && r.Path != "/api/systemusers" {
			reads = append(reads, r.Path)
		}
	}
	return reads
}

// renamedTo declares a name.
func renamedTo(name string) func(*v1alpha1.PushEndpoint) {
	return func(o *v1alpha1.PushEndpoint) { o.Spec.Name = name }
}

// onMethod makes something happen just before the operator's requests with a method reach
// JumpCloud.
func onMethod(method string, happens func()) func(enginetest.Call, func() error) error {
	return func(c enginetest.Call, do func() error) error {
		if c.Verb == method {
			happens()
		}
		return do()
	}
}

// loseStatus restores the object as from a backup, which has no status.
func (w *world) loseStatus() {
	w.T.Helper()
	o := w.Get()
	o.Status = v1alpha1.PushEndpointStatus{}
	w.Expect(w.API.Status().Update(w.T.Context(), o)).To(Succeed())
}

// deleteOrganization deletes the Organization.
func (w *world) deleteOrganization() {
	w.T.Helper()
	key := types.NamespacedName{Namespace: "identity", Name: "acme"}
	o := &v1alpha1.Organization{}
	w.Expect(w.API.Get(w.T.Context(), key, o)).To(Succeed())
	w.Expect(w.API.Delete(w.T.Context(), o)).To(Succeed())
	w.Pool.Remove(key)
}
