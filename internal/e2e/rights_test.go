package e2e

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// install applies a folder of config, and revokes its rights when the test ends.
func install(folder string) {
	GinkgoHelper()
	// config/namespaced has a Role in this namespace.
	identity := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "identity"}}
	Expect(client.IgnoreAlreadyExists(plane.Client.Create(spec().Context(), identity))).To(Succeed())
	_, err := plane.Kubectl(spec().Context(), "apply", "--server-side", "-k", "config/"+folder)
	Expect(err).NotTo(HaveOccurred())
	spec().Cleanup(func() {
		// The CRDs stay: other tests need them. The lease belongs to an operator that was
		// killed: the next one would wait until it expires.
		for _, args := range [][]string{
			{"clusterrole,clusterrolebinding", "--selector=app.kubernetes.io/name=jumpcloud-operator"},
			{"lease", "--all", "--namespace=" + systemNamespace},
		} {
			_, err := plane.Kubectl(context.WithoutCancel(spec().Context()), append([]string{"delete"}, args...)...)
			Expect(err).NotTo(HaveOccurred())
		}
	})
}

// serviceAccount returns the connection of the operator's service account.
func serviceAccount() *rest.Config {
	GinkgoHelper()
	config, err := plane.AsServiceAccount(systemNamespace, serviceAccountName)
	Expect(err).NotTo(HaveOccurred())
	return config
}

// installed starts the operator with the rights that a folder of config grants to its service
// account, with leader election and protected metrics.
func installed(folder string, args ...string) *testenv.Operator {
	GinkgoHelper()
	install(folder)
	inForce(plane, systemNamespace, "leases")
	inForce(plane, "", "tokenreviews")
	operator := plane.StartOperator(spec(), serviceAccount(), append([]string{
		"--leader-elect=true", "--leader-elect-namespace=" + systemNamespace, "--metrics-secure=true",
	}, args...)...)
	operator.WaitReady(spec())
	return operator
}

// use makes the operator do everything that it does with objects in a namespace, for the
// world's Organization.
func (w *world) use(namespace string) {
	w.Helper()
	user := *w
	user.namespace = namespace
	user.create(&corev1.Secret{ObjectMeta: user.meta("passwords"), StringData: map[string]string{"ada": "a-password-0123456789"}})
	user.create(&v1alpha1.BulkUserImport{ObjectMeta: user.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme", Namespace: w.namespace},
		UsersFrom:       []v1alpha1.RowsSource{user.csv("hires", people(3)...)},
		Users: []v1alpha1.UserRow{{
			Username: new("ada"), Email: new("ada@example.org"),
			PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: "ada"},
		}},
	}})
	done := user.await("hires", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("4 users: 4 created"))
	organization := v1alpha1.OrganizationReference{Name: "acme", Namespace: w.namespace}
	user.useLiving(organization)
	user.useWorkday(organization)
	w.Eventually(func(g Gomega) {
		events := &eventsv1.EventList{}
		g.Expect(plane.Client.List(w.Context(), events, client.InNamespace(namespace))).To(Succeed())
		g.Expect(events.Items).To(ContainElement(HaveField("Regarding.Name", "hires")))
	}).Should(Succeed())
	w.Expect(plane.Client.Delete(w.Context(), done)).To(Succeed())
}

