package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/metrics"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const systemNamespace = "jumpcloud-operator-system"

// render returns the objects of a folder in config, by kind and name.
func render(t *testing.T, folder string) map[string]*unstructured.Unstructured {
	t.Helper()
	g := NewWithT(t)
	manifests, err := plane.Kubectl(t.Context(), "kustomize", "config/"+folder)
	g.Expect(err).NotTo(HaveOccurred())
	objects := map[string]*unstructured.Unstructured{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		g.Expect(err).NotTo(HaveOccurred())
		objects[object.GetKind()+"/"+object.GetName()] = object
	}
}

// as converts a rendered object to its type.
func as[T any](t *testing.T, objects map[string]*unstructured.Unstructured, key string) *T {
	t.Helper()
	g := NewWithT(t)
	g.Expect(objects).To(HaveKey(key))
	typed := new(T)
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(objects[key].Object, typed)).To(Succeed())
	return typed
}

// The namespace admits restricted pods only, and the operator's is one.
func TestInstallationIsAdmitted(t *testing.T) {
	g := NewWithT(t)
	install(t, "default")

	deployment := &appsv1.Deployment{}
	name := client.ObjectKey{Namespace: systemNamespace, Name: "jumpcloud-operator-controller-manager"}
	g.Expect(plane.Client.Get(t.Context(), name, deployment)).To(Succeed())
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "manager", Namespace: systemNamespace, Labels: deployment.Spec.Template.Labels},
		Spec:       deployment.Spec.Template.Spec,
	}
	g.Expect(plane.Client.Create(t.Context(), pod.DeepCopy(), client.DryRunAll)).To(Succeed())

	pod.Spec.SecurityContext.RunAsNonRoot = new(false)
	err := plane.Client.Create(t.Context(), pod, client.DryRunAll)
	g.Expect(apierrors.IsForbidden(err)).To(BeTrue(), "pod security is enforced")
}

func TestEveryCRDIsInstalled(t *testing.T) {
	g := NewWithT(t)
	root, err := testenv.Root()
	g.Expect(err).NotTo(HaveOccurred())
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	g.Expect(err).NotTo(HaveOccurred())

	g.Expect(render(t, "crd")).To(HaveLen(len(files)))
}

// The operator's rights name each kind, and people have roles for each.
func TestEveryKindHasRoles(t *testing.T) {
	g := NewWithT(t)
	objects := render(t, "rbac")
	manager := as[rbacv1.ClusterRole](t, objects, "ClusterRole/manager-role")
	for _, rule := range manager.Rules {
		g.Expect(slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs)).NotTo(ContainElement("*"))
	}
	for key := range render(t, "crd") {
		plural, _, _ := strings.Cut(strings.TrimPrefix(key, "CustomResourceDefinition/"), ".")
		g.Expect(manager.Rules).To(ContainElement(HaveField("Resources", ContainElement(plural+"/status"))))
		for _, role := range []string{"admin", "editor", "viewer"} {
			person := as[rbacv1.ClusterRole](t, objects, "ClusterRole/"+strings.TrimSuffix(plural, "s")+"-"+role+"-role")
			g.Expect(person.Rules[0].Resources).To(ConsistOf(plural))
		}
	}
}

// In namespaced mode the rights are the same, but for the cluster's namespaces.
func TestNamespacedRoleIsTheManagersRole(t *testing.T) {
	g := NewWithT(t)
	objects := render(t, "namespaced")
	role := as[rbacv1.Role](t, objects, "Role/jumpcloud-operator-manager")
	manager := as[rbacv1.ClusterRole](t, render(t, "rbac"), "ClusterRole/manager-role")
	deployment := as[appsv1.Deployment](t, objects, "Deployment/jumpcloud-operator-controller-manager")

	g.Expect(role.Rules).To(Equal(slices.DeleteFunc(manager.Rules, func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.Resources, "namespaces")
	})))
	g.Expect(objects).NotTo(Or(
		HaveKey("ClusterRoleBinding/jumpcloud-operator-manager-rolebinding"), HaveKey("ClusterRole/jumpcloud-operator-manager-role")))
	g.Expect(deployment.Spec.Template.Spec.Containers[0].Args).To(ContainElement("--watch-namespaces=" + role.Namespace))
}

