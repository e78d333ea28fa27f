package v1alpha1

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NamespacesFrom defines which namespaces are allowed.
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

// The values of allowedNamespaces.from.
const (
	// NamespacesFromSame allows the Organization's own namespace.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll allows every namespace.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector allows namespaces whose labels match.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces defines which namespaces may use an Organization, and what objects
// in namespaces other than its own may do.
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="selector must be set exactly when from is Selector"
type AllowedNamespaces struct {
	// From defines which namespaces are allowed: Same allows the Organization's own,
	// All every one, Selector those whose labels match. Defaults to Same.
	// +kubebuilder:default=Same
	// +optional
	From NamespacesFrom `json:"from,omitempty"`
	// Selector of namespaces by label, set exactly when from is Selector. If absent,
	// labels do not count.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// Kinds that objects in namespaces other than the Organization's own may have; at
	// most 16, of 1 to 63 characters each. If absent, every kind is allowed.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +optional
	Kinds []string `json:"kinds,omitempty"`
	// Groups are the names of the user groups that objects in other namespaces may
	// manage; at most 100, of 1 to 1024 characters each. A * at the end matches any
	// suffix. If absent, they may only manage groups that they create.
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:items:Pattern=`^[^*]*\*?$`
	// +listType=set
	// +optional
	Groups []string `json:"groups,omitempty"`
	// Adopt lets objects in other namespaces adopt what already exists in JumpCloud.
	// Defaults to false.
	// +optional
	Adopt bool `json:"adopt,omitempty"`
	// Privileged lets objects in other namespaces state sudo, passwordlessSudo and
	// ldapBindingUser of users, and sudo, ldapGroups, posixGroups, radius and
	// sambaEnabled of groups, and declare a WorkdayInstance. Defaults to false.
	// +optional
	Privileged bool `json:"privileged,omitempty"`
}

// ProtectsGroup reports whether spec.protectedGroups matches the name of a group. It
// ignores case, so that another spelling cannot bypass the protection.
func (s *OrganizationSpec) ProtectsGroup(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(s.ProtectedGroups, func(pattern string) bool {
		return matchesGroup(strings.ToLower(pattern), name)
	})
}

// matchesGroup reports whether a pattern is the name of a group, or a prefix of it
// followed by *.
func matchesGroup(pattern, name string) bool {
	if beginning, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, beginning)
	}
	return name == pattern
}
