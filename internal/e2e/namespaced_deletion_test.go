package e2e

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const manager = "system:serviceaccount:" + systemNamespace + ":jumpcloud-operator-controller-manager"

// What an object in a namespace that was deleted left behind is told by an
// event about the namespace: that is one of the namespace default.
func TestEventsAboutNamespacesAreAllowed(t *testing.T) {
	for _, folder := range []string{"default", "namespaced"} {
		t.Run(folder, func(t *testing.T) {
			g := NewWithT(t)
			install(t, folder)
			config, err := plane.AddUser(manager, "system:authenticated")
			g.Expect(err).NotTo(HaveOccurred())
			operator, err := client.New(config, client.Options{Scheme: plane.Scheme})
			g.Expect(err).NotTo(HaveOccurred())
			event := &eventsv1.Event{
				ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, GenerateName: "identity-"},
				EventTime:  metav1.NewMicroTime(time.Now()), Type: corev1.EventTypeWarning,
				Reason: v1alpha1.CredentialsNotFoundReason, Action: "Reconcile", Note: "left",
				ReportingController: "jumpcloud-operator", ReportingInstance: "test",
				Regarding: corev1.ObjectReference{APIVersion: "v1", Kind: "Namespace", Name: "identity"},
			}
			g.Expect(operator.Create(t.Context(), event, client.DryRunAll)).To(Succeed())
		})
	}
}

// The deletion of a namespace takes the operator's Role of config/namespaced in
// it away, be it before the objects have finished: docs/operating.md says how
// they finish nevertheless.
func TestANamespaceThatTookTheRightsAway(t *testing.T) {
	w := newWorld(t, 2)
	objects := render(t, "namespaced")
	role := as[rbacv1.Role](t, objects, "Role/jumpcloud-operator-manager")
	binding := as[rbacv1.RoleBinding](t, objects, "RoleBinding/jumpcloud-operator-manager")
	for _, object := range []client.Object{role, binding} {
		object.SetNamespace(w.namespace)
		w.create(object)
	}
	installed(t, "namespaced", "--watch-namespaces="+w.namespace)
	group := w.group("engineers", v1alpha1.UserGroupSpec{DeletionPolicy: v1alpha1.DeletionPolicyDelete})
	isReady(w, group)

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	for _, object := range []client.Object{namespace, binding, role, group} {
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	}
	w.Expect(w.org.UserGroups()).To(HaveLen(1))
	_, err := plane.Kubectl(t.Context(), "apply", "-f", "config/rbac/role.yaml")
	w.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		_, err := plane.Kubectl(context.WithoutCancel(t.Context()), "delete", "clusterrole,clusterrolebinding", "manager-role")
		w.Expect(err).NotTo(HaveOccurred())
	})
	_, err = plane.Kubectl(t.Context(), "create", "clusterrolebinding", "manager-role", "--clusterrole=manager-role",
		"--serviceaccount="+systemNamespace+":jumpcloud-operator-controller-manager")
	w.Expect(err).NotTo(HaveOccurred())
	w.disappears(group)
	w.Expect(w.org.UserGroups()).To(BeEmpty())
}
