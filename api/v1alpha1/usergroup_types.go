package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AdoptionPolicy defines whether something that already exists in JumpCloud is adopted.
// +kubebuilder:validation:Enum=IfExists;Never;MustExist
type AdoptionPolicy string

// Whether something that already exists is adopted.
const (
	// AdoptIfExists adopts what exists, and creates what does not.
	AdoptIfExists AdoptionPolicy = "IfExists"
	// AdoptNever adopts nothing: only what the object created is managed.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptMustExist creates nothing.
	AdoptMustExist AdoptionPolicy = "MustExist"
)

// UserGroupSpec declares a group.
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' ? !has(self.memberQuery) && !has(self.memberQueryExemptions) : has(self.memberQuery)",message="a dynamic membershipMethod needs memberQuery; only a dynamic one may have memberQuery and memberQueryExemptions"
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' || (!has(self.members) && !has(self.membersFrom))",message="members and membersFrom are for membershipMethod Static: a dynamic group's members come from its memberQuery"
type UserGroupSpec struct {
	// OrganizationRef refers to the Organization that the group belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new UserGroup"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Name of the group in JumpCloud. 1 to 255 characters. Defaults to the name of the
	// object. Changing it renames the group.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +optional
	Name string `json:"name,omitempty"`

	// Description of the group. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Description *string `json:"description,omitempty"`

	// Email of the group. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email *string `json:"email,omitempty"`

	// Attributes of the group. If absent, none of them is changed.
	// +optional
	Attributes *GroupAttributes `json:"attributes,omitempty"`

	// MembershipMethod defines how the members of the group are determined: Static by
	// members and membersFrom, DynamicAutomated by memberQuery, DynamicReviewRequired
	// by memberQuery after a review in JumpCloud. Defaults to Static.
	// +kubebuilder:default=Static
	// +optional
	MembershipMethod MembershipMethod `json:"membershipMethod,omitempty"`

	// MemberQuery of a dynamic group, which needs one. If absent, the group is static.
	// +optional
	MemberQuery *MemberQuery `json:"memberQuery,omitempty"`

	// MemberQueryExemptions are users that the query does not apply to; at most 1000.
	// If absent, they are not changed.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	MemberQueryExemptions []UserReference `json:"memberQueryExemptions,omitempty"`

	// MemberSuggestionsNotify makes JumpCloud notify administrators of suggested
	// changes by mail. If absent, it is not changed.
	// +optional
	MemberSuggestionsNotify *bool `json:"memberSuggestionsNotify,omitempty"`

	// Members of a static group; at most 5000. If absent, membersFrom names all
	// members; if that is absent, too, members are not managed.
	// +kubebuilder:validation:MaxItems=5000
	// +listType=atomic
	// +optional
	Members *[]UserReference `json:"members,omitempty"`

	// MembersFrom are ConfigMaps with more members, and selectors of Users who are
	// members; at most 64. If absent, members names all members; if that is absent,
	// too, members are not managed.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	MembersFrom []MembersSource `json:"membersFrom,omitempty"`

	// MemberPolicy defines what happens to members that are not declared: Exact removes
	// them, AddOnly keeps them. Defaults to Exact.
	// +kubebuilder:default=Exact
	// +optional
	MemberPolicy MemberPolicy `json:"memberPolicy,omitempty"`

	// AdoptionPolicy defines whether an existing group of that name is adopted:
	// IfExists adopts it or creates a new one, Never adopts none, MustExist creates
	// none. Defaults to IfExists.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy defines what happens to the group when this object is deleted.
	// Defaults to Retain.
	// +kubebuilder:validation:Enum=Delete;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode defines what happens with changes: Apply makes them, ApplyAfterApproval
	// makes them once they are approved, Plan only plans them. Defaults to Apply.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the plan to approve, from status.plan.hash: sha256:
	// and 64 hexadecimal digits, 71 characters in all. It approves exactly this plan,
	// once. If absent, only a PlanApproval can approve a plan.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// UserGroupStatus is the observed state of the group.
type UserGroupStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the group.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Name is the latest declared name that the group was seen with. No other object can
	// take this name until a rename is done.
	// +kubebuilder:validation:MaxLength=255
	// +optional
	Name string `json:"name,omitempty"`
	// Adopted is set if the group existed before this object.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// Members of the group, if they are managed.
	// +optional
	Members *MembersStatus `json:"members,omitempty"`
	// Suggestions of a group whose membershipMethod is DynamicReviewRequired.
	// +optional
	Suggestions *SuggestionsStatus `json:"suggestions,omitempty"`
}

// UserGroup is a group of users in JumpCloud.
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
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status UserGroupStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (g *UserGroup) Common() *CommonStatus { return &g.Status.CommonStatus }

// Living returns the part of the status for kinds that are kept as declared.
func (g *UserGroup) Living() *LivingStatus { return &g.Status.LivingStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (g *UserGroup) OrganizationRef() OrganizationReference { return g.Spec.OrganizationRef }

// GroupName returns the declared name of the group. It defaults to the name of the
// object.
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

func init() { register(&UserGroup{}, &UserGroupList{}) }
