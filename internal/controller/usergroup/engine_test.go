package usergroup_test

import (
	"encoding/json"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAGroupIsCreatedAsDeclared(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(
			HaveKeyWithValue("name", "The engineers"), HaveKeyWithValue("description", "Build engines."), HaveKeyWithValue("email", "e@example.org"),
			HaveKeyWithValue("membershipMethod", "STATIC"), HaveKeyWithValue("memberSuggestionsNotify", true),
			HaveKeyWithValue("attributes", And(
				HaveKeyWithValue("sudo", And(HaveKeyWithValue("enabled", true), HaveKeyWithValue("withoutPassword", false))),
				HaveKeyWithValue("ldapGroups", ConsistOf(HaveKeyWithValue("name", "builders"))),
				HaveKeyWithValue("posixGroups", ConsistOf(And(HaveKeyWithValue("id", json.Number("4000")), HaveKeyWithValue("name", "engineers")))),
				HaveKeyWithValue("radius", HaveKeyWithValue("reply", HaveLen(1))),
				HaveKeyWithValue("sambaEnabled", true)))))
		w.Expect(w.who()).To(Equal([]string{"eva", "ada"}))
		w.Expect(w.Sent()).To(HaveLen(3), "one call creates it")
		status := w.Get().Status
		w.Expect(status.Adopted).To(BeFalse())
		w.Expect(status.Creating).To(BeNil())
		w.Expect(counts(status.Members)).To(Equal(v1alpha1.MembersStatus{Desired: 2, Current: 2, Added: 2}))
		w.Expect(w.Message()).To(ContainSubstring(`The group "The engineers" (` + status.ID + `) is as declared, with 2 members.`))
		w.Expect(w.costOfResync()).To(Equal(map[string]int{"group": 1, "members": 1}))
	}, named("The engineers"), described("Build engines."), members("eva", "ada"), func(o *v1alpha1.UserGroup) {
		o.Spec.Email, o.Spec.MemberSuggestionsNotify = new("e@example.org"), new(true)
		o.Spec.Attributes = &v1alpha1.GroupAttributes{
			Sudo: &v1alpha1.GroupSudo{Enabled: true}, LDAPGroups: &[]v1alpha1.LDAPGroup{{Name: "builders"}},
			POSIXGroups: []v1alpha1.POSIXGroup{{ID: 4000, Name: "engineers"}}, SambaEnabled: new(true),
			RADIUS: &v1alpha1.GroupRADIUS{Reply: []v1alpha1.RADIUSReply{{Name: "Class", Value: "x"}}},
		}
	})
}

// JumpCloud chooses what is not stated, which costs no read of the group.
func TestAGroupOfItsNameAlone(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(HaveKeyWithValue("attributes", HaveKeyWithValue("ldapGroups", ConsistOf(HaveKeyWithValue("name", "engineers")))))
		w.Expect(w.Get().Status.Members).To(BeNil())
		w.Expect(w.costOfResync()).To(Equal(map[string]int{"groups": 1}))
	})
}

func TestAnAdoptedGroupKeepsWhatIsNotStated(t *testing.T) {
	story(t, func(w *world) {
		id := w.Org.AddUserGroup(jumpcloudtest.UserGroup{
			"name": "engineers", "description": "old", "email": "kept@example.org", "memberSuggestionsNotify": true, "membershipMethod": "NOTSET",
			"attributes": map[string]any{
				"sudo":         map[string]any{"enabled": true, "withoutPassword": true, "more": "kept"},
				"ldapGroups":   []any{map[string]any{"name": "b"}, map[string]any{"name": "a"}},
				"posixGroups":  []any{map[string]any{"id": 2, "name": "y"}, map[string]any{"id": 1, "name": "x"}},
				"sambaEnabled": true, "unheardOf": map[string]any{"kept": true},
			},
			"memberQuery": map[string]any{"filters": []any{map[string]any{"field": "user.username", "operation": "equals", "value": "ada"}}},
		}, "ada")
		before := w.Org.UserGroup(id)
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.ID).To(Equal(id))
		w.Expect(w.Get().Status.Adopted).To(BeTrue())
		after := w.live()
		for _, kept := range []string{"email", "memberSuggestionsNotify", "memberQuery", "membershipMethod"} {
			w.Expect(after[kept]).To(Equal(before[kept]), kept)
		}
		w.Expect(after).To(And(HaveKeyWithValue("description", "new"), HaveKeyWithValue("attributes", And(
			HaveKeyWithValue("sudo", And(HaveKeyWithValue("withoutPassword", false), HaveKeyWithValue("more", "kept"))),
			HaveKeyWithValue("ldapGroups", HaveLen(2)), HaveKeyWithValue("posixGroups", HaveLen(2)),
			HaveKeyWithValue("sambaEnabled", true), HaveKeyWithValue("unheardOf", HaveKeyWithValue("kept", true))))))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPut}))
		w.Expect(w.who()).To(Equal([]string{"ada"}), "members are not the spec's business")
		w.Expect(w.Get().Status.Members).To(BeNil())
		w.costOfResync()
	}, described("new"), func(o *v1alpha1.UserGroup) {
		o.Spec.Attributes = &v1alpha1.GroupAttributes{
			Sudo: &v1alpha1.GroupSudo{Enabled: true}, LDAPGroups: &[]v1alpha1.LDAPGroup{{Name: "a"}, {Name: "b"}},
			POSIXGroups: []v1alpha1.POSIXGroup{{ID: 1, Name: "x"}, {ID: 2, Name: "y"}},
		}
	})
}

