package usergroup_test

import (
	"fmt"
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
// sent, there is one group, and in the end it is as declared.
func TestRandomHistories(t *testing.T) {
	enginetest.Histories(t, 30, 0, func(t *testing.T, random *rand.Rand) {
		t.Helper()
		story(t, func(w *world) {
			h := &history{world: w, random: random, met: map[string]string{}}
			w.duplicates()
			w.hire("user1", "user2", "user3", "user4", "user5")
			h.others = w.exists("others", "ada", "root", "user1")
			w.OnCall = h.call
			w.Live(random, 40, h.happen, h.meet)
			h.calm()
		}, members("ada", "chas"))
	})
}

// history is a world in which things happen.
type history struct {
	*world
	random *rand.Rand
	// others is the id of a group that the object has nothing to do with.
	others  string
	renamed int
	// met has the names by which users were declared when all was last as declared.
	met map[string]string
}

// call checks each call of the operator to JumpCloud, and kills the process at some of them.
func (h *history) call(c enginetest.Call, do func() error) error {
	if c.Path == "" || !c.Writes() {
		return do()
	}
	o := h.Get()
	h.Expect(o.Annotations[v1alpha1.PausedAnnotation]).NotTo(Equal("true"))
	h.Expect(o.Spec.Mode).To(Equal(v1alpha1.ModeApply))
	if c.Path == groupsPath {
		h.Expect(o.Status.Creating).NotTo(BeNil(), "it is announced")
	} else {
		h.Expect(c.Path).To(HavePrefix(groupsPath+"/"+o.Status.ID), "what is changed is recorded before")
		h.Expect(c.Verb).NotTo(Equal(http.MethodDelete), "the object was not deleted")
	}
	err := do()
	if sent := h.Sim.MutatingRequests(); err == nil && len(sent) > 0 && strings.Contains(sent[len(sent)-1].Body, `"remove"`) {
		h.removed(o, sent[len(sent)-1].Body)
	}
	switch h.random.IntN(16) {
	case 0:
		h.Dead = true
		return enginetest.ErrDead
	default:
		return err
	}
}

// removed checks that a call removes no one it must not.
func (h *history) removed(o *v1alpha1.UserGroup, body string) {
	for name, id := range h.users {
		if strings.Contains(body, id) && h.name(id) == name {
			h.Expect(name).NotTo(Equal("root"), "administrators stay")
			h.Expect(o.Spec.Members).NotTo(BeNil(), "members that nobody writes about are not managed")
			h.Expect(declares(o, name)).To(BeFalse(), "%s is declared", name)
			if before := h.met[id]; before != "" && declares(o, before) {
				h.Expect(h.Org.UserByUsername(before)).NotTo(BeNil(), "%s was %s, who is declared", name, before)
			}
		}
	}
}

func declares(o *v1alpha1.UserGroup, name string) bool {
	return o.Spec.Members != nil && slices.Contains(*o.Spec.Members, v1alpha1.UserReference{Username: name})
}

func (h *history) name(id string) string {
	name, _ := h.Org.User(id)["username"].(string)
	return name
}

// meet records who is declared by which name, if the operator is known to have seen that.
func (h *history) meet() {
	o := h.Get()
	for id, name := range h.met {
		if !declares(o, name) {
			delete(h.met, id)
		}
	}
	if h.Dead || h.Condition(v1alpha1.ReadyCondition).Status != "True" || o.Status.ObservedGeneration != o.Generation || o.Spec.Mode != v1alpha1.ModeApply {
		return
	}
	for _, id := range h.users {
		if declares(o, h.name(id)) {
			h.met[id] = h.name(id)
		}
	}
}

// happen makes something random happen.
func (h *history) happen() {
	pick := func(values ...string) string { return values[h.random.IntN(len(values))] }
	somebody := func() string { return pick("ada", "chas", "eva", "user1", "user2", "user3", "user4", "user5") }
	id := h.Get().Status.ID
	switch h.random.IntN(18) {
	case 0, 1, 2:
		var names []string
		for range 1 + h.random.IntN(5) {
			names = append(names, pick(somebody(), somebody(), somebody(), "nobody"))
		}
		h.Edit(func(o *v1alpha1.UserGroup) {
			static(o)
			members(names...)(o)
		})
	case 3:
		h.Edit(named(pick("engineers", "builders", "masters")))
	case 4:
		h.Edit(described(pick("a", "b", "")))
	case 5:
		h.Edit(func(o *v1alpha1.UserGroup) { o.Spec.Mode = v1alpha1.Mode(pick("Plan", "Apply", "Apply", "Apply")) })
	case 6:
		h.Annotate(v1alpha1.PausedAnnotation, pick("true", "false", "false"))
	case 7:
		h.Request()
	case 8: // somebody changes the group in the console
		h.Org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"name": pick("engineers", "else"), "description": pick("a", "c")})
	case 9:
		h.Org.DeleteUserGroup(id)
	case 10:
		h.Org.AddMember(id, h.users[somebody()])
		h.Org.AddMember(id, "root")
	case 11:
		h.Org.RemoveMember(id, h.users[somebody()])
	case 12: // somebody is renamed, and perhaps the spec knows
		who := h.users[somebody()]
		h.renamed++
		before, after := h.name(who), fmt.Sprintf("renamed%d", h.renamed)
		h.rename(before, after)
		if h.random.IntN(2) == 0 {
			h.Edit(func(o *v1alpha1.UserGroup) {
				for i := range len(ptrOr(o.Spec.Members)) {
					if (*o.Spec.Members)[i].Username == before {
						(*o.Spec.Members)[i].Username = after
					}
				}
			})
		}
	case 13:
		h.Restart()
	case 14:
		h.Lose(pick(http.MethodPost, http.MethodPut, http.MethodGet), "", h.random.IntN(2) == 0)
	case 15:
		h.Sim.Script(jumpcloudtest.Fault{
			Status: []int{429, 500, 503, 400}[h.random.IntN(4)], Match: jumpcloudtest.Match{Method: pick(http.MethodPost, http.MethodPut, http.MethodGet)},
		})
	case 16:
		if h.random.IntN(2) == 0 {
			h.Edit(func(o *v1alpha1.UserGroup) {
				o.Spec.Members = nil
				dynamic(v1alpha1.MembershipDynamicAutomated, "Engines")(o)
			})
			h.moves("Engines", h.name(h.users[somebody()]))
		}
	case 17:
		<-time.After(time.Duration(h.random.IntN(180)) * time.Minute)
	}
}

