package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MembershipMethod defines how the members of a group are determined.
// +kubebuilder:validation:Enum=Static;DynamicReviewRequired;DynamicAutomated
type MembershipMethod string

// How the members of a group are determined.
const (
	// MembershipStatic: members are added and removed explicitly. Equivalent to
	// JumpCloud's NOTSET.
	MembershipStatic MembershipMethod = "Static"
	// MembershipDynamicReviewRequired: the query makes suggestions that an administrator applies.
	MembershipDynamicReviewRequired MembershipMethod = "DynamicReviewRequired"
	// MembershipDynamicAutomated: the query adds and removes members automatically.
	MembershipDynamicAutomated MembershipMethod = "DynamicAutomated"
)

// MemberPolicy defines what happens to members that the spec does not name.
// +kubebuilder:validation:Enum=Exact;AddOnly
type MemberPolicy string

// What happens to members that the spec does not name.
const (
	// MemberPolicyExact removes them.
	MemberPolicyExact MemberPolicy = "Exact"
	// MemberPolicyAddOnly keeps them.
	MemberPolicyAddOnly MemberPolicy = "AddOnly"
)

// QueryType is the type of a member query.
// +kubebuilder:validation:Enum=FilterQuery
type QueryType string

// QueryTypeFilterQuery is JumpCloud's classic query: all filters must match.
const QueryTypeFilterQuery QueryType = "FilterQuery"

// QueryFilter is a condition on users.
type QueryFilter struct {
	// Field of the user, such as department. 1 to 256 characters. JumpCloud does not
	// validate it: an unknown field matches no users.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Field string `json:"field"`
	// Operator that compares the field with the value.
	// +kubebuilder:validation:Enum=eq;ne;gt;ge;lt;le;between;search;in
	// +required
	Operator string `json:"operator"`
	// Value to compare with. Case-sensitive. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// MemberQuery determines the members, or suggested members, of a dynamic group.
type MemberQuery struct {
	// QueryType of the query. Defaults to FilterQuery.
	// +kubebuilder:default=FilterQuery
	// +optional
	QueryType QueryType `json:"queryType,omitempty"`
	// Filters of the query: 1 to 50. All of them must match.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +required
	Filters []QueryFilter `json:"filters"`
}

// MembersSource is a key of a ConfigMap that names members, or a selector of Users.
// +kubebuilder:validation:ExactlyOneOf=configMapKeyRef;userSelector
type MembersSource struct {
	// ConfigMapKeyRef refers to a key in data of a ConfigMap: one username or email per
	// line, or CSV with a header that names such a column. Exactly one of configMapKeyRef
	// and userSelector is set.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
	// UserSelector selects Users in the group's namespace and organization by label. Each
	// becomes a member once its user is known. Users that are being deleted are not
	// selected. Exactly one of configMapKeyRef and userSelector is set.
	// +optional
	UserSelector *metav1.LabelSelector `json:"userSelector,omitempty"`
}

// MembersStatus counts members.
type MembersStatus struct {
	// Desired is the number of members that the spec and its sources declare.
	Desired int32 `json:"desired"`
	// Current is the number of members in JumpCloud when they were last read.
	Current int32 `json:"current"`
	// Added members since the group was last as declared.
	Added int32 `json:"added"`
	// Removed members since the group was last as declared.
	Removed int32 `json:"removed"`
	// NotFound is the number of desired members that are not in the directory.
	NotFound int32 `json:"notFound"`
	// Protected is the number of members that are not declared, but stay because they
	// are protected users.
	Protected int32 `json:"protected"`
	// RemovalsApproved is set once a plan with removals from an adopted group
	// was approved.
	// +optional
	RemovalsApproved bool `json:"removalsApproved,omitempty"`
	// NeverFound is a digest of the desired members that have never been in the
	// directory. After a restart, the operator uses it to tell them from members who
	// were renamed.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	NeverFound string `json:"neverFound,omitempty"`
	// Known contains digests of declared names, each with a digest of its user's id.
	// After a restart, the operator uses it to recognize members who were renamed. It
	// contains at most 8,000.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Known string `json:"known,omitempty"`
}

// SuggestionsStatus counts the changes that a dynamic group's query suggests.
type SuggestionsStatus struct {
	// Add is the number of users that JumpCloud suggests adding.
	Add int32 `json:"add"`
	// Remove is the number of members that JumpCloud suggests removing.
	Remove int32 `json:"remove"`
}
