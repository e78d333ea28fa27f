package crdcheck

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// kinds returns the kinds of the scheme that are no lists and have a status of ours.
func kinds(g *WithT) []string {
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	var names []string
	for name, kind := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		if _, ok := reflect.TypeAssert[interface{ Common() *v1alpha1.CommonStatus }](reflect.New(kind)); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// kubectl apply without --server-side stores what it applied in an annotation, and all
// annotations together must not exceed 256 KiB.
func TestEveryCRDFitsIntoAnAnnotation(t *testing.T) {
	for kind, crd := range manifests(NewWithT(t)) {
		t.Run(kind, func(t *testing.T) {
			g := NewWithT(t)
			applied, err := json.Marshal(crd)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(len(applied)).To(BeNumerically("<", 200<<10))
		})
	}
}

// kubectl get -o wide shows which plan waits, and the message of Ready.
func TestWideColumns(t *testing.T) {
	for kind, crd := range manifests(NewWithT(t)) {
		t.Run(kind, func(t *testing.T) {
			wide := map[string]string{}
			for _, column := range crd.Spec.Versions[0].AdditionalPrinterColumns {
				if column.Priority == 1 {
					wide[column.Name] = column.JSONPath
				}
			}
			plan := ".status.plan.hash"
			switch kind {
			case "Organization":
				plan = ".status.withheld.hash"
			case "PlanApproval":
				plan = ".spec.plan"
			}
			NewWithT(t).Expect(wide).To(Equal(map[string]string{
				"Plan": plan, "Message": `.status.conditions[?(@.type=="Ready")].message`,
			}))
		})
	}
}

// Every kind has a CRD and is in PROJECT.
func TestEveryKindIsListed(t *testing.T) {
	g := NewWithT(t)
	g.Expect(slices.Sorted(maps.Keys(manifests(g)))).To(Equal(kinds(g)))

	data, err := os.ReadFile("../../PROJECT")
	g.Expect(err).NotTo(HaveOccurred())
	var project struct {
		Resources []struct{ Kind, Version, Domain string }
	}
	g.Expect(yaml.Unmarshal(data, &project)).To(Succeed())
	var listed []string
	for _, resource := range project.Resources {
		g.Expect(resource.Domain).To(Equal(v1alpha1.GroupVersion.Group))
		g.Expect(resource.Version).To(Equal(v1alpha1.GroupVersion.Version))
		listed = append(listed, resource.Kind)
	}
	slices.Sort(listed)
	g.Expect(listed).To(Equal(kinds(g)))
}
