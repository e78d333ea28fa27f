package e2e

import (
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// byDepartment returns the query for all users of a department.
func byDepartment(department string) *v1alpha1.MemberQuery {
	return &v1alpha1.MemberQuery{Filters: []v1alpha1.QueryFilter{{Field: "department", Operator: "eq", Value: department}}}
}

func automatesGroup(w *world) {
	w.newcomer("ada", jumpcloudtest.User{"department": "Engines"})
	exempt := w.newcomer("chas", jumpcloudtest.User{"department": "Engines"})
	group := isReady(w, w.group("engineers", v1alpha1.UserGroupSpec{
		MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: byDepartment("Engines"),
		MemberQueryExemptions: []v1alpha1.UserReference{{Username: "chas"}},
	}))
	w.Expect(w.org.UserGroup(group.Status.ID)).To(And(
		HaveKeyWithValue("membershipMethod", "DYNAMIC_AUTOMATED"),
		HaveKeyWithValue("memberQueryExemptions", ConsistOf(HaveKeyWithValue("id", exempt)))))
	w.hasMembers("engineers", "ada")
	w.Expect(w.sent("POST", "/usergroups/*/members")).To(BeEmpty(), "the rule decides")
	w.silent()
}

func suggestsMembers(w *world) {
	w.newcomer("ada", jumpcloudtest.User{"department": "Engines"})
	w.newcomer("chas", jumpcloudtest.User{"department": "Engines"})
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}, w.idsOf(1)...)
	key := w.group("engineers", v1alpha1.UserGroupSpec{
		MembershipMethod: v1alpha1.MembershipDynamicReviewRequired, MemberQuery: byDepartment("Engines"),
		MemberSuggestionsNotify: new(true),
	})
	w.Eventually(func() *v1alpha1.SuggestionsStatus { return isReady(w, key).Status.Suggestions }).Should(
		HaveValue(Equal(v1alpha1.SuggestionsStatus{Add: 2, Remove: 1})))
	w.Expect(w.members("engineers")).To(ConsistOf(username(1)), "an administrator decides")
	w.silent()
}

func becomesStatic(w *world) {
	w.newcomer("ada", jumpcloudtest.User{"department": "Engines"})
	w.newcomer("chas", jumpcloudtest.User{"department": "Engines"})
	key := w.group("engineers", v1alpha1.UserGroupSpec{
		MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: byDepartment("Engines"),
		MemberQueryExemptions: users(1),
	})
	isReady(w, key)
	w.hasMembers("engineers", "ada", "chas")
	amend(w, key, func(g *v1alpha1.UserGroup) {
		g.Spec.MembershipMethod, g.Spec.MemberQuery, g.Spec.MemberQueryExemptions = v1alpha1.MembershipStatic, nil, nil
	})
	group := isReady(w, key)
	w.Expect(w.org.UserGroup(group.Status.ID)).To(And(
		HaveKeyWithValue("membershipMethod", "STATIC"), HaveKeyWithValue("memberQuery", BeNil()), HaveKeyWithValue("memberQueryExemptions", BeEmpty())))
	w.Expect(w.members("engineers")).To(ConsistOf("ada", "chas"))
	w.silent()
}

func removesExactly(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(1, 2, 3))})
	isReady(w, key)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(2, 3, 4)) })
	w.hasMembers("engineers", usernames(2, 3, 4)...)
	status := isReady(w, key).Status.Members
	w.Expect(status).To(HaveValue(And(HaveField("Desired", int32(3)), HaveField("Current", int32(3)))))
	w.silent()
}

func addsOnly(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}, w.idsOf(1)...)
	key := w.group("engineers", v1alpha1.UserGroupSpec{MemberPolicy: v1alpha1.MemberPolicyAddOnly, Members: new(users(2))})
	isReady(w, key)
	w.hasMembers("engineers", usernames(1, 2)...)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = &[]v1alpha1.UserReference{} })
	isReady(w, key)
	w.silent()
	w.Expect(w.members("engineers")).To(HaveExactElements(usernames(1, 2)))
}

func leavesMembers(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}, w.idsOf(1, 2)...)
	group := isReady(w, w.group("engineers", v1alpha1.UserGroupSpec{Description: new("new")}))
	w.Expect(group.Status.Members).To(BeNil())
	w.Expect(w.members("engineers")).To(HaveExactElements(usernames(1, 2)))
}

func membersFromFiles(w *world) {
	list := w.names("list", "# people of the first floor", username(1), username(2)+"@example.org", "")
	table := w.names("table", "email,floor", username(3)+"@example.org,2")
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(4)), MembersFrom: []v1alpha1.MembersSource{list, table}})
	w.hasMembers("engineers", usernames(1, 2, 3, 4)...)
	isReady(w, key)
	w.setCSV("list", username(1), username(5))
	w.hasMembers("engineers", usernames(1, 3, 4, 5)...)
	isReady(w, key)
}

func membersAppear(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: &[]v1alpha1.UserReference{
		{Username: username(1)}, {Username: "late"}, {Email: "later@example.org"},
	}})
	waiting := reaches(w, key, v1alpha1.UsersNotFoundReason)
	w.Expect(waiting.Status.Members).To(HaveValue(And(HaveField("NotFound", int32(2)), HaveField("Desired", int32(3)))))
	w.Expect(w.members("engineers")).To(ConsistOf(username(1)), "the rest is not held up")
	w.silent()
	w.newcomer("late", nil)
	w.newcomer("later", nil)
	w.hasMembers("engineers", username(1), "late", "later")
	isReady(w, key)
}

