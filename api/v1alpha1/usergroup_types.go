package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MembershipMethod says what decides who is in a group.
// +kubebuilder:validation:Enum=Static;DynamicReviewRequired;DynamicAutomated
type MembershipMethod string

// What decides who is in a group.
const (
	// MembershipStatic: explicit calls. JumpCloud's NOTSET equals it.
	MembershipStatic MembershipMethod = "Static"
	// MembershipDynamicReviewRequired: the query makes suggestions that an administrator applies.
	MembershipDynamicReviewRequired MembershipMethod = "DynamicReviewRequired"
	// MembershipDynamicAutomated: the query adds and removes members by itself.
	MembershipDynamicAutomated MembershipMethod = "DynamicAutomated"
)

// MemberPolicy says what becomes of members that the spec does not name.
// +kubebuilder:validation:Enum=Exact;AddOnly
type MemberPolicy string

// What becomes of members that the spec does not name.
const (
	// MemberPolicyExact removes them.
	MemberPolicyExact MemberPolicy = "Exact"
	// MemberPolicyAddOnly leaves them.
	MemberPolicyAddOnly MemberPolicy = "AddOnly"
)

// AdoptionPolicy says what may become of something that exists at JumpCloud
// already.
// +kubebuilder:validation:Enum=IfExists;Never;MustExist
type AdoptionPolicy string

// What may become of something that exists already.
const (
	// AdoptIfExists manages what exists, and creates what does not.
	AdoptIfExists AdoptionPolicy = "IfExists"
	// AdoptNever only manages what it created.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptMustExist creates nothing.
	AdoptMustExist AdoptionPolicy = "MustExist"
)

// GroupSudo is what members may do on the systems that are bound to a group.
// +kubebuilder:validation:XValidation:rule="self.enabled || !has(self.withoutPassword) || !self.withoutPassword",message="withoutPassword needs enabled"
type GroupSudo struct {
	// Enabled makes members administrators of the group's systems.
	// +required
	Enabled bool `json:"enabled"`
	// WithoutPassword lets them use sudo without a password.
	// +optional
	WithoutPassword bool `json:"withoutPassword,omitempty"`
}

// LDAPGroup is a group that members appear in, in JumpCloud's LDAP.
type LDAPGroup struct {
	// Name of the group in LDAP. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
}

// POSIXGroup is a group that is made on the systems that are bound to a group.
type POSIXGroup struct {
	// ID is the group's gid.
	// +kubebuilder:validation:Minimum=1
	// +required
	ID int64 `json:"id"`
	// Name of the group on systems. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
}

