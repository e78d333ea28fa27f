package e2e

import (
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// person returns a client for a user who has these ClusterRoles in the world's namespace.
func (w *world) person(name string, roles ...string) client.Client {
	w.Helper()
	name = w.namespace + "-" + name
	for _, role := range roles {
		w.create(&rbacv1.RoleBinding{
			ObjectMeta: w.meta(name + "-" + role),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
		})
	}
	config, err := plane.As(name)
	w.Expect(err).NotTo(HaveOccurred())
	c, err := client.New(config, client.Options{Scheme: plane.Scheme})
	w.Expect(err).NotTo(HaveOccurred())
	return c
}

// approval returns an approval of a plan of the world's group.
func (w *world) approval(name, plan string) *v1alpha1.PlanApproval {
	return &v1alpha1.PlanApproval{ObjectMeta: w.meta(name), Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "UserGroup", Name: "group"}, Plan: plan,
	}}
}

// Editors cannot approve, approvers cannot declare, and the operator can do neither.
func approvingIsARightOfItsOwn() {
	operator := installed("default")
	w := newWorld(spec(), 3, func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	editor := w.person("editor", "jumpcloud-operator-usergroup-editor-role", "jumpcloud-operator-bulkuserimport-editor-role")
	approver := w.person("approver", "jumpcloud-approver")
	service, err := client.New(serviceAccount(), client.Options{Scheme: plane.Scheme})
	w.Expect(err).NotTo(HaveOccurred())

	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("group"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: toAcme, Name: "Engines", Mode: v1alpha1.ModeApplyAfterApproval,
	}}
	w.Expect(editor.Create(spec().Context(), group)).To(Succeed())
	plan := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash
	for name, c := range map[string]client.Client{"editor": editor, "operator": service} {
		err := c.Create(spec().Context(), w.approval("mine", plan))
		w.Expect(apierrors.IsForbidden(err)).To(BeTrue(), "%s: %v", name, err)
	}
	forged := get(w, &v1alpha1.UserGroup{}, "group")
	forged.Status.Plan.ApprovedHash = plan
	w.Expect(apierrors.IsForbidden(editor.Status().Update(spec().Context(), forged))).To(BeTrue())

	w.Expect(editor.Get(spec().Context(), client.ObjectKeyFromObject(group), group)).To(Succeed())
	group.Spec.ApprovedPlan = plan
	w.Expect(editor.Update(spec().Context(), group)).To(Succeed())
	reaches(w, group, v1alpha1.ApprovalRequiredReason)
	w.Expect(w.org.UserGroups()).To(BeEmpty(), "spec.approvedPlan is ignored")

	w.Expect(approver.Get(spec().Context(), client.ObjectKeyFromObject(group), group)).To(Succeed())
	group.Spec.Description = new("of the approver")
	w.Expect(apierrors.IsForbidden(approver.Update(spec().Context(), group))).To(BeTrue())
	w.Expect(approver.Create(spec().Context(), w.approval("mine", plan))).To(Succeed())
	w.Eventually(func(g Gomega) {
		g.Expect(w.org.UserGroups()).To(HaveLen(1))
		g.Expect(get(w, &v1alpha1.PlanApproval{}, "mine").OwnerReferences).To(ConsistOf(HaveField("UID", group.UID)))
	}).Should(Succeed())
	reaches(w, w.approval("mine", plan), v1alpha1.UsedReason)

	p := get(w, &v1alpha1.PlanApproval{}, "mine")
	w.Expect(apierrors.IsForbidden(service.Delete(spec().Context(), p))).To(BeTrue())
	p.Spec.Plan = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	w.Expect(apierrors.IsInvalid(plane.Client.Update(spec().Context(), p))).To(BeTrue(), "nor can it be made one of another plan")

	// It applies only to its plan, however often it is created.
	amend(w, group, func(group *v1alpha1.UserGroup) { group.Spec.Description = new("another plan") })
	w.Expect(approver.Delete(spec().Context(), w.approval("mine", plan))).To(Succeed())
	w.Expect(approver.Create(spec().Context(), w.approval("again", plan))).To(Succeed())
	reaches(w, w.approval("again", plan), v1alpha1.UsedReason)
	w.Expect(reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash).NotTo(Equal(plan))
	w.Expect(w.org.UserGroupByName("Engines")["description"]).NotTo(Equal("another plan"))
	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}

// fromGit returns the manifests that a pipeline applies: the group and, if there is a plan,
// its approval.
func (w *world) fromGit(description, plan string) []*unstructured.Unstructured {
	manifest := func(kind, name string, spec map[string]any) *unstructured.Unstructured {
		object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		object.SetNamespace(w.namespace)
		object.SetName(name)
		return object
	}
	manifests := []*unstructured.Unstructured{manifest("UserGroup", "group", map[string]any{
		"organizationRef": map[string]any{"name": "acme"}, "name": "Engines", "description": description, "mode": "ApplyAfterApproval",
	})}
	if plan != "" {
		manifests = append(manifests, manifest("PlanApproval", "from-git", map[string]any{
			"objectRef": map[string]any{"kind": "UserGroup", "name": "group"}, "plan": plan, "reason": "CHG-1234",
		}))
	}
	return manifests
}

