package packaging_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// The chart installs what kustomize builds from config, except for the namespace, which Helm
// creates itself, and the labels that name the tool.
func TestChartEqualsKustomize(t *testing.T) {
	for name, tc := range map[string]struct {
		values  values
		folders []string
	}{
		"default":    {folders: []string{"default"}},
		"namespaced": {values: values{"watchNamespaces": []any{"identity"}}, folders: []string{"namespaced"}},
		"everything": {
			values: values{
				"prometheus": values{"enabled": true}, "grafana": values{"enabled": true}, "networkPolicy": values{"enabled": true},
			},
			folders: []string{"default", "prometheus", "grafana", "network-policy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := objects{}
			for _, folder := range tc.folders {
				maps.Copy(want, kustomized(t, folder))
			}
			delete(want, "Namespace /"+systemNamespace)
			for _, difference := range differences(want, rendered(t, tc.values)) {
				t.Error(difference)
			}
		})
	}
}

// differences describes each object that differs.
func differences(want, got objects) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] == nil {
			found = append(found, key+" is in config and not in the chart")
			continue
		}
		if diff := cmp.Diff(comparable(want, key), comparable(got, key)); diff != "" {
			found = append(found, key+" differs (-config +chart); run make chart:\n"+diff)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if want[key] == nil {
			found = append(found, key+" is in the chart and not in config")
		}
	}
	return found
}

// comparable returns an object without the labels that name the tool.
func comparable(all objects, key string) map[string]any {
	object := all[key].DeepCopy()
	labels := object.GetLabels()
	delete(labels, "app.kubernetes.io/managed-by")
	delete(labels, "helm.sh/chart")
	if len(labels) == 0 {
		labels = nil
	}
	object.SetLabels(labels)
	return object.Object
}

func TestDifferencesAreNamed(t *testing.T) {
	g := NewWithT(t)
	want, got := kustomized(t, "default"), kustomized(t, "default")
	g.Expect(differences(want, got)).To(BeEmpty())
	delete(got, "ClusterRole /jumpcloud-approver")
	delete(want, "Service jumpcloud-operator-system/jumpcloud-operator-metrics")
	got["Deployment jumpcloud-operator-system/jumpcloud-operator-controller-manager"].Object["spec"].(map[string]any)["replicas"] = int64(3)
	g.Expect(differences(want, got)).To(ConsistOf(
		ContainSubstring("ClusterRole /jumpcloud-approver is in config and not in the chart"),
		And(ContainSubstring("controller-manager differs"), ContainSubstring("replicas")),
		ContainSubstring("jumpcloud-operator-metrics is in the chart and not in config"),
	))
}

// The version of the chart equals that of the image.
func TestChartVersion(t *testing.T) {
	g := NewWithT(t)
	metadata := load(t).Metadata
	g.Expect("v" + metadata.Version).To(Equal(metadata.AppVersion))
	g.Expect(deployment(t, nil).Spec.Template.Spec.Containers[0].Image).To(HaveSuffix(":" + metadata.AppVersion))
}

// deployment returns the chart's Deployment.
func deployment(t *testing.T, with values) *appsv1.Deployment {
	t.Helper()
	g := NewWithT(t)
	all := rendered(t, with)
	const key = "Deployment " + systemNamespace + "/jumpcloud-operator-controller-manager"
	g.Expect(all).To(HaveKey(key))
	typed := &appsv1.Deployment{}
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(all[key].Object, typed, true)).To(Succeed())
	return typed
}