func membersByAnything(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: &[]v1alpha1.UserReference{
		{Username: username(1)}, {Email: "USER000002@example.org"}, {ID: w.idOf(username(3))}, {Email: username(1) + "@example.org"},
	}})
	group := isReady(w, key)
	w.hasMembers("engineers", usernames(1, 2, 3)...)
	w.Expect(group.Status.Members.Current).To(Equal(int32(3)))
	w.Expect(w.sent("POST", "/usergroups/*/members")).To(HaveLen(3))
}

func missingSource(w *world) {
	source := w.names("list", username(1), username(2))
	key := w.group("engineers", v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{source}})
	w.hasMembers("engineers", usernames(1, 2)...)
	isReady(w, key)
	w.Expect(plane.Client.Delete(w.Context(), w.configMap("list"))).To(Succeed())
	reaches(w, key, v1alpha1.SourceNotFoundReason)
	w.silent()
	w.Expect(w.members("engineers")).To(HaveExactElements(usernames(1, 2)))
	w.names("list", username(1), username(3))
	w.hasMembers("engineers", usernames(1, 3)...)
	isReady(w, key)
}

func emptySource(w *world) {
	source := w.names("list", username(1), username(2))
	key := w.group("engineers", v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{source}})
	w.hasMembers("engineers", usernames(1, 2)...)
	isReady(w, key)
	w.setCSV("list")
	w.isStalled(key)
	w.silent()
	w.Expect(w.members("engineers")).To(HaveExactElements(usernames(1, 2)))
	mark(w, key, v1alpha1.AllowEmptyAnnotation, "true")
	w.hasMembers("engineers")
	isReady(w, key)
}

func adoptedGroupLosesNobody(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}, w.idsOf(1, 2)...)
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(2, 3)), Description: new("ours")})
	waiting := reaches(w, key, v1alpha1.ApprovalRequiredReason)
	w.Expect(waiting.Status.Members.RemovalsApproved).To(BeFalse())
	w.hasMembers("engineers", usernames(1, 2, 3)...) // harmless changes are made
	w.Expect(w.org.UserGroupByName("engineers")).To(HaveKeyWithValue("description", "ours"))
	w.Expect(waiting.Status.Plan).To(HaveValue(And(HaveField("Withheld", int32(1)), HaveField("Changes", ContainElement(And(
		HaveField("Action", v1alpha1.ChangeRemoveMember), HaveField("Withheld", true)))))))
	w.silent()
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.ApprovedPlan = waiting.Status.Plan.Hash })
	w.hasMembers("engineers", usernames(2, 3)...)
	w.Expect(isReady(w, key).Status.Members.RemovalsApproved).To(BeTrue())

	// After that it behaves like any other group.
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(2)) })
	w.hasMembers("engineers", username(2))
}

func guardsMembers(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(first(8)...))})
	isReady(w, key)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(1, 2, 3, 9)) })
	waiting := reaches(w, key, v1alpha1.ApprovalRequiredReason)
	w.hasMembers("engineers", usernames(append(first(8), 9)...)...)
	w.silent()
	amend(w, key, func(g *v1alpha1.UserGroup) {
		g.Spec.ApprovedPlan = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	})
	reaches(w, key, v1alpha1.PlanChangedReason)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.ApprovedPlan = waiting.Status.Plan.Hash })
	w.hasMembers("engineers", usernames(1, 2, 3, 9)...)
	isReady(w, key)

	// An approval can be used once.
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(first(8)...)) })
	w.hasMembers("engineers", usernames(first(8)...)...)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(1, 2, 3)) })
	reaches(w, key, v1alpha1.PlanChangedReason)
	w.Expect(w.members("engineers")).To(HaveLen(8))

	// The window always allows three, and one member was removed before.
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members, g.Spec.ApprovedPlan = new(users(first(6)...)), "" })
	w.hasMembers("engineers", usernames(first(6)...)...)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(first(5)...)) })
	reaches(w, key, v1alpha1.ApprovalRequiredReason)
	w.hasMembers("engineers", usernames(first(6)...)...)
}

func protectsMembers(w *world) {
	admin := w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(1))})
	group := isReady(w, key)
	w.org.AddMember(group.Status.ID, admin)
	w.org.AddMember(group.Status.ID, w.idOf(username(2)))
	w.Eventually(func() int32 { return isReady(w, key).Status.Members.Protected }).Should(Equal(int32(1)))
	w.hasMembers("engineers", username(1), "root.admin")
	w.silent()
}

func renamedMember(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(1, 2))})
	isReady(w, key)
	w.org.UpdateUser(w.idOf(username(1)), jumpcloudtest.User{"username": "married"})
	reaches(w, key, v1alpha1.UsersNotFoundReason)
	w.hasMembers("engineers", "married", username(2)) // known by the id that the name resolved to
	w.silent()
	amend(w, key, func(g *v1alpha1.UserGroup) {
		g.Spec.Members = &[]v1alpha1.UserReference{{Username: "married"}, {Username: username(2)}}
	})
	isReady(w, key)
	w.hasMembers("engineers", "married", username(2))
}

// isStalled waits until a person has to act, and returns the reason.
func (w *world) isStalled(key *v1alpha1.UserGroup) string {
	w.Helper()
	var reason string
	w.Eventually(func() bool {
		group, err := read(w, key)
		w.Expect(err).NotTo(HaveOccurred())
		reason = readyReason(group.Status.Conditions)
		return stalled(group.Status.Conditions)
	}).Should(BeTrue(), func() string { return reason })
	return reason
}
