package organization

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
			chosen, reason, problem := choose(object, organizations(tc.visible), nil)
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
	_, reason, problem := choose(&v1alpha1.Organization{}, visible, nil)
	g.Expect(reason).To(Equal(v1alpha1.InvalidSpecReason))
	g.Expect(len(problem)).To(BeNumerically("<", 1024))
	g.Expect(problem).To(And(ContainSubstring("500 organizations"), ContainSubstring("65f1c0ffee65f1c0ffee0000")))
}

// If separate credentials are used for changes, both must lead to the same organization.
func TestChooseWithTwoCredentials(t *testing.T) {
	const a, b, c = "65f1c0ffee65f1c0ffee000a", "65f1c0ffee65f1c0ffee000b", "65f1c0ffee65f1c0ffee000c"
	cases := map[string]struct {
		pin               string
		visible, writable []string
		want, reason      string
		names             []string
	}{
		"the same":                     {"", []string{a}, []string{a}, a, "", nil},
		"the only one in common":       {"", []string{a, b}, []string{b, c}, b, "", nil},
		"several in common":            {"", []string{a, b}, []string{a, b, c}, "", v1alpha1.InvalidSpecReason, []string{a, b}},
		"pinned":                       {b, []string{a, b}, []string{a, b}, b, "", nil},
		"others":                       {"", []string{a}, []string{b}, "", v1alpha1.OrganizationMismatchReason, []string{"Secret reader (spec.readCredentials)", a, "Secret writer (spec.credentials)", b}},
		"those for changes elsewhere":  {a, []string{a}, []string{b}, "", v1alpha1.OrganizationMismatchReason, []string{"Secret writer (spec.credentials)"}},
		"those for reads elsewhere":    {a, []string{b}, []string{a}, "", v1alpha1.OrganizationMismatchReason, []string{"Secret reader (spec.readCredentials)"}},
		"those for changes see nobody": {"", []string{a}, []string{}, "", v1alpha1.PermissionDeniedReason, []string{"Secret writer (spec.credentials)"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			object := &v1alpha1.Organization{}
			object.Spec.OrganizationID = tc.pin
			object.Spec.Credentials = &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "writer"}}
			object.Spec.ReadCredentials = &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "reader"}}
			chosen, reason, problem := choose(object, organizations(tc.visible), organizations(tc.writable))
			g.Expect(reason).To(Equal(tc.reason), problem)
			for _, name := range tc.names {
				g.Expect(problem).To(ContainSubstring(name))
			}
			if tc.want != "" {
				g.Expect(chosen.ID).To(Equal(tc.want))
			}
		})
	}
}

func organizations(ids []string) []jumpcloud.Organization {
	visible := []jumpcloud.Organization{}
	for _, id := range ids {
		visible = append(visible, jumpcloud.Organization{ID: id})
	}
	return visible
}
