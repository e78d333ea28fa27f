package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// A kubelet starts the pod from an image that it has, as the user that the
// image is for, and restarts it soon where it is frozen.
func TestThePodOfTheOperator(t *testing.T) {
	g := NewWithT(t)
	pod := as[appsv1.Deployment](t, render(t, "default"), "Deployment/jumpcloud-operator-controller-manager").Spec.Template.Spec
	manager := pod.Containers[0]
	g.Expect(manager.ImagePullPolicy).To(Equal(corev1.PullIfNotPresent))
	g.Expect(manager.Image).To(Equal("jumpcloud-operator:" + makeVariable(t, "VERSION")))
	g.Expect(manager.Image).To(MatchRegexp(`:v\d+\.\d+\.\d+$`))
	g.Expect(pod.SecurityContext.RunAsUser).To(HaveValue(BeEquivalentTo(65532)))
	g.Expect(pod.SecurityContext.RunAsGroup).To(HaveValue(BeEquivalentTo(65532)))
	liveness := manager.LivenessProbe
	g.Expect(liveness.TerminationGracePeriodSeconds).To(HaveValue(BeNumerically("<=", 10)))
	g.Expect(int64(liveness.PeriodSeconds*liveness.FailureThreshold) + *liveness.TerminationGracePeriodSeconds).To(BeNumerically("<=", 45))
}

// makeVariable returns the default of a variable of the Makefile.
func makeVariable(t *testing.T, name string) string {
	t.Helper()
	g := NewWithT(t)
	root, err := testenv.Root()
	g.Expect(err).NotTo(HaveOccurred())
	content, err := os.ReadFile(filepath.Join(root, "Makefile"))
	g.Expect(err).NotTo(HaveOccurred())
	found := regexp.MustCompile(`(?m)^` + name + ` \?= (.*)$`).FindStringSubmatch(string(content))
	g.Expect(found).NotTo(BeNil())
	return found[1]
}

// Whatever prunes a folder leaves the CRDs, and with them everybody's objects.
func TestCRDsAreNotPruned(t *testing.T) {
	g := NewWithT(t)
	for name, object := range render(t, "crd") {
		g.Expect(object.GetAnnotations()).To(And(
			HaveKeyWithValue("kustomize.toolkit.fluxcd.io/prune", "disabled"),
			HaveKeyWithValue("helm.sh/resource-policy", "keep"),
			HaveKeyWithValue("argocd.argoproj.io/sync-options", "Prune=false"),
		), name)
	}
	prunes, _, err := unstructured.NestedBool(render(t, "flux")["Kustomization/jumpcloud-operator"].Object, "spec", "prune")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(prunes).To(BeFalse(), "the folder of the operator holds the CRDs")
}

// The optional folders can be applied as they are, after config/default.
func TestOptionalManifestsAreAccepted(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(patience)
	install(t, "default")
	for _, kind := range []string{"ServiceMonitor", "PrometheusRule"} {
		prometheusKind(t, kind)
	}
	for _, folder := range []string{"network-policy", "prometheus", "grafana"} {
		g.Eventually(func() error {
			_, err := plane.Kubectl(t.Context(), "apply", "--server-side", "--dry-run=server", "-k", "config/"+folder)
			return err
		}).Should(Succeed(), folder)
	}
}

// prometheusKind installs a kind of the Prometheus operator, without its schema.
func prometheusKind(t *testing.T, kind string) {
	t.Helper()
	g := NewWithT(t)
	plural := strings.ToLower(kind) + "s"
	crd := &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: plural + ".monitoring.coreos.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "monitoring.coreos.com", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: kind, Plural: plural},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: new(true),
				}},
			}},
		},
	}
	file := filepath.Join(t.TempDir(), "crd.json")
	content, err := json.Marshal(crd)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.WriteFile(file, content, 0o600)).To(Succeed())
	_, err = plane.Kubectl(t.Context(), "apply", "--server-side", "-f", file)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = plane.Kubectl(t.Context(), "wait", "--for=condition=Established", "--timeout=60s", "crd/"+crd.Name)
	g.Expect(err).NotTo(HaveOccurred())
}

