package usergroup_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func withSudo(enabled, withoutPassword bool) edits {
	return func(o *v1alpha1.UserGroup) {
		o.Spec.Attributes = &v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: enabled, WithoutPassword: withoutPassword}}
	}
}

// protects makes the Organization protect groups.
func (w *world) protects(names ...string) {
	w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.ProtectedGroups = names })
}

var four = []string{"joan", "grace", "mary", "ida"}

// Granting sudo to a group grants it to all of its members.
func TestSudoIsHarmToAllMembers(t *testing.T) {
	for name, c := range map[string]struct {
		before, after edits
		withheld      bool
	}{
		"granted":                  {withSudo(false, false), withSudo(true, false), true},
		"granted without password": {withSudo(false, false), withSudo(true, true), true},
		"taken away":               {withSudo(false, false), withSudo(false, false), false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.hire(four...)
				w.Rest()
				w.edit(members(four...))
				w.ExpectReady("True/UpToDate")
				w.edit(c.after)
				reason := ""
				if c.withheld {
					reason = v1alpha1.ApprovalRequiredReason
				}
				w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Equal(reason), w.Describe)
				if c.withheld {
					w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(4))
					w.approve()
					w.ExpectReady("True/UpToDate")
				}
			}, c.before)
		})
	}
}

func TestWhoJoinsAGroupWithSudoGainsIt(t *testing.T) {
	story(t, func(w *world) {
		w.hire(four...)
		w.Rest()
		w.edit(members(four...))
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.who()).To(BeEmpty())
		w.approve()
		w.Expect(w.who()).To(ConsistOf(four))
		w.edit(members(append([]string{"ada"}, four...)...))
		w.ExpectReady("True/UpToDate")
		w.edit(members(append([]string{"ada", "chas", "eva", "root"}, four...)...))
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.who()).To(HaveLen(5))
	}, withSudo(true, false))

	// The group has sudo, which the object does not state.
	story(t, func(w *world) {
		w.hire(four...)
		w.Org.UpdateUserGroup(w.exists("engineers"), map[string]any{"attributes": map[string]any{"sudo": map[string]any{"enabled": true}}})
		w.edit(members(four...))
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.who()).To(BeEmpty())
	})
}

// A removal that JumpCloud refuses because the group is gone removes nobody, and is not counted.
func TestWhatWasRefusedIsNotCounted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		id := w.Get().Status.ID
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodPost && strings.HasSuffix(c.Path, id+"/members") {
				w.Org.DeleteUserGroup(id)
			}
			return do()
		}
		w.edit(members("ada"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Counted().Harmful).To(BeZero())
	}, members("ada", "chas"))
}

// Nobody has seen before to whom a query gives sudo.
func TestAQueryGivesNobodySudoUnasked(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Sent()).To(BeEmpty())
		w.approve()
		w.ExpectReady("True/UpToDate")
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"), withSudo(true, false))
}

func TestEveryChangeOfAProtectedGroupAsks(t *testing.T) {
	story(t, func(w *world) {
		w.protects("eng*")
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByChange))
		w.Expect(w.groups()).To(BeEmpty())
		w.approve()
		w.ExpectReady("True/UpToDate")
		for name, change := range map[string]edits{
			"a new member": members("ada", "chas"), "another member": members("chas"), "a text": described("text"), "a name": named("builders"),
		} {
			w.edit(change)
			w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Or(Equal("ApprovalRequired"), Equal("PlanChanged")), name)
			w.edit(members("ada"), named("engineers"), func(o *v1alpha1.UserGroup) { o.Spec.Description = nil })
			w.ExpectReady("True/UpToDate")
		}
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeFalse())
		w.approve()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.groups()).To(BeEmpty())
	}, members("ada"), deletes)

	// Taking its name needs an approval, too.
	story(t, func(w *world) {
		w.Rest()
		w.protects("admins")
		w.edit(named("admins"))
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
	})
}

// An approval to add somebody to a protected group does not permit the removal of members who
// were in it before.
func TestOnlyAnApprovedRemovalLetsRemovalsGo(t *testing.T) {
	story(t, func(w *world) {
		w.protects("engineers")
		w.exists("engineers", "ada")
		w.edit(members("ada", "chas"))
		w.approve()
		w.Expect(w.who()).To(ConsistOf("ada", "chas"))
		w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeFalse())
		w.protects()
		w.edit(members("chas"))
		w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Equal("PlanChanged"))
		w.approve()
		w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeTrue())
		w.Expect(w.who()).To(ConsistOf("chas"))
	})
}

func TestADeletionThatHarmsManyAsks(t *testing.T) {
	story(t, func(w *world) {
		w.hire(four...)
		w.edit(members(four...))
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.groups()).To(HaveLen(1))
		// Another member changes the plan.
		hash := w.Get().Status.Plan.Hash
		w.Org.AddMember(w.Get().Status.ID, w.users["ada"])
		w.Resync()
		w.Expect(w.Get().Status.Plan.Hash).NotTo(Equal(hash))
		w.approve()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.groups()).To(BeEmpty())
	}, deletes)
}
