package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var _ = Describe("UserGroup", Label("groups"), func() {
	withOperator()
	DescribeTable("story:", func(story func(*world)) {
		story(newWorld(spec(), 20, often))
	},
		Entry("creates a group", createsGroup),
		Entry("names it as the object where nothing else", namesGroupAsObject),
		Entry("adopts a group and keeps what is not stated", adoptsGroup),
		Entry("adopts nothing where it may not", adoptsNever),
		Entry("creates nothing where it may not", adoptsOnly),
		Entry("puts drift right", correctsDrift),
		Entry("creates a group again", recreatesGroup),
		Entry("renames a group", renamesGroup),
		Entry("deletes a group with its object", deletesGroup),
		Entry("keeps a group without its object", retainsGroup),
		Entry("keeps an adopted group if nothing is said", retainsAdoptedGroup),
		Entry("does not fight over POSIX groups", keepsPOSIXGroups),
		Entry("keeps a query that it does not know", keepsForeignQuery),
		Entry("automated by a query", automatesGroup),
		Entry("suggests by a query", suggestsMembers),
		Entry("becomes static and loses nobody", becomesStatic),
		Entry("Exact removes whom nobody names", removesExactly),
		Entry("AddOnly removes nobody", addsOnly),
		Entry("leaves members alone where none are written", leavesMembers),
		Entry("members from files", membersFromFiles),
		Entry("members who appear later", membersAppear),
		Entry("members by email and id", membersByAnything),
		Entry("a source that is not there", missingSource),
		Entry("an empty source", emptySource),
		Entry("an adopted group loses nobody unasked", adoptedGroupLosesNobody),
		Entry("the guard", guardsMembers),
		Entry("a protected member", protectsMembers),
		Entry("a member who was renamed", renamedMember),
	)
})

func createsGroup(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{
		Name: "Engineers, all", Description: new("Engine builders"), Email: new("engineers@example.org"),
		Attributes: &v1alpha1.GroupAttributes{
			Sudo:        &v1alpha1.GroupSudo{Enabled: true},
			LDAPGroups:  &[]v1alpha1.LDAPGroup{},
			POSIXGroups: []v1alpha1.POSIXGroup{{ID: 4000, Name: "engineers"}},
		},
		Members: new(users(1, 2)),
	})
	group := isReady(w, key)
	live := w.org.UserGroupByName("Engineers, all")
	w.Expect(live).To(And(
		HaveKeyWithValue("id", group.Status.ID), HaveKeyWithValue("description", "Engine builders"),
		HaveKeyWithValue("email", "engineers@example.org"), HaveKeyWithValue("membershipMethod", "STATIC"),
		HaveKeyWithValue("attributes", And(
			HaveKeyWithValue("sudo", HaveKeyWithValue("enabled", true)), HaveKeyWithValue("ldapGroups", BeEmpty()),
			HaveKeyWithValue("posixGroups", HaveLen(1))))))
	w.hasMembers("Engineers, all", usernames(1, 2)...)
	w.Expect(group.Status.Adopted).To(BeFalse())
	w.Expect(group.Status.Creating).To(BeNil())
	w.Expect(group.Status.OrganizationID).To(Equal(w.org.ID()))
	w.Expect(group.Status.Members).To(HaveValue(And(HaveField("Desired", int32(2)), HaveField("Current", int32(2)))))
	w.Expect(group.Finalizers).To(BeEmpty(), "nothing is done when it is deleted")
	w.silent()
}

func namesGroupAsObject(w *world) {
	isReady(w, w.group("engineers", v1alpha1.UserGroupSpec{}))
	w.Expect(w.org.UserGroupByName("engineers")).NotTo(BeNil())
}

func adoptsGroup(w *world) {
	id := w.org.AddUserGroup(jumpcloudtest.UserGroup{
		"name": "engineers", "description": "old", "email": "kept@example.org", "memberSuggestionsNotify": true,
		"attributes": map[string]any{
			"sudo": map[string]any{"enabled": true, "withoutPassword": false}, "sambaEnabled": true, "unheardOf": map[string]any{"kept": true},
		},
	}, w.idsOf(1)...)
	group := isReady(w, w.group("engineers", v1alpha1.UserGroupSpec{
		Description: new("new"), Attributes: &v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: false}},
	}))
	w.Expect(group.Status.ID).To(Equal(id))
	w.Expect(group.Status.Adopted).To(BeTrue())
	w.Eventually(func() jumpcloudtest.UserGroup { return w.org.UserGroup(id) }).Should(And(
		HaveKeyWithValue("description", "new"), HaveKeyWithValue("email", "kept@example.org"), HaveKeyWithValue("memberSuggestionsNotify", true),
		HaveKeyWithValue("attributes", And(
			HaveKeyWithValue("sudo", HaveKeyWithValue("enabled", false)), HaveKeyWithValue("sambaEnabled", true),
			HaveKeyWithValue("unheardOf", HaveKeyWithValue("kept", true))))))
	w.Expect(w.members("engineers")).To(ConsistOf(username(1)))
	w.Expect(w.mutations()).To(Equal(1))
	w.silent()
}

