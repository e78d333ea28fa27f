package e2e

import (
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// person returns the API server as somebody sees it who has these ClusterRoles
// in the world's namespace.
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

// approval of a plan of the world's group.
func (w *world) approval(name, plan string) *v1alpha1.PlanApproval {
	return &v1alpha1.PlanApproval{ObjectMeta: w.meta(name), Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "UserGroup", Name: "group"}, Plan: plan,
	}}
}

// Whoever declares does not approve, whoever approves does not declare, and the
// operator does neither.
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
	w.Expect(w.org.UserGroups()).To(BeEmpty(), "spec.approvedPlan counts for nothing")

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

	// It counts for its plan, however often it is made.
	amend(w, group, func(group *v1alpha1.UserGroup) { group.Spec.Description = new("another plan") })
	w.Expect(approver.Delete(spec().Context(), w.approval("mine", plan))).To(Succeed())
	w.Expect(approver.Create(spec().Context(), w.approval("again", plan))).To(Succeed())
	reaches(w, w.approval("again", plan), v1alpha1.UsedReason)
	w.Expect(reaches(w, group, v1alpha1.ApprovalRequiredReason).Status.Plan.Hash).NotTo(Equal(plan))
	w.Expect(w.org.UserGroupByName("Engines")["description"]).NotTo(Equal("another plan"))
	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}