func TestOptionalManifestsSelectTheOperator(t *testing.T) {
	g := NewWithT(t)
	labels := as[appsv1.Deployment](t, render(t, "default"), "Deployment/jumpcloud-operator-controller-manager").Spec.Template.Labels
	for _, tc := range []struct{ folder, key, selector string }{
		{"network-policy", "NetworkPolicy/jumpcloud-operator-allow-metrics", "podSelector"},
		{"prometheus", "ServiceMonitor/jumpcloud-operator-metrics", "selector"},
	} {
		objects := render(t, tc.folder)
		g.Expect(objects).To(HaveKey(tc.key))
		selected, _, err := unstructured.NestedStringMap(objects[tc.key].Object, "spec", tc.selector, "matchLabels")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(selected).NotTo(BeEmpty())
		for name, value := range selected {
			g.Expect(labels).To(HaveKeyWithValue(name, value), tc.folder)
		}
	}
}

// Alerts on a metric that does not exist would never fire.
func TestAlertsNameMetricsThatExist(t *testing.T) {
	g := NewWithT(t)
	rules, err := json.Marshal(render(t, "prometheus")["PrometheusRule/jumpcloud-operator-alerts"].Object)
	g.Expect(err).NotTo(HaveOccurred())
	expectMetrics(t, string(rules))
}

// expectMetrics says that every metric of ours that a text names exists.
func expectMetrics(t *testing.T, text string) {
	t.Helper()
	g := NewWithT(t)
	described := descriptions{}
	g.Expect(metrics.Register(&described, session.NewPool(session.PoolOptions{}).Collector(), controller.Collector(nil, nil))).To(Succeed())
	named := regexp.MustCompile(`\bjumpcloud_[a-z_]+`).FindAllString(text, -1)
	g.Expect(named).NotTo(BeEmpty())
	for _, name := range named {
		g.Expect(described.all).To(ContainElement(ContainSubstring(`fqName: "` + name + `"`)))
	}
}

// descriptions takes down what is registered.
type descriptions struct {
	prometheus.Registerer
	all []string
}

func (d *descriptions) Register(collector prometheus.Collector) error {
	described := make(chan *prometheus.Desc)
	go func() {
		defer close(described)
		collector.Describe(described)
	}()
	for description := range described {
		d.all = append(d.all, description.String())
	}
	return nil
}

// The samples are valid, and their generated ConfigMaps are named by their hashes.
func TestSamples(t *testing.T) {
	g := NewWithT(t)
	plane.CleanUp(t, "identity")
	_, err := plane.Kubectl(t.Context(), "apply", "--server-side", "-k", "config/samples")
	g.Expect(err).NotTo(HaveOccurred())
	employees := &v1alpha1.BulkUserImport{}
	g.Expect(plane.Client.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: "employees"}, employees)).To(Succeed())
	g.Expect(employees.Spec.UsersFrom[0].ConfigMapKeyRef.Name).To(HavePrefix("employees-"))
	onCall := &v1alpha1.UserGroup{}
	g.Expect(plane.Client.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: "on-call"}, onCall)).To(Succeed())
	g.Expect(onCall.Spec.MembersFrom[0].ConfigMapKeyRef.Name).To(HavePrefix("on-call-"))
	for _, list := range []client.ObjectList{&v1alpha1.UserGroupList{}, &v1alpha1.ScheduledUserStateList{}, &v1alpha1.PushEndpointList{}, &v1alpha1.WorkdayImportList{}} {
		g.Expect(plane.Client.List(t.Context(), list, client.InNamespace("identity"))).To(Succeed())
		g.Expect(apimeta.LenList(list)).NotTo(BeZero(), "%T", list)
	}

	set, err := (&rows.Loader{Reader: plane.Client}).Load(t.Context(), "identity", nil, employees.Spec.UsersFrom)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows.Validate(t.Context(), set.Rows, rows.Options{})).To(Succeed())

	g.Expect(set.Rows).To(HaveLen(300))
	g.Expect(set.Rows).To(HaveEach(HaveField("Problems", BeEmpty())))
}