func adoptsNever(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers", "description": "theirs"})
	reaches(w, w.group("engineers", v1alpha1.UserGroupSpec{
		AdoptionPolicy: v1alpha1.AdoptNever, Description: new("ours"), DeletionPolicy: v1alpha1.DeletionPolicyDelete,
	}), v1alpha1.AdoptionRefusedReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	w.remove(&v1alpha1.UserGroup{ObjectMeta: w.meta("engineers")})
	w.Expect(w.org.UserGroupByName("engineers")).To(HaveKeyWithValue("description", "theirs"))
}

func adoptsOnly(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{AdoptionPolicy: v1alpha1.AdoptMustExist, Description: new("ours")})
	reaches(w, key, v1alpha1.RemoteNotFoundReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	id := w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"})
	w.Expect(isReady(w, key).Status.ID).To(Equal(id))
	w.Expect(w.org.UserGroup(id)).To(HaveKeyWithValue("description", "ours"))
}

func correctsDrift(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Description: new("Engine builders"), Members: new(users(1, 2))})
	id := isReady(w, key).Status.ID
	w.org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"description": "Anything", "email": "set@example.org"})
	w.org.RemoveMember(id, w.idOf(username(1)))
	w.org.AddMember(id, w.idOf(username(3)))
	w.Eventually(func() jumpcloudtest.UserGroup { return w.org.UserGroup(id) }).Should(And(
		HaveKeyWithValue("description", "Engine builders"), HaveKeyWithValue("email", "set@example.org")))
	w.hasMembers("engineers", usernames(1, 2)...)
	isReady(w, key)
	w.told(key, "DriftCorrected")
	w.silent()
}

func recreatesGroup(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Description: new("Engine builders"), Members: new(users(1))})
	first := isReady(w, key).Status.ID
	w.org.DeleteUserGroup(first)
	w.Eventually(func() string { return isReady(w, key).Status.ID }).ShouldNot(Equal(first))
	w.hasMembers("engineers", username(1))
	w.Expect(w.org.UserGroups()).To(HaveLen(1))
}

func renamesGroup(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(1))})
	id := isReady(w, key).Status.ID
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Name = "Builders" })
	w.Eventually(func() string { name, _ := w.org.UserGroup(id)["name"].(string); return name }).Should(Equal("Builders"))
	w.Expect(isReady(w, key).Status.ID).To(Equal(id))
	w.Expect(w.org.UserGroups()).To(HaveLen(1))
	w.Expect(w.members("Builders")).To(ConsistOf(username(1)))

	// A name that another group has is a conflict: the operator does not adopt that group.
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "taken"})
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.Name = "taken" })
	w.Expect(reaches(w, key, v1alpha1.RemoteConflictReason).Status.ID).To(Equal(id))
	w.Expect(w.org.UserGroup(id)).To(HaveKeyWithValue("name", "Builders"))
}

func deletesGroup(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(1)), DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	group := isReady(w, key)
	w.Expect(group.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	w.remove(group)
	w.Expect(w.org.UserGroups()).To(BeEmpty())
	w.Expect(w.org.CountUsers()).To(Equal(20))
}

func retainsGroup(w *world) {
	key := w.group("engineers", v1alpha1.UserGroupSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	isReady(w, key)
	amend(w, key, func(g *v1alpha1.UserGroup) { g.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
	w.Eventually(func() []string { return get(w, &v1alpha1.UserGroup{}, "engineers").Finalizers }).Should(BeEmpty())
	w.remove(key)
	w.Expect(w.org.UserGroups()).To(HaveLen(1))
	w.Expect(w.sent("DELETE", "/usergroups/*")).To(BeEmpty())
}

func retainsAdoptedGroup(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"})
	key := w.group("engineers", v1alpha1.UserGroupSpec{Description: new("ours")})
	w.Expect(isReady(w, key).Finalizers).To(BeEmpty())
	w.remove(key)
	w.Expect(w.org.UserGroupByName("engineers")).To(HaveKeyWithValue("description", "ours"))
}

func keepsPOSIXGroups(w *world) {
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers", "attributes": map[string]any{
		"posixGroups": []any{map[string]any{"id": 4000, "name": "engineers"}},
	}})
	key := w.group("engineers", v1alpha1.UserGroupSpec{Attributes: &v1alpha1.GroupAttributes{
		POSIXGroups: []v1alpha1.POSIXGroup{{ID: 4001, Name: "engineers"}},
	}})
	reaches(w, key, v1alpha1.RemoteConflictReason)
	w.silent()
}

func keepsForeignQuery(w *world) {
	query := map[string]any{"filters": []any{map[string]any{"field": "user.user_department", "operation": "equals", "value": "Engines"}}}
	id := w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers", "membershipMethod": "DYNAMIC_AUTOMATED", "memberQuery": query})
	key := w.group("engineers", v1alpha1.UserGroupSpec{
		Description: new("new"), MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: byDepartment("Engines"),
	})
	isReady(w, key)
	w.Expect(w.org.UserGroup(id)).To(And(HaveKeyWithValue("description", "new"), HaveKeyWithValue("memberQuery", HaveKeyWithValue("queryType", "FilterQuery"))))
	w.silent()
}

var groupKind = livingKind{
	object: func(w *world, name string, mode v1alpha1.Mode) livingObject {
		return &v1alpha1.UserGroup{ObjectMeta: w.meta(name), Spec: v1alpha1.UserGroupSpec{
			OrganizationRef: toAcme, Name: "engineers", Mode: mode, DeletionPolicy: v1alpha1.DeletionPolicyDelete,
		}}
	},
	approve: func(o livingObject, hash string) { o.(*v1alpha1.UserGroup).Spec.ApprovedPlan = hash },
	keep:    func(o livingObject) { o.(*v1alpha1.UserGroup).Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain },
	changed: func(w *world) bool { return len(w.org.UserGroups()) == 1 },
	undo:    func(w *world) { w.org.DeleteUserGroup(w.org.UserGroupByName("engineers")["id"].(string)) },
	cleaned: func(w *world) bool { return len(w.org.UserGroups()) == 0 },
}