// useLiving makes the operator do everything that it does with objects that live: it sets
// finalizers, and changes something and undoes that.
func (w *world) useLiving(organization v1alpha1.OrganizationReference) {
	w.Helper()
	w.phone("Phone")
	source := w.names("members", username(1))
	for _, object := range []livingObject{
		&v1alpha1.UserGroup{ObjectMeta: w.meta("group"), Spec: v1alpha1.UserGroupSpec{
			OrganizationRef: organization, MembersFrom: []v1alpha1.MembersSource{source}, DeletionPolicy: v1alpha1.DeletionPolicyDelete,
		}},
		&v1alpha1.ScheduledUserState{ObjectMeta: w.meta("state"), Spec: v1alpha1.ScheduledUserStateSpec{
			OrganizationRef: organization, Users: users(1), State: v1alpha1.SchedulableSuspended, StartDate: at(nextYear),
		}},
		&v1alpha1.PushEndpoint{ObjectMeta: w.meta("phone"), Spec: ofFirst(v1alpha1.PushEndpointSpec{
			OrganizationRef: organization, State: v1alpha1.PushEndpointInactive, DeletionPolicy: v1alpha1.DeletionPolicyDelete,
		})},
	} {
		w.create(object)
		w.Expect(isReady(w, object).GetFinalizers()).To(ConsistOf(v1alpha1.Finalizer))
		w.remove(object)
	}
	w.Expect(w.org.UserGroups()).To(BeEmpty())
	w.Expect(w.org.ScheduledStates()).To(BeEmpty())
	w.Expect(w.org.PushEndpoints(w.idOf(username(1)))).To(BeEmpty())
}

// The shipped ClusterRole covers what the operator does, also for an Organization that admits
// other namespaces by their labels.
func clusterRightsSuffice() {
	operator := installed("default")
	admitted := map[string]string{"team": "people"}
	w := newWorld(spec(), 2, func(o *v1alpha1.Organization) {
		o.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{
			From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: admitted},
			Adopt: true, Privileged: true,
		}
	})
	namespace := &corev1.Namespace{}
	w.Expect(plane.Client.Get(spec().Context(), client.ObjectKey{Name: plane.Namespace(spec())}, namespace)).To(Succeed())
	namespace.Labels = admitted
	w.Expect(plane.Client.Update(spec().Context(), namespace)).To(Succeed())

	w.use(namespace.Name)
	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}

// The Role of one watched namespace covers it too.
func namespacedRightsSuffice() {
	w := newWorld(spec(), 2)
	objects := render("namespaced")
	role := as[rbacv1.Role](objects, "Role/jumpcloud-operator-manager")
	binding := as[rbacv1.RoleBinding](objects, "RoleBinding/jumpcloud-operator-manager")
	for _, object := range []client.Object{role, binding} {
		object.SetNamespace(w.namespace)
		w.create(object)
	}
	operator := installed("namespaced", "--watch-namespaces="+w.namespace)

	w.use(w.namespace)

	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}

// Metrics are only for clients that the API server authenticates and authorizes.
func metricsAreProtected() {
	operator := installed("default")
	namespace := plane.Namespace(spec())
	kubectl := func(args ...string) string {
		out, err := plane.Kubectl(spec().Context(), append(args, "--namespace", namespace)...)
		Expect(err).NotTo(HaveOccurred())
		return strings.TrimSpace(out)
	}
	kubectl("create", "serviceaccount", "scraper")
	kubectl("create", "serviceaccount", "stranger")
	kubectl("create", "clusterrolebinding", "scraper",
		"--clusterrole=jumpcloud-operator-metrics-reader", "--serviceaccount="+namespace+":scraper")
	anyCertificate := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	spec().Cleanup(anyCertificate.CloseIdleConnections)
	status := func(token string) func() (int, error) {
		return func() (int, error) {
			request, err := http.NewRequestWithContext(spec().Context(), http.MethodGet,
				strings.Replace(operator.MetricsURL, "http:", "https:", 1), http.NoBody)
			if err != nil {
				return 0, err
			}
			if token != "" {
				request.Header.Set("Authorization", "Bearer "+token)
			}
			response, err := anyCertificate.Do(request)
			if err != nil {
				return 0, err
			}
			return response.StatusCode, response.Body.Close()
		}
	}

	Eventually(status("")).Should(Equal(http.StatusUnauthorized))
	Expect(status(kubectl("create", "token", "stranger"))()).To(Equal(http.StatusForbidden))
	Expect(status(kubectl("create", "token", "scraper"))()).To(Equal(http.StatusOK))
}
