package testenv_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// proxied returns a client behind a new proxy.
func proxied(t *testing.T) (*testenv.Proxy, client.WithWatch) {
	t.Helper()
	proxy := testenv.NewProxy(t, plane.Config)
	proxy.Config.UserAgent = "tester"
	c, err := client.NewWithWatch(proxy.Config, client.Options{Scheme: plane.Scheme})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return proxy, c
}

func TestProxyRecordsWrites(t *testing.T) {
	g := NewWithT(t)
	proxy, c := proxied(t)
	org := organization(plane.Namespace(t))
	g.Expect(c.Create(t.Context(), org.DeepCopy(), client.DryRunAll)).To(Succeed())
	g.Expect(c.Create(t.Context(), org)).To(Succeed())
	g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(org), org)).To(Succeed())
	org.Status.DisplayName = "Acme"
	g.Expect(c.Status().Update(t.Context(), org)).To(Succeed())
	org.ResourceVersion = "1"
	g.Expect(apierrors.IsConflict(c.Update(t.Context(), org))).To(BeTrue())

	writes := proxy.Writes(func(testenv.Write) bool { return true })

	for i := range writes {
		g.Expect(writes[i].At.IsZero()).To(BeFalse())
		writes[i].At = writes[0].At
	}
	write := testenv.Write{
		At: writes[0].At, Group: "jumpcloud-operator.io", Resource: "organizations", Namespace: org.Namespace,
		UserAgent: "tester",
	}
	dryRun, create, status, update := write, write, write, write
	dryRun.Verb, dryRun.DryRun, dryRun.Status = "create", true, 201
	create.Verb, create.Status = "create", 201
	status.Verb, status.Name, status.Subresource, status.Status = "update", "acme", "status", 200
	update.Verb, update.Name, update.Status = "update", "acme", 409
	g.Expect(writes).To(Equal([]testenv.Write{dryRun, create, status, update}))
	g.Expect(proxy.Writes(testenv.Any)).To(HaveLen(3))
	g.Expect(proxy.Writes(testenv.To("organizations"))).To(HaveLen(2))
	g.Expect(proxy.Writes(testenv.ToStatus("organizations"))).To(HaveLen(1))
}

func TestProxyStreamsWatches(t *testing.T) {
	g := NewWithT(t)
	_, c := proxied(t)
	namespace := plane.Namespace(t)
	watcher, err := c.Watch(t.Context(), &v1alpha1.OrganizationList{}, client.InNamespace(namespace))
	g.Expect(err).NotTo(HaveOccurred())
	defer watcher.Stop()

	g.Expect(plane.Client.Create(t.Context(), organization(namespace))).To(Succeed())

	g.Eventually(watcher.ResultChan()).WithTimeout(timeout).Should(Receive(HaveField("Type", watch.Added)))
}

func TestProxyDrops(t *testing.T) {
	for _, tc := range []struct {
		name   string
		stage  testenv.Stage
		stored bool
	}{
		{"before the forward nothing is stored", testenv.BeforeForward, false},
		{"after the answer it is stored", testenv.AfterAnswer, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := NewWithT(t)
			proxy, c := proxied(t)
			namespace := plane.Namespace(t)
			configMap := func(name string) *corev1.ConfigMap {
				return &corev1.ConfigMap{
					ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
					Data:       map[string]string{"name": name},
				}
			}
			var seen testenv.Write
			hook := proxy.Intercept(tc.stage, 2, testenv.To("configmaps"), func(w testenv.Write) testenv.Action {
				seen = w
				return testenv.Drop
			})

			g.Expect(c.Create(t.Context(), organization(namespace))).To(Succeed(), "does not match")
			g.Expect(c.Create(t.Context(), configMap("first"))).To(Succeed())
			g.Expect(hook.Done()).NotTo(BeClosed())
			g.Expect(c.Create(t.Context(), configMap("second"))).NotTo(Succeed())
			g.Expect(hook.Done()).To(BeClosed())
			g.Expect(c.Create(t.Context(), configMap("third"))).To(Succeed(), "a hook is called once")

			g.Expect(string(seen.Body)).To(ContainSubstring("second"))
			err := plane.Client.Get(t.Context(), client.ObjectKeyFromObject(configMap("second")), &corev1.ConfigMap{})
			if tc.stored {
				g.Expect(err).NotTo(HaveOccurred())
			} else {
				g.Expect(apierrors.IsNotFound(err)).To(BeTrue())
			}
		})
	}
}

// The hook may use the API server itself: here somebody else writes between the client's read
// and its write.
func TestProxyHookMayWriteFirst(t *testing.T) {
	g := NewWithT(t)
	proxy, c := proxied(t)
	org := organization(plane.Namespace(t))
	g.Expect(c.Create(t.Context(), org)).To(Succeed())
	proxy.Intercept(testenv.BeforeForward, 1, testenv.ToStatus("organizations"), func(testenv.Write) testenv.Action {
		other := org.DeepCopy()
		other.Labels = map[string]string{"touched": "true"}
		g.Expect(plane.Client.Update(t.Context(), other)).To(Succeed())
		return testenv.Pass
	})

	org.Status.DisplayName = "Acme"

	g.Expect(apierrors.IsConflict(c.Status().Update(t.Context(), org))).To(BeTrue())
}