func TestAGroupThatIsAsDeclaredIsAdoptedWithoutACall(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "ada")
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.costOfResync()).To(Equal(map[string]int{"groups": 1, "members": 1}))
	}, members("ada"))
}

func TestAdoptionPolicies(t *testing.T) {
	t.Run("Never", func(t *testing.T) {
		story(t, func(w *world) {
			id := w.exists("engineers")
			w.Rest()
			w.ExpectReady("False/AdoptionRefused")
			w.Expect(w.Message()).To(ContainSubstring(id))
			w.Expect(w.Get().Status.ID).To(BeEmpty())
			w.Delete()
			w.Rest()
			w.Expect(w.Gone()).To(BeTrue())
			w.Expect(w.groups()).To(Equal([]string{"engineers"}))
			w.Expect(w.Sent()).To(BeEmpty())
		}, adopts(v1alpha1.AdoptNever), deletes)
	})
	t.Run("MustExist", func(t *testing.T) {
		story(t, func(w *world) {
			w.exists("Engineers")
			w.Rest()
			w.ExpectReady("False/RemoteNotFound")
			w.Expect(w.Condition(v1alpha1.ReadyCondition).Message).To(ContainSubstring("set IfExists to have it created"))
			id := w.exists("engineers")
			w.Resync()
			w.ExpectReady("True/Adopted")
			w.Org.DeleteUserGroup(id)
			w.Resync()
			w.ExpectReady("False/RemoteNotFound")
			w.Expect(w.Sent()).To(BeEmpty())
		}, adopts(v1alpha1.AdoptMustExist))
	})
	t.Run("IfExists and it does not", func(t *testing.T) {
		story(t, func(w *world) {
			w.exists("Engineers, all")
			w.exists("engineers2")
			w.Rest()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.groups()).To(HaveLen(3), "case and rest count")
		})
	})
}

func TestSeveralGroupsOfTheName(t *testing.T) {
	story(t, func(w *world) {
		one, two := w.exists("engineers"), w.exists("engineers")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(And(ContainSubstring(one), ContainSubstring(two)))
		w.Expect(w.Sent()).To(BeEmpty())
		w.Org.DeleteUserGroup(two)
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.ID).To(Equal(one))

		w.exists("engineers")
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.ID).To(Equal(one), "by now it is known by its id")
	})
}

func TestAGroupIsRenamedByItsID(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.edit(named("builders"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"builders"}))
		w.Expect(w.Get().Status.ID).To(Equal(id))

		taken := w.exists("taken")
		w.edit(named("taken"))
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring(taken))
		w.Expect(w.groups()).To(Equal([]string{"builders", "taken"}))
		w.Org.DeleteUserGroup(taken)
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"taken"}))
	})
}

// JumpCloud refuses a name that its lists do not show yet.
func TestANameThatJumpCloudRefuses(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.GroupVisibilityLag = 2 * enginetest.ResyncInterval })
		w.Rest()
		w.Sim.ForgetHistory()
		w.refuse(http.MethodPut, groupPath, http.StatusConflict)
		w.edit(named("builders"))
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPut}))
		w.Resync()
		w.ExpectReady("True/UpToDate")
	})
}

