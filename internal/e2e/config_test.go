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

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// A kubelet must start the pod from a local image and as the image's user, and restart it soon
// if it is frozen.
var _ = It("The pod of the operator is as a kubelet needs it", Label("manifests"), func() {
	pod := as[appsv1.Deployment](render("default"), "Deployment/jumpcloud-operator-controller-manager").Spec.Template.Spec
	manager := pod.Containers[0]
	Expect(manager.ImagePullPolicy).To(Equal(corev1.PullIfNotPresent))
	Expect(manager.Image).To(Equal("jumpcloud-operator:" + makeVariable("VERSION")))
	Expect(manager.Image).To(MatchRegexp(`:v\d+\.\d+\.\d+$`))
	Expect(pod.SecurityContext.RunAsUser).To(HaveValue(BeEquivalentTo(65532)))
	Expect(pod.SecurityContext.RunAsGroup).To(HaveValue(BeEquivalentTo(65532)))
	liveness := manager.LivenessProbe
	Expect(liveness.TerminationGracePeriodSeconds).To(HaveValue(BeNumerically("<=", 10)))
	Expect(int64(liveness.PeriodSeconds*liveness.FailureThreshold) + *liveness.TerminationGracePeriodSeconds).To(BeNumerically("<=", 45))
})

// makeVariable returns the default of a variable of the Makefile.
func makeVariable(name string) string {
	GinkgoHelper()
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	content, err := os.ReadFile(filepath.Join(root, "Makefile"))
	Expect(err).NotTo(HaveOccurred())
	found := regexp.MustCompile(`(?m)^` + name + ` \?= (.*)$`).FindStringSubmatch(string(content))
	Expect(found).NotTo(BeNil())
	return found[1]
}

// Tools that prune must keep the CRDs: all objects would be deleted with them.
var _ = It("CRDs are not pruned", Label("manifests"), func() {
	for name, object := range render("crd") {
		Expect(object.GetAnnotations()).To(And(
			HaveKeyWithValue("kustomize.toolkit.fluxcd.io/prune", "disabled"),
			HaveKeyWithValue("helm.sh/resource-policy", "keep"),
			HaveKeyWithValue("argocd.argoproj.io/sync-options", "Prune=false"),
		), name)
	}
	prunes, _, err := unstructured.NestedBool(render("flux")["Kustomization/jumpcloud-operator"].Object, "spec", "prune")
	Expect(err).NotTo(HaveOccurred())
	Expect(prunes).To(BeFalse(), "the folder of the operator holds the CRDs")
})

// The optional folders can be applied unchanged after config/default.
func optionalManifestsAreAccepted() {
	install("default")
	prometheusKinds("servicemonitors", "prometheusrules")
	for _, folder := range []string{"network-policy", "prometheus", "grafana"} {
		Eventually(func() error {
			_, err := plane.Kubectl(spec().Context(), "apply", "--server-side", "--dry-run=server", "-k", "config/"+folder)
			return err
		}).Should(Succeed(), folder)
	}
}

// prometheusKinds installs kinds of the Prometheus operator, from the module that
// hack/monitoring pins.
func prometheusKinds(plurals ...string) {
	GinkgoHelper()
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	download := exec.CommandContext(spec().Context(), "go", "-C", filepath.Join(root, "hack", "monitoring"),
		"mod", "download", "-json", "github.com/prometheus-operator/prometheus-operator")
	download.Env = append(os.Environ(), "GOWORK=off")
	answer, err := download.Output()
	Expect(err).NotTo(HaveOccurred(), string(answer))
	var module struct{ Dir string }
	Expect(json.Unmarshal(answer, &module)).To(Succeed())
	for _, plural := range plurals {
		name := plural + ".monitoring.coreos.com"
		_, err := plane.Kubectl(spec().Context(), "apply", "--server-side", "-f",
			filepath.Join(module.Dir, "example", "prometheus-operator-crd", "monitoring.coreos.com_"+plural+".yaml"))
		Expect(err).NotTo(HaveOccurred())
		_, err = plane.Kubectl(spec().Context(), "wait", "--for=condition=Established", "--timeout=60s", "crd/"+name)
		Expect(err).NotTo(HaveOccurred())
	}
}

