package gitops_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// argoCDDiffVariable is the environment variable with the path of the program that compares as
// Argo CD does, built from hack/argocd.
const argoCDDiffVariable = "ARGOCD_DIFF"

// Argo CD must show nothing as OutOfSync: neither the installation nor any of the samples,
// after the operator has reconciled them.
func TestArgoCD(t *testing.T) {
	for name, c := range map[string]struct{ apply, compare []string }{
		"client-side": {apply: []string{"apply"}},
		"server-side": {
			apply:   []string{"apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller"},
			compare: []string{"--server-side"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			seed := jumpcloudtest.Seed{}
			text, err := os.ReadFile("hack/demo/seed.json")
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(json.Unmarshal(text, &seed)).To(Succeed())
			w.Expect(w.sim.Seed(seed)).To(Succeed())
			samples := w.rendered("config/samples")
			for _, folder := range [][]*unstructured.Unstructured{w.rendered("config/default"), samples} {
				file := w.write(folder)
				_, err := plane.Kubectl(t.Context(), append(c.apply, "-f", file)...)
				w.Expect(err).NotTo(HaveOccurred())
			}
			for _, object := range samples {
				w.settles(object)
			}
			for _, folder := range []string{"config/default", "config/samples"} {
				w.Expect(w.outOfSync(w.write(w.rendered(folder)), c.compare...)).To(BeEmpty(), folder)
			}

			organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme")}
			w.Expect(w.get(organization)).To(Succeed())
			organization.Spec.Limits.BulkBatchSize++
			w.Expect(plane.Client.Update(t.Context(), organization)).To(Succeed())
			w.Expect(w.outOfSync(w.write(w.rendered("config/samples")), c.compare...)).To(ContainSubstring("Organization/acme"), "it would be shown")
		})
	}
}

// rendered returns the objects of a folder. It moves the samples to the test's namespace, and
// points the organization to the simulator.
func (w *world) rendered(folder string) []*unstructured.Unstructured {
	w.Helper()
	text, err := plane.Kubectl(w.Context(), "kustomize", folder)
	w.Expect(err).NotTo(HaveOccurred())
	var objects []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		w.Expect(err).NotTo(HaveOccurred())
		if folder == "config/samples" {
			if object.GetKind() == "Namespace" {
				continue
			}
			object.SetNamespace(w.namespace)
		}
		if object.GetKind() == "Organization" {
			w.Expect(unstructured.SetNestedField(object.Object, w.url, "spec", "endpoint", "url")).To(Succeed())
		}
		objects = append(objects, object)
	}
}

// write writes objects to a file and returns its name.
func (w *world) write(objects []*unstructured.Unstructured) string {
	w.Helper()
	var content bytes.Buffer
	for _, object := range objects {
		text, err := json.Marshal(object)
		w.Expect(err).NotTo(HaveOccurred())
		content.WriteString("---\n")
		content.Write(text)
		content.WriteString("\n")
	}
	file := filepath.Join(w.TempDir(), "manifests.yaml")
	w.Expect(os.WriteFile(file, content.Bytes(), 0o600)).To(Succeed())
	return file
}

// settles waits until the operator has nothing left to do about an object, except what a
// person must decide.
func (w *world) settles(object *unstructured.Unstructured) {
	w.Helper()
	if object.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
		return
	}
	live := object.DeepCopy()
	w.Eventually(func(g Gomega) {
		g.Expect(w.get(live)).To(Succeed())
		conditions := conditionsOf(g, live)
		g.Expect(apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition) || apimeta.IsStatusConditionTrue(conditions, v1alpha1.StalledCondition)).
			To(BeTrue(), "%s/%s: %+v", object.GetKind(), object.GetName(), conditions)
	}).Should(Succeed())
}

func conditionsOf(g Gomega, object *unstructured.Unstructured) []metav1.Condition {
	status := struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}{}
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &status)).To(Succeed())
	return status.Status.Conditions
}

// outOfSync returns which objects in a file Argo CD shows as OutOfSync.
func (w *world) outOfSync(manifests string, options ...string) string {
	w.Helper()
	program := os.Getenv(argoCDDiffVariable)
	w.Expect(program).NotTo(BeEmpty(), "run `make gitops-test`: it builds the program and names it in "+argoCDDiffVariable)
	kubeconfig := filepath.Join(w.TempDir(), "kubeconfig")
	w.Expect(testenv.WriteKubeconfig(kubeconfig, plane.Config)).To(Succeed())
	command := exec.CommandContext(w.Context(), program, append(options, "--kubeconfig="+kubeconfig, "--manifests="+manifests)...) // #nosec G204
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	w.Expect(err).NotTo(HaveOccurred(), stderr.String())
	return string(output)
}
