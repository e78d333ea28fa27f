package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/metrics"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const systemNamespace = "jumpcloud-operator-system"

// render returns the objects of a folder in config, by kind and name.
func render(folder string) map[string]*unstructured.Unstructured {
	GinkgoHelper()
	return renderedBy(spec().Context(), plane, folder)
}

// renderedBy is render with the kubectl of a given control plane.
func renderedBy(ctx context.Context, p *testenv.ControlPlane, folder string) map[string]*unstructured.Unstructured {
	GinkgoHelper()
	manifests, err := p.Kubectl(ctx, "kustomize", "config/"+folder)
	Expect(err).NotTo(HaveOccurred())
	objects := map[string]*unstructured.Unstructured{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		Expect(err).NotTo(HaveOccurred())
		objects[object.GetKind()+"/"+object.GetName()] = object
	}
}

// as converts a rendered object to its type.
func as[T any](objects map[string]*unstructured.Unstructured, key string) *T {
	GinkgoHelper()
	Expect(objects).To(HaveKey(key))
	typed := new(T)
	Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(objects[key].Object, typed)).To(Succeed())
	return typed
}

// The namespace admits restricted pods only, and the operator's pod is restricted.
func installationIsAdmitted() {
	install("default")

	deployment := &appsv1.Deployment{}
	name := client.ObjectKey{Namespace: systemNamespace, Name: "jumpcloud-operator-controller-manager"}
	Expect(plane.Client.Get(spec().Context(), name, deployment)).To(Succeed())
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "manager", Namespace: systemNamespace, Labels: deployment.Spec.Template.Labels},
		Spec:       deployment.Spec.Template.Spec,
	}
	Expect(plane.Client.Create(spec().Context(), pod.DeepCopy(), client.DryRunAll)).To(Succeed())

	pod.Spec.SecurityContext.RunAsNonRoot = new(false)
	err := plane.Client.Create(spec().Context(), pod, client.DryRunAll)
	Expect(apierrors.IsForbidden(err)).To(BeTrue(), "pod security is enforced")
}

var _ = It("Every CRD is installed", Label("manifests"), func() {
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	Expect(err).NotTo(HaveOccurred())

	Expect(render("crd")).To(HaveLen(len(files)))
})

// The operator's rights list each kind, and there are roles for people for each kind.
var _ = It("Every kind has roles", Label("manifests"), func() {
	objects := render("rbac")
	manager := as[rbacv1.ClusterRole](objects, "ClusterRole/manager-role")
	for _, rule := range manager.Rules {
		Expect(slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs)).NotTo(ContainElement("*"))
	}
	for key := range render("crd") {
		plural, _, _ := strings.Cut(strings.TrimPrefix(key, "CustomResourceDefinition/"), ".")
		Expect(manager.Rules).To(ContainElement(HaveField("Resources", ContainElement(plural+"/status"))))
		for _, role := range []string{"admin", "editor", "viewer"} {
			person := as[rbacv1.ClusterRole](objects, "ClusterRole/"+strings.TrimSuffix(plural, "s")+"-"+role+"-role")
			Expect(person.Rules[0].Resources).To(ConsistOf(plural))
		}
	}
})

// In namespaced mode the rights are the same, except for those on namespaces.
var _ = It("The namespaced Role is the manager's", Label("manifests"), func() {
	objects := render("namespaced")
	role := as[rbacv1.Role](objects, "Role/jumpcloud-operator-manager")
	manager := as[rbacv1.ClusterRole](render("rbac"), "ClusterRole/manager-role")
	deployment := as[appsv1.Deployment](objects, "Deployment/jumpcloud-operator-controller-manager")

	Expect(role.Rules).To(Equal(slices.DeleteFunc(manager.Rules, func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.Resources, "namespaces")
	})))
	Expect(objects).NotTo(Or(
		HaveKey("ClusterRoleBinding/jumpcloud-operator-manager-rolebinding"), HaveKey("ClusterRole/jumpcloud-operator-manager-role")))
	Expect(deployment.Spec.Template.Spec.Containers[0].Args).To(ContainElement("--watch-namespaces=" + role.Namespace))
})

