package usergroup_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func TestTheOlderOfTwoObjectsOwnsTheGroup(t *testing.T) {
	younger := object("younger", 1, named("engineers"), members("chas"), deletes)
	storyWith(t, []client.Object{younger}, func(w *world) {
		w.TurnTo("younger")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("identity/engineers"))
		w.TurnTo("engineers")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("younger")
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.TurnTo("engineers")
		w.Expect(w.who()).To(Equal([]string{"ada"}), "the other never had it")
	}, members("ada"))
}

// Two groups swap their names, or one takes the name that the other gives up. Neither object
// takes the other's group.
func TestANameThatIsGivenUp(t *testing.T) {
	storyWith(t, []client.Object{object("second", 1, named("builders"))}, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.Edit(named("masters"))
		w.TurnTo("second")
		w.edit(named("engineers"))
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Get().Status.ID).To(BeEmpty())
		w.TurnTo("engineers")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("second")
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.ID).NotTo(Equal(id))
		w.Expect(w.groups()).To(ConsistOf("masters", "engineers"))
	})
}

func TestDeletionPolicies(t *testing.T) {
	for name, c := range map[string]struct {
		changes []edits
		left    int
	}{
		"absent": {left: 1},
		"Retain": {changes: []edits{func(o *v1alpha1.UserGroup) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain }}, left: 1},
		"Delete": {changes: []edits{deletes}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.exists("engineers", "ada")
				w.Rest()
				w.Expect(w.Finalized()).To(Equal(c.left == 0))
				w.Delete()
				w.Rest()
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.groups()).To(HaveLen(c.left))
				w.Expect(w.Org.CountUsers()).To(Equal(4))
			}, c.changes...)
		})
	}
}

// Deleting a group takes it away from all of its members.
func TestTheGuardHoldsForADeletion(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(4))
		w.Expect(w.groups()).To(HaveLen(1))
		w.Edit(func(o *v1alpha1.UserGroup) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Until(w.Gone)
		w.Expect(w.groups()).To(BeEmpty())
	}, members("ada", "chas", "eva", "root"), deletes)
}

func TestAGroupThatIsGoneNeedNotBeDeleted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.DeleteUserGroup(w.Get().Status.ID)
		w.exists("engineers") // of somebody else
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.groups()).To(HaveLen(1))
	}, deletes)
}

// Per resync interval, fifty groups at rest cost one list and the pages of the managed
// members.
func TestManyGroupsAtRest(t *testing.T) {
	const groups = 50
	var others []client.Object
	for i := range groups - 1 {
		others = append(others, object(fmt.Sprintf("group-%d", i), 1, members("ada", "chas")))
	}
	storyWith(t, others, func(w *world) {
		all := []string{"engineers"}
		for _, other := range others {
			all = append(all, other.GetName())
		}
		resync := func() {
			for _, name := range all {
				w.TurnTo(name)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				<-time.After(100 * time.Millisecond)
			}
		}
		resync()
		for what, happens := range map[string]func(){
			"a resync":                    func() { <-time.After(2 * enginetest.ResyncInterval) },
			"a restart":                   func() { <-time.After(2 * enginetest.ResyncInterval); w.Restart() },
			"an edit of the Organization": func() { w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.Burst++ }) },
		} {
			happens()
			w.Sim.ForgetHistory()
			resync()
			w.Expect(w.Sent()).To(BeEmpty(), what)
			w.Expect(w.reads()["members"]).To(Equal(groups), what)
			w.Expect(w.reads()["group"]).To(BeZero(), what)
			w.Expect(w.reads()["groups"]).To(BeNumerically("<=", 1), what)
			w.Expect(len(w.Sim.History())-len(w.steps())).To(BeNumerically("<=", 4), what)
		}
	}, members("ada", "chas"))
}

// A large group is changed in slices, so that other objects do not wait, and its status shows
// the progress.
func TestALargeGroupIsChangedInSlices(t *testing.T) {
	const size = 1000
	story(t, func(w *world) {
		w.Org.Generate(size)
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Path != "" {
				<-time.After(20 * time.Millisecond)
			}
			return do()
		}
		longest, partly := time.Duration(0), false
		for began := time.Now(); ; {
			w.Pass()
			longest = max(longest, time.Since(began))
			m := w.Get().Status.Members
			partly = partly || m != nil && m.Added > 0 && m.Added < size
			if w.After >= enginetest.AtRest {
				break
			}
			<-time.After(w.After)
			began = time.Now()
		}
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(HaveLen(size))
		w.Expect(partly).To(BeTrue())
		w.Expect(longest).To(BeNumerically("<", 3*time.Second))
		w.Expect(counts(w.Get().Status.Members)).To(Equal(v1alpha1.MembersStatus{Desired: size, Current: size, Added: size}))
		w.Expect(w.reads()["members"]).To(Equal(size/100), "it is read once, at the end")
		w.Sim.ForgetHistory()
		w.Resync()
		w.Expect(w.reads()).To(Equal(map[string]int{"groups": 1, "members": size / 100}))
	}, members(generated(size)...))
}

// Somebody asks for a pass: the group is read in full.
func TestARequestedPassReadsTheGroup(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.Request()
		w.Rest()
		w.Expect(w.steps()).To(Equal([]string{http.MethodGet + " group"}))
		w.Expect(w.Get().Status.LastHandledReconcileAt).To(Equal("1"))
	})
}
