package pushendpoint_test

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Whatever people, the network and the process do in whatever order: no forbidden call is
// sent, and in the end what is live is as declared, or the object says why not.
func TestRandomHistories(t *testing.T) {
	enginetest.Histories(t, 30, 0, func(t *testing.T, random *rand.Rand) {
		t.Helper()
		story(t, func(w *world) {
			h := &history{world: w, random: random}
			h.tablet = w.enroll("Tablet")
			h.chas = w.Org.AddUser(jumpcloudtest.User{"username": "chas", "email": "chas@example.org"})
			w.Org.AddPushEndpoint(h.chas, jumpcloudtest.PushEndpoint{"name": "Phone"})
			w.OnCall = h.call
			w.Live(random, 40, h.happen, func() {})
			h.calm()
		}, renamed)
	})
}

// history is a world in which random things happen.
type history struct {
	*world
	random       *rand.Rand
	tablet, chas string
}

// call checks each call of the operator to JumpCloud.
func (h *history) call(c enginetest.Call, do func() error) error {
	if c.Verb == http.MethodPatch || c.Verb == http.MethodDelete {
		o := h.Get()
		h.Expect(o.Annotations[v1alpha1.PausedAnnotation]).NotTo(Equal("true"))
		h.Expect(o.Spec.Mode).To(Equal(v1alpha1.ModeApply))
		h.Expect(c.Verb).To(Equal(http.MethodPatch), "the object was not deleted")
		h.Expect(c.Path).To(HavePrefix("/api/v2/users/" + h.ada + "/"))
		h.Expect(c.Path).To(HaveSuffix(o.Status.ID), "what is changed is recorded before")
		h.Expect(c.Path).NotTo(HaveSuffix(h.tablet))
		switch h.random.IntN(8) {
		case 0:
			h.Dead = true
			return enginetest.ErrDead
		case 1:
			_ = do()
			h.Dead = true
			return enginetest.ErrDead
		}
	}
	return do()
}

// happen makes something random happen.
func (h *history) happen() {
	pick := func(values ...string) string { return values[h.random.IntN(len(values))] }
	switch h.random.IntN(14) {
	case 0:
		h.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.Name = pick("", "Phone", "Ada's phone", "Work") })
	case 1:
		h.Edit(func(o *v1alpha1.PushEndpoint) {
			o.Spec.State = v1alpha1.PushEndpointState(pick("", "Active", "Inactive"))
		})
	case 2:
		h.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.Mode = v1alpha1.Mode(pick("Plan", "Apply", "Apply")) })
	case 3:
		h.Edit(func(o *v1alpha1.PushEndpoint) {
			o.Spec.DeletionPolicy = v1alpha1.DeletionPolicy(pick("", "Retain", "Delete"))
		})
	case 4:
		h.Annotate(v1alpha1.PausedAnnotation, pick("true", "false"))
	case 5:
		h.Request()
	case 6: // somebody changes a device in the console
		if all := h.phones(); len(all) > 0 {
			h.Org.UpdatePushEndpoint(h.ada, pick(all...), jumpcloudtest.PushEndpoint{"name": pick("Phone", "Ada's phone", "Else"), "state": pick("active", "inactive")})
		}
	case 7:
		if all := h.phones(); len(all) > 0 {
			h.Org.RemovePushEndpoint(h.ada, pick(all...))
		}
	case 8:
		if len(h.phones()) < 3 {
			h.enroll(pick("Phone", "Ada's phone", "Else"))
		}
	case 9:
		h.Restart()
	case 10:
		h.Lose(pick(http.MethodPatch, http.MethodGet), "", h.random.IntN(2) == 0)
	case 11:
		h.Sim.Script(jumpcloudtest.Fault{Status: []int{429, 500, 503, 400}[h.random.IntN(4)], Match: jumpcloudtest.Match{Method: pick(http.MethodPatch, http.MethodGet)}})
	case 12:
		h.Org.Configure(func(b *jumpcloudtest.Behavior) { b.HideInactivePushEndpoints = h.random.IntN(2) == 0 })
	case 13:
		<-time.After(time.Duration(h.random.IntN(180)) * time.Minute)
	}
}

// phones returns the ids of ada's devices, except the tablet.
func (h *history) phones() []string {
	var ids []string
	for _, e := range h.Org.PushEndpoints(h.ada) {
		if id, _ := e["id"].(string); id != h.tablet {
			ids = append(ids, id)
		}
	}
	return ids
}

// calm stops all disturbances and checks the result.
func (h *history) calm() {
	h.OnCall = nil
	h.Sim.RemoveFaults()
	h.Org.Configure(func(b *jumpcloudtest.Behavior) { b.HideInactivePushEndpoints = false })
	h.Annotate(v1alpha1.PausedAnnotation, "false")
	h.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.Mode = v1alpha1.ModeApply })
	h.Rest()
	h.Resync()
	h.Expect(h.live(h.tablet)).To(Equal("Tablet/active"))
	h.Expect(h.Org.PushEndpoints(h.chas)[0]).To(And(HaveKeyWithValue("name", "Phone"), HaveKeyWithValue("state", "active")))

	o := h.Get()
	live := h.live(o.Status.ID)
	named := func(name string) int {
		return len(slices.DeleteFunc(h.phones(), func(id string) bool { return !strings.HasPrefix(h.live(id), name+"/") }))
	}
	switch deletes := o.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete; {
	case !deletes:
		h.Expect(h.Finalized()).To(BeFalse(), "%s", h.Describe())
	case live != "":
		h.Expect(h.Finalized()).To(BeTrue(), "%s", h.Describe())
	}
	switch reason := h.Condition(v1alpha1.ReadyCondition).Reason; reason {
	case v1alpha1.UpToDateReason:
		h.Expect(live).NotTo(BeEmpty())
		if o.Spec.Name != "" {
			h.Expect(live).To(HavePrefix(o.Spec.Name + "/"))
		}
		if o.Spec.State != "" {
			h.Expect(live).To(HaveSuffix("/" + strings.ToLower(string(o.Spec.State))))
		}
		h.costOfResync()
	case v1alpha1.RemoteNotFoundReason:
		h.Expect(live).To(BeEmpty())
		h.Expect(named("Phone") + named(o.Spec.Name)).To(BeZero())
	case v1alpha1.RemoteConflictReason:
		h.Expect(live).To(BeEmpty())
		h.Expect(max(named("Phone"), named(o.Spec.Name))).To(BeNumerically(">", 1))
	default:
		h.T.Fatalf("%s: %s", reason, h.Describe())
	}
}