// RADIUSReply is an attribute of JumpCloud's RADIUS replies for members.
type RADIUSReply struct {
	// Name of the attribute. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
	// Value of the attribute. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// GroupRADIUS is what JumpCloud's RADIUS says about members.
type GroupRADIUS struct {
	// Reply holds the attributes of replies; an empty list clears them.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Reply []RADIUSReply `json:"reply,omitempty"`
}

// GroupAttributes are the attributes of a group. What is absent is left as it is.
type GroupAttributes struct {
	// Sudo on the systems that are bound to the group.
	// +optional
	Sudo *GroupSudo `json:"sudo,omitempty"`
	// LDAPGroups that members appear in; an empty list is none. JumpCloud makes
	// one of the group's name where a group is created without a word on them.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	LDAPGroups *[]LDAPGroup `json:"ldapGroups,omitempty"`
	// POSIXGroups cannot be changed once they are set.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	POSIXGroups []POSIXGroup `json:"posixGroups,omitempty"`
	// RADIUS replies.
	// +optional
	RADIUS *GroupRADIUS `json:"radius,omitempty"`
	// SambaEnabled shows the group to Samba.
	// +optional
	SambaEnabled *bool `json:"sambaEnabled,omitempty"`
}

// QueryType is the generation of a member query.
// +kubebuilder:validation:Enum=FilterQuery
type QueryType string

// QueryTypeFilterQuery is JumpCloud's classic query: filters that all must match.
const QueryTypeFilterQuery QueryType = "FilterQuery"

// QueryFilter is a condition on users.
type QueryFilter struct {
	// Field of the user, such as department. JumpCloud does not check it: a
	// field that it does not know matches nobody.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Field string `json:"field"`
	// Operator that compares the field with the value.
	// +kubebuilder:validation:Enum=eq;ne;gt;ge;lt;le;between;search;in
	// +required
	Operator string `json:"operator"`
	// Value; case counts.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// MemberQuery decides who is, or should be, in a dynamic group.
type MemberQuery struct {
	// QueryType of the query.
	// +kubebuilder:default=FilterQuery
	// +optional
	QueryType QueryType `json:"queryType,omitempty"`
	// Filters that all must match.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +required
	Filters []QueryFilter `json:"filters"`
}

// MembersSource is a key of a ConfigMap that names members.
type MembersSource struct {
	// ConfigMapKeyRef names a key in data of a ConfigMap: one username or email
	// a line, or CSV with a header that has such a column.
	// +required
	ConfigMapKeyRef KeyReference `json:"configMapKeyRef"`
}

// UserGroupSpec declares a group.
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' ? !has(self.memberQuery) && !has(self.memberQueryExemptions) : has(self.memberQuery)",message="memberQuery is required for a dynamic membershipMethod, and memberQuery and memberQueryExemptions are for one only"
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' || (!has(self.members) && !has(self.membersFrom))",message="members and membersFrom are for membershipMethod Static: a dynamic group's members come from its memberQuery"
type UserGroupSpec struct {
	// OrganizationRef names the Organization that the group belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new UserGroup"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Name of the group at JumpCloud; the object's name if absent. A change
	// renames the group.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +optional
	Name string `json:"name,omitempty"`

	// Description; "" clears it, absent leaves it as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Description *string `json:"description,omitempty"`

	// Email of the group; "" clears it, absent leaves it as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email *string `json:"email,omitempty"`

	// Attributes of the group. What is absent is left as it is.
	// +optional
	Attributes *GroupAttributes `json:"attributes,omitempty"`

	// MembershipMethod says what decides who is in the group.
	// +kubebuilder:default=Static
	// +optional
	MembershipMethod MembershipMethod `json:"membershipMethod,omitempty"`

	// MemberQuery of a dynamic group.
	// +optional
	MemberQuery *MemberQuery `json:"memberQuery,omitempty"`

	// MemberQueryExemptions are users about whom the query does not decide.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	MemberQueryExemptions []UserReference `json:"memberQueryExemptions,omitempty"`

	// MemberSuggestionsNotify mails administrators about suggested changes;
	// absent leaves it as it is.
	// +optional
	MemberSuggestionsNotify *bool `json:"memberSuggestionsNotify,omitempty"`

	// Members of a static group. Where neither members nor membersFrom is
	// written, members are not managed.
	// +kubebuilder:validation:MaxItems=5000
	// +listType=atomic
	// +optional
	Members *[]UserReference `json:"members,omitempty"`

	// MembersFrom are ConfigMaps that name more members.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	MembersFrom []MembersSource `json:"membersFrom,omitempty"`

	// MemberPolicy says what becomes of members that are not named.
	// +kubebuilder:default=Exact
	// +optional
	MemberPolicy MemberPolicy `json:"memberPolicy,omitempty"`

	// AdoptionPolicy says what may become of a group of that name that exists already.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy says what becomes of the group with this object; Retain if absent.
	// +kubebuilder:validation:Enum=Delete;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode says how far the operator goes.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the one plan that may run.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// MembersStatus counts members.
type MembersStatus struct {
	// Desired members that the spec and its sources name.
	Desired int32 `json:"desired"`
	// Current members at JumpCloud, as last read.
	Current int32 `json:"current"`
	// Added since the group was last as declared.
	Added int32 `json:"added"`
	// Removed since the group was last as declared.
	Removed int32 `json:"removed"`
	// NotFound are desired members that are not in the directory.
	NotFound int32 `json:"notFound"`
	// Protected members are not named and stay all the same.
	Protected int32 `json:"protected"`
	// RemovalsApproved is set once a plan with removals from an adopted group
	// was approved.
	// +optional
	RemovalsApproved bool `json:"removalsApproved,omitempty"`
	// NeverFound is a digest of the desired members that have never been in the
	// directory. By it, the operator tells them after a restart from members who
	// were renamed meanwhile.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	NeverFound string `json:"neverFound,omitempty"`
}

// SuggestionsStatus counts the changes that a dynamic group's query suggests.
type SuggestionsStatus struct {
	// Add is how many users JumpCloud suggests to add.
	Add int32 `json:"add"`
	// Remove is how many members JumpCloud suggests to remove.
	Remove int32 `json:"remove"`
}

// UserGroupStatus tells what the group is at JumpCloud.
type UserGroupStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the group.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Adopted is set where the group existed before.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// Members of the group, where they are managed.
	// +optional
	Members *MembersStatus `json:"members,omitempty"`
	// Suggestions of a group whose membershipMethod is DynamicReviewRequired.
	// +optional
	Suggestions *SuggestionsStatus `json:"suggestions,omitempty"`
}

// UserGroup is a group of users at JumpCloud.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcgroup,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="Method",type=string,JSONPath=`.spec.membershipMethod`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.members.desired`
// +kubebuilder:printcolumn:name="Current",type=integer,JSONPath=`.status.members.current`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type UserGroup struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the group.
	// +required
	Spec UserGroupSpec `json:"spec"`
	// Status tells what it is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status UserGroupStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (g *UserGroup) Common() *CommonStatus { return &g.Status.CommonStatus }

// Living returns the part of the status that every kind that lives has.
func (g *UserGroup) Living() *LivingStatus { return &g.Status.LivingStatus }

// OrganizationRef names the Organization that the object belongs to.
func (g *UserGroup) OrganizationRef() OrganizationReference { return g.Spec.OrganizationRef }

// GroupName is the name of the group at JumpCloud.
func (g *UserGroup) GroupName() string {
	if g.Spec.Name != "" {
		return g.Spec.Name
	}
	return g.Name
}

// UserGroupList is a list of UserGroups.
// +kubebuilder:object:root=true
type UserGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []UserGroup `json:"items"`
}
