package e2e

import (
	"context"
	"slices"

	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// An event reports what an object in a deleted namespace left behind: it is about the
// namespace, so it belongs to the namespace default. For a second object the event recurs: the
// operator's recorder patches the first one.
//
// Both folders grant that, and the API server takes a moment to notice which one was removed
// and which one applied, so the test first waits until the role in question allows it.
func namespaceEventsAreAllowed(folder, role string) {
	install(folder)
	ctx := spec().Context()
	patch := authorizationv1.ResourceAttributes{Namespace: metav1.NamespaceDefault, Verb: "patch", Group: eventsv1.GroupName, Resource: "events"}
	Eventually(decision).WithArguments(plane, patch).Should(HaveField("Reason", ContainSubstring("Role %q", role)))
	config := serviceAccount()
	config.UserAgent = testenv.OperatorName + "/e2e" // what it does counts as the operator's: see rightsAreNeeded
	operator, err := kubernetes.NewForConfig(config)
	Expect(err).NotTo(HaveOccurred())
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: operator.EventsV1()})
	defer broadcaster.Shutdown()
	Expect(broadcaster.StartRecordingToSinkWithContext(ctx)).To(Succeed())
	recorder := broadcaster.NewRecorder(plane.Scheme, lifecycle.RecorderName)
	namespace := &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: "identity-" + folder}}
	recorded := func() []eventsv1.Event {
		var list eventsv1.EventList
		Expect(plane.Client.List(ctx, &list, client.InNamespace(metav1.NamespaceDefault))).To(Succeed())
		return slices.DeleteFunc(list.Items, func(e eventsv1.Event) bool { return e.Regarding.Name != namespace.Name })
	}
	leave := func() {
		recorder.Eventf(namespace, nil, corev1.EventTypeWarning, v1alpha1.CredentialsNotFoundReason, "Reconcile", "left")
	}
	leave()
	Eventually(recorded).Should(ConsistOf(HaveField("Series", BeNil())))
	leave()
	Eventually(recorded).Should(ConsistOf(HaveField("Series", Not(BeNil()))))
}

// The deletion of a namespace also deletes the operator's Role of config/namespaced, possibly
// before the objects have finished: docs/operating.md explains how they finish anyway.
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
