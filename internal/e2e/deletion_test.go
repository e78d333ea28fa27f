package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Whatever deletes everything at once may delete in any order. The worst order is the
// credentials first and the Organization second. What was begun at JumpCloud must be completed
// anyway.
var _ = Describe("Deletion", Label("deletion"), func() {
	withOperator()
	DescribeTable("of everything at once, with", func(begin func(*world)) { endsInOrder(newWorld(spec(), 3), begin) },
		Entry("a namespace", func(w *world) {
			_, err := plane.Kubectl(w.Context(), "delete", "namespace", w.namespace, "--wait=false")
			w.Expect(err).NotTo(HaveOccurred())
			// This is the job of the namespace controller, which does not run here.
			w.remove(&corev1.Secret{ObjectMeta: w.meta("jumpcloud")})
		}),
		Entry("a folder of manifests", func(w *world) {
			w.remove(&corev1.Secret{ObjectMeta: w.meta("jumpcloud")})
			w.Eventually(func() string {
				ready := apimeta.FindStatusCondition(get(w, &v1alpha1.Organization{}, "acme").Status.Conditions, v1alpha1.ReadyCondition)
				return ready.Reason
			}).Should(Equal(v1alpha1.CredentialsNotFoundReason))
		}),
	)
	It("an Organization waits for its objects", organizationWaits)
})

func endsInOrder(w *world, begin func(*world)) {
	w.Helper()
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 6 * time.Second })
	group := w.group("engineers", v1alpha1.UserGroupSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	state := w.schedule("leave", v1alpha1.ScheduledUserStateSpec{Users: users(1), StartDate: at(nextYear)})
	isReady(w, group)
	isReady(w, state)
	hires := w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(2)...)}})
	w.Eventually(func() []v1alpha1.JobStatus { return get(w, &v1alpha1.BulkUserImport{}, "hires").Status.Jobs }).
		Should(ContainElement(HaveField("State", v1alpha1.JobSubmitted)))
	organization := get(w, &v1alpha1.Organization{}, "acme")
	w.Eventually(func() []string { return get(w, organization, "acme").Finalizers }).Should(ConsistOf(v1alpha1.Finalizer))

	begin(w)
	w.Expect(plane.Client.DeleteAllOf(w.Context(), &corev1.ConfigMap{}, client.InNamespace(w.namespace))).To(Succeed())
	w.Expect(plane.Client.Delete(w.Context(), organization)).To(Succeed())
	for _, object := range []client.Object{hires, group, state} {
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	}
	for _, object := range []client.Object{hires, group, state, organization} {
		w.disappears(object)
	}
	w.Expect(w.org.UserGroups()).To(BeEmpty())
	w.Expect(w.org.ScheduledStates()).To(BeEmpty())
	w.Expect(w.org.Jobs()).To(ConsistOf(HaveField("EndedAt", Not(BeZero()))), "the job is waited for")
}

// An Organization that is deleted alone stays until its objects are gone, and reports that.
func organizationWaits() {
	w := newWorld(spec(), 1)
	group := w.group("engineers", v1alpha1.UserGroupSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	isReady(w, group)
	organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme")}
	w.Eventually(func() []string { return get(w, &v1alpha1.Organization{}, "acme").Finalizers }).Should(ConsistOf(v1alpha1.Finalizer))
	w.Expect(plane.Client.Delete(w.Context(), organization)).To(Succeed())
	w.Eventually(func(g Gomega) {
		conditions := get(w, &v1alpha1.Organization{}, "acme").Status.Conditions
		g.Expect(conditions).To(ContainElement(And(
			HaveField("Type", v1alpha1.ReadyCondition), HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.DeletingReason),
			HaveField("Message", ContainSubstring("UserGroup "+w.namespace+"/engineers")))))
	}).Should(Succeed())
	reaches(w, group, v1alpha1.OrganizationNotReadyReason)
	w.remove(group)
	w.disappears(organization)
	w.Expect(w.org.UserGroups()).To(BeEmpty())
}
