package v1alpha1_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestProtectsGroup(t *testing.T) {
	spec := v1alpha1.OrganizationSpec{ProtectedGroups: []string{"Admins", "vpn-*"}}
	for name, protected := range map[string]bool{
		"Admins": true, "admins": true, "admins2": false, "adm": false, "": false,
		"vpn-": true, "vpn-berlin": true, "VPN-Berlin": true, "vpn": false, "my-vpn-1": false, "vpn-*": true,
	} {
		NewWithT(t).Expect(spec.ProtectsGroup(name)).To(Equal(protected), "%q", name)
	}
	all := v1alpha1.OrganizationSpec{ProtectedGroups: []string{"*"}}
	NewWithT(t).Expect(all.ProtectsGroup("anything")).To(BeTrue())
	NewWithT(t).Expect((&v1alpha1.OrganizationSpec{}).ProtectsGroup("admins")).To(BeFalse())
}
