package e2e

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// often makes an Organization and its objects resync every second, so that changes at
// JumpCloud are seen soon.
func often(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Second }

var toAcme = v1alpha1.OrganizationReference{Name: "acme"}

// group creates a UserGroup.
func (w *world) group(name string, spec v1alpha1.UserGroupSpec) *v1alpha1.UserGroup {
	w.Helper()
	spec.OrganizationRef = toAcme
	object := &v1alpha1.UserGroup{ObjectMeta: w.meta(name), Spec: spec}
	w.create(object)
	return object
}

// schedule creates a ScheduledUserState, which suspends users unless spec says otherwise.
func (w *world) schedule(name string, spec v1alpha1.ScheduledUserStateSpec) *v1alpha1.ScheduledUserState {
	w.Helper()
	spec.OrganizationRef = toAcme
	if spec.State == "" {
		spec.State = v1alpha1.SchedulableSuspended
	}
	object := &v1alpha1.ScheduledUserState{ObjectMeta: w.meta(name), Spec: spec}
	w.create(object)
	return object
}

// push creates a PushEndpoint.
func (w *world) push(name string, spec v1alpha1.PushEndpointSpec) *v1alpha1.PushEndpoint {
	w.Helper()
	spec.OrganizationRef = toAcme
	object := &v1alpha1.PushEndpoint{ObjectMeta: w.meta(name), Spec: spec}
	w.create(object)
	return object
}

// username returns the username of the n-th generated user of the directory, from 1.
func username(n int) string { return fmt.Sprintf("user%06d", n) }

func usernames(numbers ...int) []string {
	var names []string
	for _, n := range numbers {
		names = append(names, username(n))
	}
	return names
}

// users returns references to generated users.
func users(numbers ...int) []v1alpha1.UserReference {
	var references []v1alpha1.UserReference
	for _, name := range usernames(numbers...) {
		references = append(references, v1alpha1.UserReference{Username: name})
	}
	return references
}

// first returns the numbers from 1 to n.
func first(n int) []int {
	var numbers []int
	for i := range n {
		numbers = append(numbers, i+1)
	}
	return numbers
}

// idOf returns the id of a user of the directory.
func (w *world) idOf(username string) string {
	w.Helper()
	id, _ := w.org.UserByUsername(username)["_id"].(string)
	w.Expect(id).NotTo(BeEmpty(), username)
	return id
}

func (w *world) idsOf(numbers ...int) []string {
	w.Helper()
	var ids []string
	for _, name := range usernames(numbers...) {
		ids = append(ids, w.idOf(name))
	}
	return ids
}

// newcomer adds a user to the directory and returns the id.
func (w *world) newcomer(username string, more jumpcloudtest.User) string {
	user := jumpcloudtest.User{"username": username, "email": username + "@example.org"}
	maps.Copy(user, more)
	return w.org.AddUser(user)
}

// members returns the usernames of the members of a group at JumpCloud, sorted.
func (w *world) members(group string) []string {
	w.Helper()
	id, _ := w.org.UserGroupByName(group)["id"].(string)
	names := []string{}
	for _, member := range w.org.Members(id) {
		name, _ := w.org.User(member)["username"].(string)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// hasMembers waits until a group at JumpCloud has these members and no others.
func (w *world) hasMembers(group string, members ...string) {
	w.Helper()
	slices.Sort(members)
	w.Eventually(func() []string { return w.members(group) }).Should(HaveExactElements(members))
}

// sent returns the mutating requests with a method to a path, in which * stands for one
// segment.
func (w *world) sent(method, pattern string) []jumpcloudtest.Request {
	w.Helper()
	return slices.DeleteFunc(w.sim.MutatingRequests(), func(r jumpcloudtest.Request) bool {
		matches, err := path.Match("/api/v2"+pattern, r.Path)
		w.Expect(err).NotTo(HaveOccurred())
		return !matches || r.Method != method
	})
}

// silent asserts that nothing is sent during some resyncs.
func (w *world) silent() {
	w.Helper()
	sent := w.mutations()
	w.resyncs(2)
	w.Expect(w.mutations()).To(Equal(sent))
}

// resyncs waits for n more resyncs. Each resync makes one request for the Organization itself.
func (w *world) resyncs(n int) {
	w.Helper()
	checks := func() int {
		count := 0
		for _, request := range w.sim.History() {
			if request.Path == "/api/organizations" {
				count++
			}
		}
		return count
	}
	before := checks()
	w.Eventually(checks).Should(BeNumerically(">", before+n))
}

// names writes lines to a ConfigMap and returns it as a source of members.
func (w *world) names(name string, lines ...string) v1alpha1.MembersSource {
	w.Helper()
	w.csv(name, lines...)
	return v1alpha1.MembersSource{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: "users.csv"}}
}

// stalled reports whether the conditions say that a person must act.
func stalled(conditions []metav1.Condition) bool {
	return apimeta.IsStatusConditionTrue(conditions, v1alpha1.StalledCondition)
}

// configMap returns the key of a ConfigMap.
func (w *world) configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: w.meta(name)}
}

// events returns the reasons of the events about an object.
func (w *world) events(name string) []string {
	w.Helper()
	list := &eventsv1.EventList{}
	w.Expect(plane.Client.List(w.Context(), list, client.InNamespace(w.namespace))).To(Succeed())
	var reasons []string
	for i := range list.Items {
		if list.Items[i].Regarding.Name == name {
			reasons = append(reasons, list.Items[i].Reason)
		}
	}
	return reasons
}

// told waits until an event about an object has the reason.
func (w *world) told(object interface{ GetName() string }, reason string) {
	w.Helper()
	w.Eventually(func() []string { return w.events(object.GetName()) }).Should(ContainElement(reason))
}
