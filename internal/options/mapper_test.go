package options

import (
	"testing"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// asking counts requests to a mapper.
type asking struct {
	*apimeta.DefaultRESTMapper
	asked int
}

func (a *asking) RESTMapping(kind schema.GroupKind, versions ...string) (*apimeta.RESTMapping, error) {
	a.asked++
	return a.DefaultRESTMapper.RESTMapping(kind, versions...)
}

func TestAMappingIsAskedForUntilItIsFound(t *testing.T) {
	g := NewWithT(t)
	asked := &asking{DefaultRESTMapper: apimeta.NewDefaultRESTMapper(nil)}
	m := &mapper{RESTMapper: asked, known: map[schema.GroupVersionKind]*apimeta.RESTMapping{}}
	user := schema.GroupVersionKind{Group: "jumpcloud-operator.io", Version: "v1alpha1", Kind: "User"}
	for range 2 {
		_, err := m.RESTMapping(user.GroupKind(), user.Version)
		g.Expect(apimeta.IsNoMatchError(err)).To(BeTrue(), "the CRD is not there yet")
	}
	g.Expect(asked.asked).To(Equal(2))

	asked.Add(user, apimeta.RESTScopeNamespace)
	for range 3 {
		mapping, err := m.RESTMapping(user.GroupKind(), user.Version)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(mapping.Scope).To(Equal(apimeta.RESTScopeNamespace))
	}
	g.Expect(asked.asked).To(Equal(3))
}