// Every value reaches its place in the manifests.
func TestValues(t *testing.T) {
	g := NewWithT(t)
	with := values{
		"watchNamespaces":     []any{"people", "devices"},
		"image":               values{"repository": "registry.example.com/jumpcloud-operator", "tag": "v9.9.9", "pullPolicy": "Always"},
		"imagePullSecrets":    []any{values{"name": "registry"}},
		"replicas":            3,
		"podDisruptionBudget": values{"enabled": true},
		"extraArgs":           []any{"--zap-log-level=debug"},
		"extraEnv":            []any{values{"name": "HTTPS_PROXY", "value": "http://proxy.example.com"}},
		"extraVolumes":        []any{values{"name": "certs", "secret": values{"secretName": "certs"}}},
		"extraVolumeMounts":   []any{values{"name": "certs", "mountPath": "/certs"}},
		"resources":           values{"limits": values{"memory": "1Gi"}},
		"priorityClassName":   "system-cluster-critical",
		"nodeSelector":        values{"disk": "ssd"},
		"tolerations":         []any{values{"key": "infra", "operator": "Exists"}},
		"affinity":            values{"nodeAffinity": values{}},
		"topologySpreadConstraints": []any{
			values{"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
		},
		"commonLabels":   values{"team": "identity"},
		"podLabels":      values{"pod": "label"},
		"podAnnotations": values{"pod": "annotation"},
		"serviceAccount": values{"annotations": values{"account": "annotation"}},
		"crds":           values{"install": false},
	}
	d := deployment(t, with)
	pod := d.Spec.Template.Spec
	manager := pod.Containers[0]
	g.Expect(manager.Image).To(Equal("registry.example.com/jumpcloud-operator:v9.9.9"))
	g.Expect(manager.ImagePullPolicy).To(BeEquivalentTo("Always"))
	g.Expect(manager.Args).To(ContainElements("--watch-namespaces=people,devices", "--zap-log-level=debug", "--leader-elect"))
	g.Expect(manager.Env).To(ConsistOf(HaveField("Name", "GOMEMLIMIT"), HaveField("Name", "HTTPS_PROXY")))
	g.Expect(manager.VolumeMounts).To(ConsistOf(HaveField("MountPath", "/certs")))
	g.Expect(manager.Resources.Limits.Memory().String()).To(Equal("1Gi"))
	g.Expect(pod.ImagePullSecrets).To(ConsistOf(HaveField("Name", "registry")))
	g.Expect(d.Spec.Replicas).To(HaveValue(BeEquivalentTo(3)))
	g.Expect(pod.Volumes).To(ConsistOf(HaveField("Name", "certs")))
	g.Expect(pod.PriorityClassName).To(Equal("system-cluster-critical"))
	g.Expect(pod.NodeSelector).To(HaveKeyWithValue("disk", "ssd"))
	g.Expect(pod.Tolerations).To(ConsistOf(HaveField("Key", "infra")))
	g.Expect(pod.Affinity.NodeAffinity).NotTo(BeNil())
	g.Expect(pod.TopologySpreadConstraints).To(ConsistOf(HaveField("TopologyKey", "zone")))
	g.Expect(d.Spec.Template.Labels).To(And(HaveKeyWithValue("pod", "label"), HaveKeyWithValue("app.kubernetes.io/component", "manager")))
	g.Expect(d.Spec.Template.Annotations).To(HaveKeyWithValue("pod", "annotation"))

	all := rendered(t, with)
	for key, object := range all {
		g.Expect(key).NotTo(HavePrefix("CustomResourceDefinition"))
		g.Expect(object.GetLabels()).To(HaveKeyWithValue("team", "identity"), key)
	}
	g.Expect(all["ServiceAccount "+systemNamespace+"/jumpcloud-operator-controller-manager"].GetAnnotations()).To(HaveKey("account"))
	g.Expect(all).To(And(
		HaveKey("PodDisruptionBudget "+systemNamespace+"/jumpcloud-operator-controller-manager"),
		HaveKey("Role people/jumpcloud-operator-manager"), HaveKey("RoleBinding people/jumpcloud-operator-manager"),
		HaveKey("Role devices/jumpcloud-operator-manager"), HaveKey("RoleBinding devices/jumpcloud-operator-manager"),
		Not(HaveKey("ClusterRole /jumpcloud-operator-manager-role")),
	))
	digest := "sha256:" + strings.Repeat("0", 64)
	g.Expect(deployment(t, values{"image": values{"digest": digest}}).Spec.Template.Spec.Containers[0].Image).
		To(Equal("jumpcloud-operator@" + digest))
}

// A mistake in the values is an error that names it.
func TestSchemaRefusesMistakes(t *testing.T) {
	for want, with := range map[string]values{
		"replica":         {"replica": 2},
		"watchNamespaces": {"watchNamespaces": "identity"},
		"pullPolicy":      {"image": values{"pullPolicy": "Sometimes"}},
		"extraArgs":       {"extraArgs": []any{"--watch-namespaces=identity"}},
	} {
		_, err := render(t, with)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
	for name := range load(t).Values {
		NewWithT(t).Expect(string(load(t).Schema)).To(ContainSubstring(`"`+name+`": {`), "values.schema.json")
	}
}

// The objects must be in the namespace of the release.
func TestEveryTemplateFollowsTheNamespace(t *testing.T) {
	templates, err := filepath.Glob("config/helm/jumpcloud-operator/templates/*.yaml")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(templates).NotTo(BeEmpty())
	for _, file := range templates {
		content, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(content)).NotTo(ContainSubstring(systemNamespace), file)
	}
}
