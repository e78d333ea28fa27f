package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// A conflict leaves open whether the harm was announced: the stored status shows it.
var _ = It("A User who is edited while the suspension is announced is suspended, and counted once", Label("users"), func() {
	w := newWorld(spec(), 30)
	proxy := testenv.NewProxy(spec(), plane.OperatorConfig)
	plane.StartOperator(spec(), proxy.Config, patientFlags("--watch-namespaces="+w.namespace)...).WaitReady(spec())
	leaver := &v1alpha1.User{ObjectMeta: w.meta(username(1)), Spec: v1alpha1.UserSpec{
		OrganizationRef: toAcme, AdoptionPolicy: v1alpha1.AdoptMustExist, DeletionPolicy: v1alpha1.DeletionPolicySuspend,
	}}
	w.create(leaver)
	w.Expect(isReady(w, leaver).Finalizers).To(ConsistOf(v1alpha1.Finalizer))

	edited := proxy.Intercept(testenv.BeforeForward, 1, testenv.ToStatus("users").And(says(`"countedAt"`)), func(testenv.Write) testenv.Action {
		note := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"example.org/note":"on leave"}}}`))
		if err := plane.Client.Patch(w.Context(), &v1alpha1.User{ObjectMeta: leaver.ObjectMeta}, note); err != nil {
			w.Errorf("edit the User: %v", err)
		}
		return testenv.Pass
	})
	amend(w, leaver, func(u *v1alpha1.User) { u.Spec.State = new(v1alpha1.UserStateSuspended) })
	w.Eventually(edited.Done()).Should(BeClosed())
	user := isReady(w, leaver)

	w.Expect(user.Annotations).To(HaveKey("example.org/note"))
	w.Expect(user.Status.Harmed).To(ConsistOf(HaveField("Harmful", int32(1))))
	w.Expect(w.org.UserByUsername(username(1))).To(HaveKeyWithValue("state", "SUSPENDED"))
	w.Expect(get(w, &v1alpha1.Organization{}, "acme").Status.Guard.Harmed).To(ConsistOf(HaveField("Harmful", int32(1))))
})

// A long plan is in a ConfigMap, which exists only as long as the plan does.
var _ = It("A plan that is not long any more has no ConfigMap", Label("groups"), func() {
	plane = planes[watched]
	w := newWorld(spec(), 60, often)
	group := w.group("engineers", v1alpha1.UserGroupSpec{Mode: v1alpha1.ModePlan, Members: new(users(first(60)...))})
	reaches(w, group, v1alpha1.PlannedReason)
	list := &corev1.ConfigMap{ObjectMeta: w.meta("engineers-plan-000")}
	w.Eventually(func() (map[string]string, error) {
		live, err := read(w, list)
		return live.Labels, err
	}).Should(HaveKeyWithValue(v1alpha1.ManagedByLabel, v1alpha1.ManagedBy))

	amend(w, group, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(1)) })
	w.disappears(list)
	w.Expect(reaches(w, group, v1alpha1.PlannedReason).Status.Plan.Total).To(BeNumerically("<", 5))
})