var _ = It("Optional manifests select the operator", Label("manifests"), func() {
	labels := as[appsv1.Deployment](render("default"), "Deployment/jumpcloud-operator-controller-manager").Spec.Template.Labels
	for _, tc := range []struct{ folder, key, selector string }{
		{"network-policy", "NetworkPolicy/jumpcloud-operator-allow-metrics", "podSelector"},
		{"prometheus", "ServiceMonitor/jumpcloud-operator-metrics", "selector"},
	} {
		objects := render(tc.folder)
		Expect(objects).To(HaveKey(tc.key))
		selected, _, err := unstructured.NestedStringMap(objects[tc.key].Object, "spec", tc.selector, "matchLabels")
		Expect(err).NotTo(HaveOccurred())
		Expect(selected).NotTo(BeEmpty())
		for name, value := range selected {
			Expect(labels).To(HaveKeyWithValue(name, value), tc.folder)
		}
	}
})

// Alerts on a metric that does not exist would never fire.
var _ = It("Alerts name metrics that exist", Label("manifests"), func() {
	rules, err := json.Marshal(render("prometheus")["PrometheusRule/jumpcloud-operator-alerts"].Object)
	Expect(err).NotTo(HaveOccurred())
	expectMetrics(string(rules))
})

// expectMetrics asserts that every metric of the operator that a text names exists.
func expectMetrics(text string) {
	GinkgoHelper()
	described := descriptions{}
	Expect(metrics.Register(&described, session.NewPool(session.PoolOptions{}).Collector(), controller.Collector(nil, nil))).To(Succeed())
	named := regexp.MustCompile(`\bjumpcloud_[a-z_]+`).FindAllString(text, -1)
	Expect(named).NotTo(BeEmpty())
	for _, name := range named {
		Expect(described.all).To(ContainElement(ContainSubstring(`fqName: "` + name + `"`)))
	}
}

// descriptions records the descriptions of registered metrics.
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

// The samples are valid, and the names of their generated ConfigMaps contain hashes.
var _ = It("The samples are valid", Label("manifests"), func() {
	plane.CleanUp(spec(), "identity")
	_, err := plane.Kubectl(spec().Context(), "apply", "--server-side", "-k", "config/samples")
	Expect(err).NotTo(HaveOccurred())
	employees := &v1alpha1.BulkUserImport{}
	Expect(plane.Client.Get(spec().Context(), client.ObjectKey{Namespace: "identity", Name: "employees"}, employees)).To(Succeed())
	Expect(employees.Spec.UsersFrom[0].ConfigMapKeyRef.Name).To(HavePrefix("employees-"))
	onCall := &v1alpha1.UserGroup{}
	Expect(plane.Client.Get(spec().Context(), client.ObjectKey{Namespace: "identity", Name: "on-call"}, onCall)).To(Succeed())
	Expect(onCall.Spec.MembersFrom[0].ConfigMapKeyRef.Name).To(HavePrefix("on-call-"))
	for _, list := range []client.ObjectList{&v1alpha1.UserGroupList{}, &v1alpha1.ScheduledUserStateList{}, &v1alpha1.PushEndpointList{}, &v1alpha1.WorkdayImportList{}} {
		Expect(plane.Client.List(spec().Context(), list, client.InNamespace("identity"))).To(Succeed())
		Expect(apimeta.LenList(list)).NotTo(BeZero(), "%T", list)
	}

	set, err := (&rows.Loader{Reader: plane.Client}).Load(spec().Context(), "identity", nil, employees.Spec.UsersFrom, nil)
	Expect(err).NotTo(HaveOccurred())
	Expect(rows.Validate(spec().Context(), set.Rows, rows.Options{})).To(Succeed())

	Expect(set.Rows).To(HaveLen(300))
	Expect(set.Rows).To(HaveEach(HaveField("Problems", BeEmpty())))
})
