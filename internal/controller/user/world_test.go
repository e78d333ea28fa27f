package user_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/user"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// world has the User "ada".
type world struct {
	*enginetest.World[*v1alpha1.User]
}

var limits = enginetest.JobLimits()

// story runs a test in a bubble of fake time.
func story(t *testing.T, tell func(w *world), changes ...func(*v1alpha1.User)) {
	t.Helper()
	storyWith(t, nil, tell, changes...)
}

// storyWith is story with further objects. Those are reconciled only when the test turns to
// them.
func storyWith(t *testing.T, others []client.Object, tell func(w *world), changes ...func(*v1alpha1.User)) {
	t.Helper()
	storyOf(t, enginetest.Options[*v1alpha1.User]{Objects: others}, tell, changes...)
}

func storyOf(t *testing.T, options enginetest.Options[*v1alpha1.User], tell func(w *world), changes ...func(*v1alpha1.User)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		jobs := &enginetest.Jobs{}
		kind := func(config lifecycle.Config) continuous.Kind[*v1alpha1.User, user.Memory] {
			return &user.Kind{Rows: rows.Loader{Reader: config.Client}, Jobs: batch.NewUsers(limits, jobs.Carry, nil)}
		}
		options.Jobs = jobs
		w := &world{enginetest.NewLiving(t, object("ada", 0, changes...), kind, options)}
		tell(w)
	})
}

// object is a User created this many hours after the first.
func object(name string, hours int, changes ...func(*v1alpha1.User)) *v1alpha1.User {
	o := &v1alpha1.User{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1,
			CreationTimestamp: metav1.NewTime(time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC)),
		},
		Spec: v1alpha1.UserSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			UserRow:         v1alpha1.UserRow{Email: new(name + "@example.org")},
			Mode:            v1alpha1.ModeApply,
		},
	}
	o.Spec.Department = new("Engines")
	for _, change := range changes {
		change(o)
	}
	return o
}

func named(username string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.Username = &username }
}

func emailed(email string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.Email = &email }
}

func managedBy(manager string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.Manager = &manager }
}

func working(department string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.Department = &department }
}

func state(state v1alpha1.UserState) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.State = &state }
}

func deletion(policy v1alpha1.DeletionPolicy) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.DeletionPolicy = policy }
}

func adoption(policy v1alpha1.AdoptionPolicy) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) { o.Spec.AdoptionPolicy = policy }
}

// live returns a user's values of JumpCloud's fields; nil if there is no such user.
func (w *world) live(username string, fields ...string) []any {
	w.T.Helper()
	found := w.Org.UserByUsername(username)
	if found == nil {
		return nil
	}
	values := []any{}
	for _, field := range fields {
		values = append(values, found[field])
	}
	return values
}

// add puts a user into the directory.
func (w *world) add(username string, more jumpcloudtest.User) string {
	u := jumpcloudtest.User{"username": username, "email": username + "@example.org", "department": "Engines", "state": "ACTIVATED"}
	maps.Copy(u, more)
	return w.Org.AddUser(u)
}

// inConsole changes a live user as an administrator does in the console.
func (w *world) inConsole(username string, change jumpcloudtest.User) {
	w.T.Helper()
	id, _ := w.Org.UserByUsername(username)["_id"].(string)
	w.Expect(w.Org.UpdateUser(id, change)).To(BeTrue())
}

// count returns how many users have the username.
func (w *world) count(username string) int {
	n := 0
	for _, u := range w.Org.Users() {
		if u["username"] == username {
			n++
		}
	}
	return n
}

// bodies returns what was sent with a method, as JSON; of a job, each row.
func (w *world) bodies(method string) []map[string]any {
	w.T.Helper()
	var all []map[string]any
	for _, r := range w.Sim.MutatingRequests() {
		if r.Method != method {
			continue
		}
		var sent []map[string]any
		if json.Unmarshal([]byte(r.Body), &sent) != nil {
			sent = make([]map[string]any, 1)
			w.Expect(json.Unmarshal([]byte(r.Body), &sent[0])).To(Succeed())
		}
		all = append(all, sent...)
	}
	return slices.Clip(all)
}

// in runs a story of an object with these changes.
func in(changes ...func(*v1alpha1.User)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, changes...)
	}
}