// The role names every ConfigMap; the policy leaves the operator's own.
func TestTheOperatorWritesItsOwnConfigMapsOnly(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(patience)
	install(t, "default")
	namespace := plane.Namespace(t)
	config, err := plane.AddUser("system:serviceaccount:"+systemNamespace+":jumpcloud-operator-controller-manager", "system:authenticated")
	g.Expect(err).NotTo(HaveOccurred())
	operator, err := client.New(config, client.Options{Scheme: plane.Scheme})
	g.Expect(err).NotTo(HaveOccurred())
	configMap := func(name string, labels map[string]string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}}
	}
	ours := map[string]string{"app.kubernetes.io/managed-by": "jumpcloud-operator"}

	// A policy takes a moment to be in force.
	g.Eventually(func() error { return operator.Create(t.Context(), configMap("probe", nil), client.DryRunAll) }).
		Should(MatchError(ContainSubstring("labeled as its own")))
	g.Expect(operator.Create(t.Context(), configMap("ledger", ours))).To(Succeed())

	foreign := configMap("foreign", map[string]string{"app.kubernetes.io/managed-by": "helm"})
	g.Expect(plane.Client.Create(t.Context(), foreign)).To(Succeed())
	g.Expect(refused(operator.Delete(t.Context(), foreign.DeepCopy()))).To(BeTrue())
	adopted := foreign.DeepCopy()
	adopted.Labels = ours
	g.Expect(refused(operator.Update(t.Context(), adopted))).To(BeTrue(), "it cannot label what is another's")

	ledger := configMap("ledger", ours)
	ledger.Data = map[string]string{"results.csv": ""}
	g.Expect(operator.Update(t.Context(), ledger)).To(Succeed())
	g.Expect(operator.Delete(t.Context(), ledger)).To(Succeed())
	g.Expect(plane.Client.Create(t.Context(), configMap("of-people", nil))).To(Succeed(), "others are not asked")
}

func refused(err error) bool { return apierrors.IsInvalid(err) || apierrors.IsForbidden(err) }

// The controller of every kind is watched.
func TestAlertsAndDashboardCoverEveryKind(t *testing.T) {
	g := NewWithT(t)
	root, err := testenv.Root()
	g.Expect(err).NotTo(HaveOccurred())
	for _, file := range []string{"prometheus/rules.yaml", "grafana/dashboard.json"} {
		content, err := os.ReadFile(filepath.Join(root, "config", filepath.FromSlash(file)))
		g.Expect(err).NotTo(HaveOccurred())
		lists := regexp.MustCompile(`(?:controller|name)=~\\?"([a-z|]+)\\?"`).FindAllStringSubmatch(string(content), -1)
		g.Expect(lists).NotTo(BeEmpty(), file)
		for key := range render(t, "crd") {
			plural, _, _ := strings.Cut(strings.TrimPrefix(key, "CustomResourceDefinition/"), ".")
			for _, list := range lists {
				g.Expect(strings.Split(list[1], "|")).To(ContainElement(strings.TrimSuffix(plural, "s")), file)
			}
		}
	}
}

// Without the operator nothing takes its finalizers off: it is not removed
// while an object has one.
func TestRemovalIsRefused(t *testing.T) {
	g := NewWithT(t)
	namespace := plane.Namespace(t)
	group := &v1alpha1.UserGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "engineers", Finalizers: []string{v1alpha1.Finalizer}},
		Spec:       v1alpha1.UserGroupSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}},
	}
	g.Expect(plane.Client.Create(t.Context(), group)).To(Succeed())
	t.Cleanup(func() {
		group.Finalizers = nil
		g.Expect(plane.Client.Update(context.WithoutCancel(t.Context()), group)).To(Succeed())
	})
	kubectl, err := plane.KubectlCommand()
	g.Expect(err).NotTo(HaveOccurred())
	out, err := removable(t, strings.Join(kubectl, " "))
	g.Expect(err).To(HaveOccurred())
	g.Expect(out).To(And(ContainSubstring("UserGroup "+namespace+"/engineers"), ContainSubstring("abandon=true")))

	out, err = removable(t, "false")
	g.Expect(err).To(HaveOccurred(), "no answer is no permission: %s", out)
	for name, script := range map[string]string{
		"no kinds":      "exit 0",
		"no finalizers": `[ "$1" = get ] || echo usergroups.jumpcloud-operator.io`,
	} {
		stub := filepath.Join(t.TempDir(), "kubectl")
		g.Expect(os.WriteFile(stub, fmt.Appendf(nil, "#!/bin/sh\n%s\n", script), 0o700)).To(Succeed())
		out, err = removable(t, stub)
		g.Expect(err).NotTo(HaveOccurred(), "%s: %s", name, out)
	}
}

// removable runs what make undeploy asks first.
func removable(t *testing.T, kubectl string) (string, error) {
	t.Helper()
	root, err := testenv.Root()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "hack", "removable.sh"))
	cmd.Env = append(os.Environ(), "KUBECTL="+kubectl)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
