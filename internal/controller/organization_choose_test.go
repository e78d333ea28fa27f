package controller

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestChoose(t *testing.T) {
	const a, b = "65f1c0ffee65f1c0ffee000a", "65f1c0ffee65f1c0ffee000b"
	cases := map[string]struct {
		pin, recorded string
		visible       []string
		want, reason  string
	}{
		"the only one":                {"", "", []string{a}, a, ""},
		"pinned":                      {b, "", []string{a, b}, b, ""},
		"recorded":                    {"", b, []string{a, b}, b, ""},
		"pinned and recorded":         {b, b, []string{a, b}, b, ""},
		"several":                     {"", "", []string{a, b}, "", v1alpha1.InvalidSpecReason},
		"none":                        {"", "", nil, "", v1alpha1.PermissionDeniedReason},
		"none of the pinned":          {a, "", nil, "", v1alpha1.PermissionDeniedReason},
		"pinned elsewhere":            {b, "", []string{a}, "", v1alpha1.OrganizationMismatchReason},
		"recorded elsewhere":          {"", b, []string{a}, "", v1alpha1.OrganizationMismatchReason},
		"pinned against the recorded": {b, a, []string{a, b}, "", v1alpha1.OrganizationMismatchReason},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			object := &v1alpha1.Organization{}
			object.Spec.OrganizationID, object.Status.OrganizationID = tc.pin, tc.recorded
			var visible []jumpcloud.Organization
			for _, id := range tc.visible {
				visible = append(visible, jumpcloud.Organization{ID: id})
			}
			chosen, reason, problem := choose(object, visible)
			g.Expect(reason).To(Equal(tc.reason))
			if tc.want == "" {
				g.Expect(chosen).To(BeNil())
				g.Expect(problem).NotTo(BeEmpty())
				return
			}
			g.Expect(problem).To(BeEmpty())
			g.Expect(chosen.ID).To(Equal(tc.want))
		})
	}
}

func TestManyOrganizationsFitIntoAMessage(t *testing.T) {
	g := NewWithT(t)
	var visible []jumpcloud.Organization
	for i := range 500 {
		visible = append(visible, jumpcloud.Organization{ID: fmt.Sprintf("65f1c0ffee65f1c0ffee%04d", i)})
	}
	_, reason, problem := choose(&v1alpha1.Organization{}, visible)
	g.Expect(reason).To(Equal(v1alpha1.InvalidSpecReason))
	g.Expect(len(problem)).To(BeNumerically("<", 1024))
	g.Expect(problem).To(And(ContainSubstring("500 organizations"), ContainSubstring("65f1c0ffee65f1c0ffee0000")))
}
