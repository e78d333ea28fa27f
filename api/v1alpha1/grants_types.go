package v1alpha1

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NamespacesFrom says which namespaces are admitted.
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

// What allowedNamespaces.from may be.
const (
	// NamespacesFromSame admits the Organization's own namespace.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll admits every namespace.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector admits namespaces whose labels match.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces says whose objects may use an Organization.
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="selector must be set exactly when from is Selector"
type AllowedNamespaces struct {
	// From says which namespaces are admitted.
	// +kubebuilder:default=Same
	// +optional
	From NamespacesFrom `json:"from,omitempty"`
	// Selector over namespace labels, for from: Selector.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// Kinds that objects of other namespaces than the Organization's own may be
	// of; absent: every kind.
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	// +optional
	Kinds []string `json:"kinds,omitempty"`
	// Groups are the names of the user groups that they may stand for; a * at the
	// end stands for any rest. Absent: only groups that they create.
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:items:Pattern=`^[^*]*\*?$`
	// +listType=set
	// +optional
	Groups []string `json:"groups,omitempty"`
	// Adopt lets them take over what exists at JumpCloud.
	// +optional
	Adopt bool `json:"adopt,omitempty"`
	// Privileged lets them state sudo, passwordlessSudo and ldapBindingUser of
	// users, sudo, ldapGroups, posixGroups, radius and sambaEnabled of groups, and
	// a Workday instance.
	// +optional
	Privileged bool `json:"privileged,omitempty"`
}

// ProtectsGroup reports whether spec.protectedGroups names a group, in whatever
// case: no other spelling gets around a protection.
func (s *OrganizationSpec) ProtectsGroup(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(s.ProtectedGroups, func(pattern string) bool {
		return matchesGroup(strings.ToLower(pattern), name)
	})
}

// matchesGroup reports whether a pattern is the name of a group, or the
// beginning of it with a * after it.
func matchesGroup(pattern, name string) bool {
	if beginning, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, beginning)
	}
	return name == pattern
}
