package pushendpoint_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// All objects of an organization share the readings of its users, whenever their passes are:
// at a resync, after a restart, after an edit of the Organization.
func TestManyObjectsShareTheDirectory(t *testing.T) {
	const objects, users = 40, 300
	var others []client.Object
	for i := range objects {
		others = append(others, object(fmt.Sprintf("of-%d", i), i, func(o *v1alpha1.PushEndpoint) {
			o.Spec.User.Username = fmt.Sprintf("user%d", i)
		}))
	}
	storyWith(t, others, func(w *world) {
		for i := range users {
			name := fmt.Sprintf("user%d", i)
			id := w.Org.AddUser(jumpcloudtest.User{"username": name, "email": name + "@example.org"})
			w.Org.AddPushEndpoint(id, jumpcloudtest.PushEndpoint{"name": "Phone"})
		}
		// reads counts the reads of users and of endpoints until all objects are at rest.
		reads := func() (ofUsers, ofEndpoints int) {
			w.Sim.ForgetHistory()
			for i := range objects {
				w.TurnTo(fmt.Sprintf("of-%d", i))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				<-time.After(100 * time.Millisecond)
			}
			for _, r := range w.Sim.History() {
				if strings.HasSuffix(r.Path, "/systemusers") {
					ofUsers++
				} else {
					ofEndpoints++
				}
			}
			return ofUsers, ofEndpoints
		}
		reads()
		for what, happens := range map[string]func(){
			"a resync":  func() { <-time.After(2 * time.Hour) },
			"a restart": w.Restart,
			"an edit of the Organization": func() {
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.Burst++ })
			},
		} {
			happens()
			ofUsers, ofEndpoints := reads()
			w.Expect(ofEndpoints).To(Equal(objects), what)
			w.Expect(ofUsers).To(BeNumerically("<", objects/2), what)
		}
	})
}
