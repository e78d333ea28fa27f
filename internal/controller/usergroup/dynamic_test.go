package usergroup_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// moves puts users into a department.
func (w *world) moves(department string, names ...string) {
	w.T.Helper()
	for _, name := range names {
		w.Expect(w.Org.UpdateUser(w.users[name], jumpcloudtest.User{"department": department})).To(BeTrue())
	}
}

// automated is a group whose query selects the people of a department.
func automated(name, department string) jumpcloudtest.UserGroup {
	return jumpcloudtest.UserGroup{
		"name": name, "membershipMethod": "DYNAMIC_AUTOMATED",
		"memberQuery": map[string]any{
			"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "department", "operator": "eq", "value": department}},
		},
	}
}

func TestAQueryDecidesAboutMembers(t *testing.T) {
	story(t, func(w *world) {
		w.moves("Engines", "ada", "chas")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(
			HaveKeyWithValue("membershipMethod", "DYNAMIC_AUTOMATED"),
			HaveKeyWithValue("memberQuery", HaveKeyWithValue("queryType", "FilterQuery")),
			HaveKeyWithValue("memberQueryExemptions", ConsistOf(HaveKeyWithValue("id", w.users["chas"])))))
		w.Resync()
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}), "the query is all that is sent")
		w.Expect(w.Get().Status.Members).To(BeNil())
		w.Expect(w.costOfResync()).To(Equal(map[string]int{"group": 1}))

		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{
			"memberQuery": map[string]any{"filters": []any{map[string]any{"field": "user.username", "operation": "equals", "value": "eva"}}},
		})
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(HaveKeyWithValue("memberQuery", HaveKeyWithValue("queryType", "FilterQuery")), "that was drift")
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", "chas"))
}

func TestSuggestionsAreCounted(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "eva")
		w.moves("Engines", "ada", "chas")
		w.Rest()
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.Suggestions).To(HaveValue(Equal(v1alpha1.SuggestionsStatus{Add: 2, Remove: 1})))
		w.Expect(w.Message()).To(HaveSuffix("Its query suggests to add 2 users and to remove 1: review that in JumpCloud, or set spec.membershipMethod to DynamicAutomated to have it done."))
		w.Expect(w.who()).To(Equal([]string{"eva"}))
		w.costOfResync()
		w.edit(static)
		w.Expect(w.Get().Status.Suggestions).To(BeNil())
	}, dynamic(v1alpha1.MembershipDynamicReviewRequired, "Engines"))
}

func TestAQueryThatJumpCloudCannotEvaluate(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"memberQueryErrorFlags": []string{"INVALID_GROUP_REFERENCE", "more\n"}})
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(Equal(`JumpCloud cannot evaluate the memberQuery of the group "engineers": it refers to a group that does not exist, ` +
			"and for a reason that the operator does not know. Correct spec.memberQuery, or what it refers to."))
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"memberQueryErrorFlags": []string{}})
		w.Resync()
		w.ExpectReady("True/UpToDate")
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}

// An exempt user who was renamed would otherwise be exposed to the query.
func TestExemptionsOfUsersWhoAreNotFound(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.rename("chas", "charles")
		w.edit(func(o *v1alpha1.UserGroup) {
			o.Spec.MemberQueryExemptions = append(o.Spec.MemberQueryExemptions, v1alpha1.UserReference{Username: "eva"})
		})
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.live()).To(HaveKeyWithValue("memberQueryExemptions", ConsistOf(
			HaveKeyWithValue("id", w.users["chas"]), HaveKeyWithValue("id", w.users["eva"]))))
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.MemberQueryExemptions = o.Spec.MemberQueryExemptions[1:] })
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(HaveKeyWithValue("memberQueryExemptions", ConsistOf(HaveKeyWithValue("id", w.users["eva"]))))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", "chas"))
}

// The members that a query chose stay if no members are declared.
func TestAGroupBecomesStatic(t *testing.T) {
	story(t, func(w *world) {
		w.moves("Engines", "ada", "chas")
		w.Rest()
		w.Resync()
		w.edit(static)
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(
			HaveKeyWithValue("membershipMethod", "STATIC"), HaveKeyWithValue("memberQuery", BeNil()), HaveKeyWithValue("memberQueryExemptions", BeEmpty())))
		w.Expect(w.who()).To(ConsistOf("ada", "chas"))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", "eva"))
}

// Members that the query chose are removed only after the members were read again.
func TestAGroupBecomesStaticWithMembers(t *testing.T) {
	story(t, func(w *world) {
		w.moves("Engines", "ada", "chas")
		w.Rest()
		w.Resync()
		w.Sim.ForgetHistory()
		w.edit(static, members("chas", "eva"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("chas", "eva"))
		w.Expect(w.steps()).To(ContainElements("PUT group", "POST members add", "POST members remove"))
		w.Expect(w.between("PUT group", "POST members remove")).To(ContainElements("GET group", "GET members"))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}

// A process dies while a group becomes static. The next one removes nobody because of members
// that were read while the query decided.
func TestAProcessDiesWhileAGroupBecomesStatic(t *testing.T) {
	for n := range 8 {
		for _, after := range []bool{false, true} {
			story(t, func(w *world) {
				w.moves("Engines", "ada", "chas")
				w.Rest()
				w.Resync()
				died := false
				w.DieAt(n, after, &died)
				w.edit(static, members("chas", "eva"))
				w.OnCall = nil
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf("chas", "eva"))
				w.Expect(w.live()).To(And(HaveKeyWithValue("membershipMethod", "STATIC"), HaveKeyWithValue("memberQuery", BeNil())))
			}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
		}
	}
}

// Somebody makes a group dynamic in the console. From then on, member calls are answered with
// success and change nothing.
func TestAGroupThatSomebodyMadeDynamic(t *testing.T) {
	story(t, func(w *world) {
		w.moves("Engines", "eva")
		w.Rest()
		id := w.Get().Status.ID
		w.Org.UpdateUserGroup(id, automated("engineers", "Engines"))
		<-time.After(time.Second)
		w.Expect(w.who()).To(Equal([]string{"eva"}), "the query decided")
		w.Sim.ForgetHistory()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "chas"))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPut, http.MethodPost, http.MethodPost, http.MethodPost}), "first it becomes static again")
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected: ")))
	}, members("ada", "chas"))
}

// Before a removal, the group is read, and then its members: those who were members while a
// query decided do not count.
func TestMembersAreReadAfterTheGroup(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.AddMember(w.Get().Status.ID, "eva")
		w.Sim.ForgetHistory()
		w.Resync()
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.steps()).To(Equal([]string{
			"GET groups", "GET members", // as at rest
			"GET group", "GET members", "POST members remove", "GET group", "GET members",
		}))
	}, members("ada"))
}
