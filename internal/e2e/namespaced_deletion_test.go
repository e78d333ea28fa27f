package e2e

import (
	"context"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// An event tells what an object in a deleted namespace left behind: it is about
// the namespace, so it is one of the namespace default.
func namespaceEventsAreAllowed(folder string) {
	install(folder)
	operator, err := client.New(serviceAccount(), client.Options{Scheme: plane.Scheme})
	Expect(err).NotTo(HaveOccurred())
	event := &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, GenerateName: "identity-"},
		EventTime:  metav1.NewMicroTime(time.Now()), Type: corev1.EventTypeWarning,
		Reason: v1alpha1.CredentialsNotFoundReason, Action: "Reconcile", Note: "left",
		ReportingController: "jumpcloud-operator", ReportingInstance: "test",
		Regarding: corev1.ObjectReference{APIVersion: "v1", Kind: "Namespace", Name: "identity"},
	}
	Expect(operator.Create(spec().Context(), event, client.DryRunAll)).To(Succeed())
}

// The deletion of a namespace takes the operator's Role of config/namespaced in
// it away, be it before the objects have finished: docs/operating.md says how
// they finish nevertheless.
func finishesWhereRightsWentFirst() {
	w := newWorld(spec(), 2)
	objects := render("namespaced")
	role := as[rbacv1.Role](objects, "Role/jumpcloud-operator-manager")
	binding := as[rbacv1.RoleBinding](objects, "RoleBinding/jumpcloud-operator-manager")
	for _, object := range []client.Object{role, binding} {
		object.SetNamespace(w.namespace)
		w.create(object)
	}
	installed("namespaced", "--watch-namespaces="+w.namespace)
	group := w.group("engineers", v1alpha1.UserGroupSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	isReady(w, group)

	withoutRights.Insert(w.namespace)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	for _, object := range []client.Object{namespace, binding, role, group} {
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	}
	w.Expect(w.org.UserGroups()).To(HaveLen(1))
	_, err := plane.Kubectl(spec().Context(), "apply", "-f", "config/rbac/role.yaml")
	w.Expect(err).NotTo(HaveOccurred())
	spec().Cleanup(func() {
		_, err := plane.Kubectl(context.WithoutCancel(spec().Context()), "delete", "clusterrole,clusterrolebinding", "manager-role")
		w.Expect(err).NotTo(HaveOccurred())
	})
	_, err = plane.Kubectl(spec().Context(), "create", "clusterrolebinding", "manager-role", "--clusterrole=manager-role",
		"--serviceaccount="+systemNamespace+":jumpcloud-operator-controller-manager")
	w.Expect(err).NotTo(HaveOccurred())
	w.disappears(group)
	w.Expect(w.org.UserGroups()).To(BeEmpty())
}