// The role covers all ConfigMaps; the admission policy restricts it to the operator's own.
func writesItsOwnConfigMapsOnly() {
	install("default")
	namespace := plane.Namespace(spec())
	operator, err := client.New(serviceAccount(), client.Options{Scheme: plane.Scheme})
	Expect(err).NotTo(HaveOccurred())
	configMap := func(name string, labels map[string]string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}}
	}
	ours := map[string]string{"app.kubernetes.io/managed-by": "jumpcloud-operator"}

	// A policy takes a moment to take effect.
	Eventually(func() error { return operator.Create(spec().Context(), configMap("probe", nil), client.DryRunAll) }).
		Should(MatchError(ContainSubstring("labeled as its own")))
	Expect(operator.Create(spec().Context(), configMap("ledger", ours))).To(Succeed())

	foreign := configMap("foreign", map[string]string{"app.kubernetes.io/managed-by": "helm"})
	Expect(plane.Client.Create(spec().Context(), foreign)).To(Succeed())
	Expect(refused(operator.Delete(spec().Context(), foreign.DeepCopy()))).To(BeTrue())
	adopted := foreign.DeepCopy()
	adopted.Labels = ours
	Expect(refused(operator.Update(spec().Context(), adopted))).To(BeTrue(), "it cannot label what is another's")

	ledger := configMap("ledger", ours)
	ledger.Data = map[string]string{"results.csv": ""}
	Expect(operator.Update(spec().Context(), ledger)).To(Succeed())
	Expect(operator.Delete(spec().Context(), ledger)).To(Succeed())
	Expect(plane.Client.Create(spec().Context(), configMap("of-people", nil))).To(Succeed(), "others are not asked")
}

func refused(err error) bool { return apierrors.IsInvalid(err) || apierrors.IsForbidden(err) }

var _ = It("Alerts and dashboard cover every kind", Label("manifests"), func() {
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	for _, file := range []string{"prometheus/rules.yaml", "grafana/dashboard.json"} {
		content, err := os.ReadFile(filepath.Join(root, "config", filepath.FromSlash(file)))
		Expect(err).NotTo(HaveOccurred())
		lists := regexp.MustCompile(`(?:controller|name)=~\\?"([a-z|]+)\\?"`).FindAllStringSubmatch(string(content), -1)
		Expect(lists).NotTo(BeEmpty(), file)
		for key := range render("crd") {
			plural, _, _ := strings.Cut(strings.TrimPrefix(key, "CustomResourceDefinition/"), ".")
			for _, list := range lists {
				Expect(strings.Split(list[1], "|")).To(ContainElement(strings.TrimSuffix(plural, "s")), file)
			}
		}
	}
})

// Without the operator nothing removes its finalizers, so it must not be removed while an
// object has one.
var _ = It("Removal is refused while an object has a finalizer", Label("manifests"), func() {
	namespace := plane.Namespace(spec())
	group := &v1alpha1.UserGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "engineers", Finalizers: []string{v1alpha1.Finalizer}},
		Spec:       v1alpha1.UserGroupSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}},
	}
	Expect(plane.Client.Create(spec().Context(), group)).To(Succeed())
	spec().Cleanup(func() {
		group.Finalizers = nil
		Expect(plane.Client.Update(context.WithoutCancel(spec().Context()), group)).To(Succeed())
	})
	out, err := removable(strings.Join(plane.KubectlCommand(), " "))
	Expect(err).To(HaveOccurred())
	Expect(out).To(And(ContainSubstring("UserGroup "+namespace+"/engineers"), ContainSubstring("abandon=true")))

	out, err = removable("false")
	Expect(err).To(HaveOccurred(), "no answer is no permission: %s", out)
	for name, script := range map[string]string{
		"no kinds":      "exit 0",
		"no finalizers": `[ "$1" = get ] || echo usergroups.jumpcloud-operator.io`,
	} {
		stub := filepath.Join(spec().TempDir(), "kubectl")
		Expect(os.WriteFile(stub, fmt.Appendf(nil, "#!/bin/sh\n%s\n", script), 0o700)).To(Succeed())
		out, err = removable(stub)
		Expect(err).NotTo(HaveOccurred(), "%s: %s", name, out)
	}
})

// removable runs the check that make undeploy makes first.
func removable(kubectl string) (string, error) {
	GinkgoHelper()
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.CommandContext(spec().Context(), filepath.Join(root, "hack", "removable.sh"))
	cmd.Env = append(os.Environ(), "KUBECTL="+kubectl)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