// A pipeline with both roles applies the manifests from Git repeatedly. It does not remove
// approvals from elsewhere, and its own approval is used once.
func aPipelineApproves() {
	installed("default")
	w := newWorld(spec(), 3, func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	pipeline := w.person("pipeline", "jumpcloud-operator-usergroup-editor-role", "jumpcloud-approver")
	apply := func(description, plan string) {
		w.Helper()
		for _, manifest := range w.fromGit(description, plan) {
			w.Expect(pipeline.Apply(spec().Context(), client.ApplyConfigurationFromUnstructured(manifest),
				client.FieldOwner("pipeline"), client.ForceOwnership)).To(Succeed())
		}
	}
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("group")}
	apply("one", "")
	plan := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash
	apply("one", plan)
	reaches(w, w.approval("from-git", plan), v1alpha1.UsedReason)
	isReady(w, group)
	apply("one", plan)
	reaches(w, w.approval("from-git", plan), v1alpha1.UsedReason)

	apply("two", plan)
	next := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash
	elsewhere := w.person("approver", "jumpcloud-approver")
	w.Expect(elsewhere.Create(spec().Context(), w.approval("elsewhere", next))).To(Succeed())
	apply("two", plan)
	reaches(w, w.approval("elsewhere", next), v1alpha1.UsedReason)
	isReady(w, group)
	w.Expect(w.org.UserGroupByName("Engines")["description"]).To(Equal("two"))
}

// A deleted approval has no effect; of two approvals of one plan one is in force; and no
// approval applies to an object that was created again under the same name.
func anApprovalIsOfOnePlanOfOneObject() {
	installed("default")
	w := newWorld(spec(), crowd)
	approver := w.person("approver", "jumpcloud-approver")
	approves := func(name, plan string) {
		w.Helper()
		w.Expect(approver.Create(spec().Context(), w.approval(name, plan))).To(Succeed())
	}
	id := w.addCrowd()
	left := func() int { return len(w.org.Members(id)) }
	group := w.declareCrowd()
	plan := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash

	// The approval is withdrawn while its plan is carried out.
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 1, Burst: 1} })
	approves("withdrawn", plan)
	w.Eventually(left).Should(BeNumerically("<", crowd))
	w.Expect(approver.Delete(spec().Context(), w.approval("withdrawn", plan))).To(Succeed())
	moved := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash
	w.Expect(moved).NotTo(Equal(plan), "the plan has moved")
	stayed := left()
	w.Expect(stayed).To(BeNumerically(">", 1))
	approves("of-what-moved", plan)
	reaches(w, w.approval("of-what-moved", plan), v1alpha1.PlanChangedReason)

	// The object is created again: approvals of the first one have no effect.
	w.remove(group)
	group = w.declareCrowd()
	anew := reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash
	w.Expect(anew).NotTo(Equal(moved), "with the same changes")
	w.Expect(readyMessage(reaches(w, w.approval("of-what-moved", plan), v1alpha1.PlanChangedReason))).To(ContainSubstring("earlier UserGroup"))
	approves("of-the-first", moved)
	reaches(w, w.approval("of-the-first", moved), v1alpha1.PlanChangedReason)
	w.Expect(left()).To(Equal(stayed))

	// Two approvals at the same time.
	approves("one", anew)
	approves("two", anew)
	reasons := func() []string {
		var found []string
		for _, name := range []string{"one", "two"} {
			found = append(found, readyReason(get(w, &v1alpha1.PlanApproval{}, name).Status.Conditions))
		}
		return found
	}
	w.Eventually(reasons).Should(ConsistOf(v1alpha1.GrantedReason, v1alpha1.RemoteConflictReason))
	isReady(w, group)
	w.Eventually(reasons).Should(ConsistOf(v1alpha1.UsedReason, v1alpha1.UsedReason))
	w.Expect(left()).To(Equal(1))
	w.Expect(w.sent("POST", "/usergroups/*/members")).To(HaveLen(crowd-1), "each was removed once")
}

// crowd is how many members a group has that existed before its object.
const crowd = 12

// addCrowd creates that group.
func (w *world) addCrowd() (id string) {
	id = w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "Crowd"})
	for i := range crowd {
		w.org.AddMember(id, w.idOf(username(i+1)))
	}
	return id
}

// declareCrowd declares only one of its members.
func (w *world) declareCrowd() *v1alpha1.UserGroup {
	w.Helper()
	members := users(1)
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("group"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: toAcme, Name: "Crowd", Members: &members,
	}}
	w.create(group)
	return group
}
