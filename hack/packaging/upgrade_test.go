package packaging_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
	. "github.com/onsi/gomega"
	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/cli"
	"helm.sh/helm/v4/pkg/kube"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const releaseName = "jumpcloud-operator"

// An upgrade of the chart upgrades the CRDs. The CRDs and all objects stay when the release is
// uninstalled, and the next release takes them over.
func TestLifeOfARelease(t *testing.T) {
	g := NewWithT(t)
	withoutCRDs(t)
	helm := helmClient(t)
	install := func() error {
		install := action.NewInstall(helm)
		install.ReleaseName, install.Namespace, install.CreateNamespace = releaseName, systemNamespace, true
		install.WaitStrategy = kube.HookOnlyStrategy // no kubelet runs the pods
		_, err := install.Run(older(t), values{"prometheus": values{"enabled": false}})
		return err
	}
	g.Expect(install()).To(Succeed())
	g.Expect(fieldIsKnown(t)).To(BeFalse(), "the older chart lacks it")
	group := &v1alpha1.UserGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: plane.Namespace(t), Name: "engineers"},
		Spec:       v1alpha1.UserGroupSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}},
	}
	g.Eventually(func() error { return plane.Client.Create(t.Context(), group.DeepCopy()) }, time.Minute).Should(Succeed())

	upgrade := action.NewUpgrade(helm)
	upgrade.Namespace, upgrade.WaitStrategy = systemNamespace, kube.HookOnlyStrategy
	_, err := upgrade.Run(releaseName, load(t), values{"watchNamespaces": []any{group.Namespace}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(fieldIsKnown(t)).To(BeTrue(), "the CRD is upgraded")
	g.Expect(exists(t, &corev1.ServiceAccount{}, systemNamespace, "jumpcloud-operator-controller-manager")).To(BeTrue())

	uninstall(t, helm)
	g.Expect(exists(t, &corev1.ServiceAccount{}, systemNamespace, "jumpcloud-operator-controller-manager")).To(BeFalse())
	g.Expect(exists(t, &v1alpha1.UserGroup{}, group.Namespace, group.Name)).To(BeTrue())
	g.Expect(fieldIsKnown(t)).To(BeTrue(), "the CRDs stay")

	g.Expect(install()).To(Succeed(), "the CRDs of an earlier release are taken on")
	uninstall(t, helm)
}

func uninstall(t *testing.T, helm *action.Configuration) {
	t.Helper()
	uninstall := action.NewUninstall(helm)
	uninstall.WaitStrategy = kube.HookOnlyStrategy
	_, err := uninstall.Run(releaseName)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}

// older returns the chart as it was before UserGroups had a certain field.
func older(t *testing.T) *chart.Chart {
	t.Helper()
	earlier := load(t)
	earlier.Metadata.Version = "0.0.9"
	for _, file := range earlier.Files {
		if file.Name == "files/crds.yaml" {
			file.Data = []byte(strings.ReplaceAll(string(file.Data), fieldOfGroups+":", "formerly:"))
		}
	}
	return earlier
}

const fieldOfGroups = "memberSuggestionsNotify"

// fieldIsKnown reports whether the CRD of UserGroups has the field.
func fieldIsKnown(t *testing.T) bool {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	name := client.ObjectKey{Name: "usergroups." + v1alpha1.GroupVersion.Group}
	NewWithT(t).Expect(plane.Client.Get(t.Context(), name, crd)).To(Succeed())
	_, known := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties[fieldOfGroups]
	return known
}

func exists(t *testing.T, object client.Object, namespace, name string) bool {
	t.Helper()
	err := plane.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object)
	NewWithT(t).Expect(client.IgnoreNotFound(err)).To(Succeed())
	return !apierrors.IsNotFound(err)
}

// withoutCRDs removes the CRDs that the control plane starts with. It lists their objects
// first: the API server backs off for minutes after the deletion of a CRD whose storage was
// never read and is not ready at once.
func withoutCRDs(t *testing.T) {
	t.Helper()
	for _, arguments := range [][]string{{"get", "jumpcloud", "--all-namespaces"}, {"delete", "-k", "config/crd", "--wait"}} {
		_, err := plane.Kubectl(t.Context(), arguments...)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
	}
}

// helmClient returns a Helm client that connects as the control plane's administrator.
func helmClient(t *testing.T) *action.Configuration {
	t.Helper()
	g := NewWithT(t)
	kubeconfig := t.TempDir() + "/kubeconfig"
	g.Expect(testenv.WriteKubeconfig(kubeconfig, plane.Config)).To(Succeed())
	settings := cli.New()
	settings.KubeConfig = kubeconfig
	settings.SetNamespace(systemNamespace)
	configuration := action.NewConfiguration()
	g.Expect(configuration.Init(settings.RESTClientGetter(), systemNamespace, "secret")).To(Succeed())
	return configuration
}