func ptrOr(members *[]v1alpha1.UserReference) []v1alpha1.UserReference {
	if members == nil {
		return nil
	}
	return *members
}

// calm stops all disturbances and checks the result.
func (h *history) calm() {
	h.Sim.RemoveFaults()
	h.OnCall = nil
	h.Annotate(v1alpha1.PausedAnnotation, "false")
	h.Edit(func(o *v1alpha1.UserGroup) { o.Spec.Mode = v1alpha1.ModeApply })
	h.Rest()
	h.Resync()
	h.Resync()
	for range 3 {
		if reason := h.Condition(v1alpha1.ReadyCondition).Reason; reason == v1alpha1.ApprovalRequiredReason || reason == v1alpha1.PlanChangedReason {
			h.approve()
		}
	}
	o := h.Get()
	h.Expect(h.groups()).To(ConsistOf("others", o.GroupName()), "%s", h.Describe())
	h.Expect(h.Org.Members(h.others)).To(ConsistOf(h.users["ada"], h.users["root"], h.users["user1"]))
	h.Expect(o.Status.Creating).To(BeNil())
	if o.Spec.Description != nil {
		h.Expect(h.live()).To(HaveKeyWithValue("description", *o.Spec.Description))
	}
	var missing []string
	for _, reference := range ptrOr(o.Spec.Members) {
		if h.Org.UserByUsername(reference.Username) == nil {
			missing = append(missing, reference.Username)
		} else {
			h.Expect(h.who()).To(ContainElement(reference.Username), "%s", h.Describe())
		}
	}
	if len(missing) > 0 {
		h.ExpectReady("False/UsersNotFound")
		return
	}
	h.ExpectReady("True/UpToDate")
	for _, name := range h.who() {
		if o.Spec.Members != nil && name != "root" {
			h.Expect(declares(o, name)).To(BeTrue(), "%s stayed: %s", name, h.Describe())
		}
	}
	h.costOfResync()
}
