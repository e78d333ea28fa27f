// Package definition compares what a UserGroup's spec states about the group itself with a live
// group. It returns the change that makes the group as stated and whom that may harm, and the
// spec that states a live group.
package definition

import (
	"cmp"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Fields of a group, as the spec names them.
const (
	nameField        = "name"
	descriptionField = "description"
	emailField       = "email"
	attributesField  = "attributes"
	methodField      = "membershipMethod"
	queryField       = "memberQuery"
	exemptionsField  = "memberQueryExemptions"
	notifyField      = "memberSuggestionsNotify"
)

// methods maps the spec's membership methods to JumpCloud's.
var methods = map[v1alpha1.MembershipMethod]jumpcloud.MembershipMethod{
	v1alpha1.MembershipStatic:                jumpcloud.MembershipStatic,
	v1alpha1.MembershipDynamicReviewRequired: jumpcloud.MembershipDynamicReviewRequired,
	v1alpha1.MembershipDynamicAutomated:      jumpcloud.MembershipDynamicAutomated,
}

// IsStatic reports whether only explicit calls change the members. JumpCloud treats a group
// without a method as static.
func IsStatic(method jumpcloud.MembershipMethod) bool {
	return method == "" || method == jumpcloud.MembershipNotSet || method == jumpcloud.MembershipStatic
}

// Definition is what a spec states about the group itself.
type Definition struct {
	Spec *v1alpha1.UserGroupSpec
	// Name is the group's name, which the spec may leave to the object's name.
	Name string
	// Exempt are the ids of the users in Spec.MemberQueryExemptions who are in the directory;
	// Unknown are the references to those who are not.
	Exempt  []string
	Unknown []v1alpha1.UserReference
	// TextFilters writes the filters of a query as text, unless the live query shows the form
	// that JumpCloud uses.
	TextFilters bool
}

func (d *Definition) method() v1alpha1.MembershipMethod {
	return cmp.Or(d.Spec.MembershipMethod, v1alpha1.MembershipStatic)
}

// Static reports whether the spec defines a static group.
func (d *Definition) Static() bool { return d.method() == v1alpha1.MembershipStatic }

// BeyondSummary reports whether the spec states anything that a row of the list does not show.
func (d *Definition) BeyondSummary() bool {
	return d.Spec.Attributes != nil || !d.Static() || d.Spec.MemberSuggestionsNotify != nil
}

// ShownBy reports whether everything that a row of the list shows is as stated.
func (d *Definition) ShownBy(row *jumpcloud.UserGroupSummary) bool {
	same := func(stated *string, live string) bool { return stated == nil || *stated == live }
	return row.Name == d.Name && same(d.Spec.Description, row.Description) && same(d.Spec.Email, row.Email)
}
