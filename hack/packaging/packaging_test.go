package packaging_test

import (
	"bufio"
	"bytes"
	"os"
	"testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
	. "github.com/onsi/gomega"
	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/hack/packaging/manifests"
)

const (
	root            = "." // the tests run in the root of the repository
	systemNamespace = "jumpcloud-operator-system"
)

// plane is the control plane of the tests.
var plane *testenv.ControlPlane

func TestMain(m *testing.M) {
	testenv.Exec() // before the folder changes: the processes that it becomes run in the root already
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	testenv.Main(m, &plane)
}

// values are those of a chart.
type values = map[string]any

// objects are manifests, by kind, namespace and name.
type objects map[string]*unstructured.Unstructured

func (o objects) add(object *unstructured.Unstructured) {
	o[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = object
}

// kustomized returns what kustomize builds from a folder of config.
func kustomized(t *testing.T, folder string) objects {
	t.Helper()
	g := NewWithT(t)
	built, err := manifests.Build(root, folder)
	g.Expect(err).NotTo(HaveOccurred())
	text, err := built.AsYaml()
	g.Expect(err).NotTo(HaveOccurred())
	return decode(t, text)
}

// rendered returns the objects that Helm renders from the chart with these values.
func rendered(t *testing.T, with values) objects {
	t.Helper()
	text, err := render(t, with)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return decode(t, []byte(text))
}

// render renders the chart as helm template does.
func render(t *testing.T, with values) (string, error) {
	t.Helper()
	install := action.NewInstall(action.NewConfiguration())
	install.DryRunStrategy = action.DryRunClient
	install.ReleaseName, install.Namespace = releaseName, systemNamespace
	version, err := common.ParseKubeVersion("v1.30.0") // the oldest that the chart admits
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	install.KubeVersion = version
	made, err := install.Run(load(t), with)
	if err != nil {
		return "", err
	}
	return made.(*release.Release).Manifest, nil //nolint:forcetypeassert // of a chart of this version
}

// load reads the chart.
func load(t *testing.T) *chart.Chart {
	t.Helper()
	loaded, err := loader.LoadDir("config/helm/jumpcloud-operator")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return loaded
}

// decode reads YAML documents. Two documents for one object are a mistake.
func decode(t *testing.T, text []byte) objects {
	t.Helper()
	g := NewWithT(t)
	all := objects{}
	reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	n := 0
	for {
		document, err := reader.Read()
		if err != nil {
			break
		}
		object := &unstructured.Unstructured{}
		g.Expect(yaml.Unmarshal(document, &object.Object)).To(Succeed())
		if len(object.Object) > 0 {
			all.add(object)
			n++
		}
	}
	g.Expect(all).To(HaveLen(n), "no object is there twice")
	return all
}
