package e2e

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// installed applies a folder of config, takes its rights away when the test
// ends, and starts the operator with them: as the service account, with
// leader election and protected metrics.
func installed(t *testing.T, folder string, args ...string) *testenv.Operator {
	t.Helper()
	g := NewWithT(t)
	_, err := plane.Kubectl(t.Context(), "apply", "--server-side", "-k", "config/"+folder)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		// The CRDs stay: other tests need them.
		_, err := plane.Kubectl(context.WithoutCancel(t.Context()), "delete", "--ignore-not-found",
			"clusterrole,clusterrolebinding", "-l", "app.kubernetes.io/name=jumpcloud-operator")
		g.Expect(err).NotTo(HaveOccurred())
	})
	serviceAccount, err := plane.AddUser(
		"system:serviceaccount:"+systemNamespace+":jumpcloud-operator-controller-manager", "system:authenticated")
	g.Expect(err).NotTo(HaveOccurred())
	operator := plane.StartOperator(t, serviceAccount, append([]string{
		"--leader-elect=true", "--leader-elect-namespace=" + systemNamespace, "--metrics-secure=true",
	}, args...)...)
	operator.WaitReady(t)
	return operator
}

// use makes the operator do all that it ever does.
func (w *world) use() {
	w.Helper()
	w.create(&corev1.Secret{ObjectMeta: w.meta("passwords"), StringData: map[string]string{"ada": "a-password-0123456789"}})
	w.importOf("hires", v1alpha1.BulkUserImportSpec{
		UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)},
		Users: []v1alpha1.UserRow{{
			Username: new("ada"), Email: new("ada@example.org"),
			PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: "ada"},
		}},
	})
	done := w.await("hires", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("4 users: 4 created"))
	w.Eventually(func(g Gomega) {
		events := &metav1.PartialObjectMetadataList{}
		events.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("EventList"))
		g.Expect(plane.Client.List(w.Context(), events, client.InNamespace(w.namespace))).To(Succeed())
		g.Expect(events.Items).NotTo(BeEmpty())
	}).Should(Succeed())
	w.Expect(plane.Client.Delete(w.Context(), done)).To(Succeed())
}

// The shipped ClusterRole covers what the operator does, an Organization of
// another namespace included.
func TestClusterRights(t *testing.T) {
	operator := installed(t, "default")
	w := newWorld(t, 2, func(o *v1alpha1.Organization) {
		o.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{
			From:     v1alpha1.NamespacesFromSelector,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "people"}},
		}
	})
	w.Eventually(func() error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
		return plane.Client.Patch(w.Context(), namespace,
			client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"team":"people"}}}`)))
	}).Should(Succeed())

	w.use()

	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}

// The Role of one watched namespace covers it too.
func TestNamespacedRights(t *testing.T) {
	w := newWorld(t, 2)
	objects := render(t, "namespaced")
	role := as[rbacv1.Role](t, objects, "Role/jumpcloud-operator-manager")
	binding := as[rbacv1.RoleBinding](t, objects, "RoleBinding/jumpcloud-operator-manager")
	for _, object := range []client.Object{role, binding} {
		object.SetNamespace(w.namespace)
		w.create(object)
	}
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "identity"}})
	operator := installed(t, "namespaced", "--watch-namespaces="+w.namespace)

	w.use()

	w.Expect(operator.Log()).NotTo(ContainSubstring("forbidden"))
}

// Metrics are for those whom the API server knows and admits.
func TestMetricsAreProtected(t *testing.T) {
	g := NewWithT(t)
	operator := installed(t, "default")
	scraper := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "scraper", Namespace: plane.Namespace(t)}}
	g.Expect(plane.Client.Create(t.Context(), scraper)).To(Succeed())
	token, err := plane.Kubectl(t.Context(), "create", "token", "scraper", "--namespace", scraper.Namespace)
	g.Expect(err).NotTo(HaveOccurred())
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	t.Cleanup(insecure.CloseIdleConnections)
	scrape := func(token string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			strings.Replace(operator.MetricsURL, "http:", "https:", 1), http.NoBody)
		g.Expect(err).NotTo(HaveOccurred())
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		}
		response, err := insecure.Do(request)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(response.Body.Close()).To(Succeed())
		return response.StatusCode
	}

	g.Expect(scrape("")).To(Equal(http.StatusUnauthorized))
	g.Expect(scrape(token)).To(Equal(http.StatusForbidden))
	_, err = plane.Kubectl(t.Context(), "create", "clusterrolebinding", "scraper",
		"--clusterrole=jumpcloud-operator-metrics-reader", "--serviceaccount="+scraper.Namespace+":scraper")
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(func() int { return scrape(token) }).WithTimeout(patience).Should(Equal(http.StatusOK))
}