func TestPOSIXGroupsAreNotFoughtOver(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Attributes.POSIXGroups[0].ID = 4001 }, described("new"))
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring(`[{"id":4000,"name":"engineers"}]`))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
		w.costOfResync()
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Attributes = nil })
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(HaveKeyWithValue("description", "new"), HaveKeyWithValue("attributes", HaveKeyWithValue("posixGroups", HaveLen(1)))))
	}, func(o *v1alpha1.UserGroup) {
		o.Spec.Attributes = &v1alpha1.GroupAttributes{POSIXGroups: []v1alpha1.POSIXGroup{{ID: 4000, Name: "engineers"}}}
	})
}

func TestDriftIsCorrected(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.Org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"name": "renamed", "description": "changed", "email": "set@example.org"})
		w.Org.RemoveMember(id, "ada")
		w.Org.AddMember(id, "chas")
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(
			HaveKeyWithValue("name", "engineers"), HaveKeyWithValue("description", "Build engines."), HaveKeyWithValue("email", "set@example.org")))
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected: ")))
		w.Expect(w.Get().Status.Members).To(HaveValue(And(HaveField("Added", int32(1)), HaveField("Removed", int32(1)))))
		w.costOfResync()
	}, described("Build engines."), members("ada"))
}

func TestAGroupThatIsGoneIsCreatedAgain(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "ada")
		w.Rest()
		first := w.Get().Status.ID
		w.Org.DeleteUserGroup(first)
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
		w.Expect(w.Get().Status.ID).NotTo(Equal(first))
		w.Expect(w.Get().Status.Adopted).To(BeFalse(), "this one is ours")
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected: ")))
	}, members("ada"))
}

// A list that was read for all objects shows a group that was deleted since.
func TestAGroupThatIsGoneButListed(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Resync() // reads the list
		w.Org.DeleteUserGroup(w.Get().Status.ID)
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.Burst++ })
		w.Sim.ForgetHistory()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.steps()).To(Equal([]string{
			"GET members", "GET group", "GET groups", "POST groups", "POST members add", "GET group", "GET members",
		}))
	}, members("ada"))
}

// Changing the members of a group that was deleted meanwhile is not an error.
func TestAGroupThatGoesWhileItIsChanged(t *testing.T) {
	for _, at := range []struct{ method, ending string }{
		{http.MethodPost, "/members"}, {http.MethodPut, ""}, {http.MethodGet, "/members"},
	} {
		t.Run(at.method+at.ending, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				first := w.Get().Status.ID
				w.before(at.method, at.ending, func() { w.Org.DeleteUserGroup(first) })
				w.edit(members("ada", "chas"), described("new"))
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf("ada", "chas"))
				w.Expect(w.Get().Status.ID).NotTo(Equal(first))
				w.Expect(w.groups()).To(HaveLen(1))
			}, members("ada"))
		})
	}
}

// Somebody changes the group in the console between the operator's read and its PUT, which
// replaces everything.
func TestAChangeBetweenReadingAndWritingIsKept(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id, reads := w.Get().Status.ID, 0
		w.before(http.MethodGet, id, func() {
			reads++
			w.before(http.MethodGet, id, func() {
				reads++
				w.Org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"email": "set@example.org"})
			})
		})
		w.edit(described("new"))
		w.Expect(reads).To(Equal(2), "it is read again right before")
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(HaveKeyWithValue("description", "new"), HaveKeyWithValue("email", "set@example.org")))

		w.before(http.MethodGet, id, func() {
			w.before(http.MethodGet, id, func() { w.Org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"description": "theirs"}) })
		})
		w.edit(described("newest"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(HaveKeyWithValue("description", "newest"), "what differs now was planned again")
	}, described("old"))
}

// If JumpCloud changes a value once, it does so every time.
func TestAValueThatJumpCloudDoesNotKeep(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPut}, Status: http.StatusOK,
			Body: `{"id":"` + w.Get().Status.ID + `","name":"engineers","description":"cut"}`,
		})
		w.edit(described("cut off"))
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("description"))
		w.Expect(w.Sent()).To(HaveLen(1))
	}, described("old"))
}
