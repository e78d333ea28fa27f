package crdcheck

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/openapi"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// published is what an API server publishes, by kind and path.
type published map[string]any

func (p published) Paths() (map[string]openapi.GroupVersion, error) {
	return map[string]openapi.GroupVersion{"apis/jumpcloud-operator.io/v1alpha1": p}, nil
}

func (p published) Schema(string) ([]byte, error) {
	schemas := map[string]any{"io.k8s.meta.v1.Status": map[string]any{"type": "object"}}
	for kind, schema := range p {
		schemas["io.jumpcloud-operator.v1alpha1."+kind] = schema
	}
	return json.Marshal(map[string]any{"components": map[string]any{"schemas": schemas}})
}

func (published) ServerRelativeURL() string { return "" }

// manifests returns the CRDs of config/crd, by kind.
func manifests(g *WithT) map[string]*apiextensionsv1.CustomResourceDefinition {
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	all := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		crd := &apiextensionsv1.CustomResourceDefinition{}
		g.Expect(yaml.UnmarshalStrict(data, crd)).To(Succeed())
		all[crd.Spec.Names.Kind] = crd
	}
	return all
}

// crds returns the manifests in the form in which an API server publishes them.
func crds(g *WithT) published {
	p := published{}
	for kind, crd := range manifests(g) {
		text, err := json.Marshal(crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
		g.Expect(err).NotTo(HaveOccurred())
		schema := map[string]any{}
		g.Expect(json.Unmarshal(text, &schema)).To(Succeed())
		schema["x-kubernetes-group-version-kind"] = []any{map[string]any{
			"group": crd.Spec.Group, "version": crd.Spec.Versions[0].Name, "kind": kind,
		}}
		p[kind] = schema
	}
	return p
}

// fields returns the paths of all leaf properties of a schema.
func fields(path []string, schema any) [][]string {
	object, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	if items, ok := object["items"]; ok {
		return fields(path, items)
	}
	properties, ok := object["properties"].(map[string]any)
	if !ok {
		return [][]string{path}
	}
	var all [][]string
	for name, property := range properties {
		if len(path) == 0 && name != "spec" && name != "status" {
			continue
		}
		all = append(all, fields(append(slices.Clone(path), name), property)...)
	}
	return all
}

// without removes a field from a schema.
func without(schema any, path []string) {
	object, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if items, ok := object["items"]; ok {
		without(items, path)
		return
	}
	properties, ok := object["properties"].(map[string]any)
	if !ok {
		return
	}
	if len(path) == 1 {
		delete(properties, path[0])
		return
	}
	without(properties[path[0]], path[1:])
}

// Any field that a CRD lacks is reported; the CRDs of this version lack none.
func TestLacking(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	whole := crds(g)
	g.Expect(Lacking(t.Context(), whole, scheme)).To(BeEmpty())

	for kind, schema := range whole {
		all := fields(nil, schema)
		g.Expect(len(all)).To(BeNumerically(">", 5), kind)
		original, err := json.Marshal(schema)
		g.Expect(err).NotTo(HaveOccurred())
		for _, path := range all {
			older := map[string]any{}
			g.Expect(json.Unmarshal(original, &older)).To(Succeed())
			without(older, path)
			found, err := Lacking(t.Context(), published{kind: older}, scheme)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(found).To(Equal(map[string]string{kind: strings.Join(path, ".")}))
		}
	}
}

// A newer CRD has fields that this version does not know, which is no problem.
func TestANewerCRD(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	p := crds(g)
	group, ok := p["UserGroup"].(map[string]any)["properties"].(map[string]any)
	g.Expect(ok).To(BeTrue())
	group["status"].(map[string]any)["properties"].(map[string]any)["newer"] = map[string]any{"type": "string"}
	g.Expect(Lacking(t.Context(), p, scheme)).To(BeEmpty())
}

func TestWhatIsNotPublished(t *testing.T) {
	g := NewWithT(t)
	_, err := Lacking(t.Context(), nothing{}, runtime.NewScheme())
	g.Expect(err).To(MatchError(ContainSubstring("nothing is published")))
}

type nothing struct{ published }

func (nothing) Paths() (map[string]openapi.GroupVersion, error) { return nil, nil }
