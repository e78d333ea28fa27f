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

// GroupSudo defines the sudo permissions of members on the systems that are bound to a
// group.
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

// POSIXGroup is a group that is created on the systems that are bound to a group.
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

// GroupRADIUS defines JumpCloud's RADIUS replies for members.
type GroupRADIUS struct {
	// Reply contains the attributes of replies. An empty list clears them.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Reply []RADIUSReply `json:"reply,omitempty"`
}

// GroupAttributes are the attributes of a group. An attribute that is absent is not
// changed.
type GroupAttributes struct {
	// Sudo on the systems that are bound to the group.
	// +optional
	Sudo *GroupSudo `json:"sudo,omitempty"`
	// LDAPGroups that members appear in. An empty list clears them. If a group is
	// created without ldapGroups, JumpCloud adds one with the group's name.
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
	// SambaEnabled makes the group visible to Samba.
	// +optional
	SambaEnabled *bool `json:"sambaEnabled,omitempty"`
}

// QueryType is the type of a member query.
// +kubebuilder:validation:Enum=FilterQuery
type QueryType string

// QueryTypeFilterQuery is JumpCloud's classic query: all filters must match.
const QueryTypeFilterQuery QueryType = "FilterQuery"

// QueryFilter is a condition on users.
type QueryFilter struct {
	// Field of the user, such as department. JumpCloud does not validate it: an unknown
	// field matches no users.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Field string `json:"field"`
	// Operator that compares the field with the value.
	// +kubebuilder:validation:Enum=eq;ne;gt;ge;lt;le;between;search;in
	// +required
	Operator string `json:"operator"`
	// Value to compare with. Case-sensitive.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// MemberQuery determines the members, or suggested members, of a dynamic group.
type MemberQuery struct {
	// QueryType of the query.
	// +kubebuilder:default=FilterQuery
	// +optional
	QueryType QueryType `json:"queryType,omitempty"`
	// Filters of the query. All of them must match.
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
	// line, or CSV with a header that has such a column.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
	// UserSelector selects Users of the namespace and organization by their labels. Each
	// becomes a member once its user is known. Users that are being deleted are not
	// selected.
	// +optional
	UserSelector *metav1.LabelSelector `json:"userSelector,omitempty"`
}

// UserGroupSpec declares a group.
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' ? !has(self.memberQuery) && !has(self.memberQueryExemptions) : has(self.memberQuery)",message="memberQuery is required for a dynamic membershipMethod, and memberQuery and memberQueryExemptions are for one only"
// +kubebuilder:validation:XValidation:rule="!has(self.membershipMethod) || self.membershipMethod == 'Static' || (!has(self.members) && !has(self.membersFrom))",message="members and membersFrom are for membershipMethod Static: a dynamic group's members come from its memberQuery"
type UserGroupSpec struct {
	// OrganizationRef refers to the Organization that the group belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new UserGroup"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Name of the group in JumpCloud. Defaults to the name of the object. Changing it
	// renames the group.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +optional
	Name string `json:"name,omitempty"`

	// Description of the group. An empty string clears it; if absent, it is not
	// changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Description *string `json:"description,omitempty"`

	// Email of the group. An empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email *string `json:"email,omitempty"`

	// Attributes of the group. An attribute that is absent is not changed.
	// +optional
	Attributes *GroupAttributes `json:"attributes,omitempty"`

	// MembershipMethod defines how the members of the group are determined: Static by
	// members and membersFrom, DynamicAutomated by memberQuery, DynamicReviewRequired
	// by memberQuery after a review in JumpCloud.
	// +kubebuilder:default=Static
	// +optional
	MembershipMethod MembershipMethod `json:"membershipMethod,omitempty"`

	// MemberQuery of a dynamic group.
	// +optional
	MemberQuery *MemberQuery `json:"memberQuery,omitempty"`

	// MemberQueryExemptions are users that the query does not apply to.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	MemberQueryExemptions []UserReference `json:"memberQueryExemptions,omitempty"`

	// MemberSuggestionsNotify makes JumpCloud notify administrators of suggested
	// changes by mail. If absent, it is not changed.
	// +optional
	MemberSuggestionsNotify *bool `json:"memberSuggestionsNotify,omitempty"`

	// Members of a static group. If neither members nor membersFrom is set, members are
	// not managed.
	// +kubebuilder:validation:MaxItems=5000
	// +listType=atomic
	// +optional
	Members *[]UserReference `json:"members,omitempty"`

	// MembersFrom are ConfigMaps with more members, and selectors of Users who are members.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	MembersFrom []MembersSource `json:"membersFrom,omitempty"`

	// MemberPolicy defines what happens to members that are not declared: Exact removes
	// them, AddOnly keeps them.
	// +kubebuilder:default=Exact
	// +optional
	MemberPolicy MemberPolicy `json:"memberPolicy,omitempty"`

	// AdoptionPolicy defines whether an existing group of that name is adopted:
	// IfExists adopts it or creates a new one, Never adopts none, MustExist creates
	// none.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy defines what happens to the group when this object is deleted.
	// Defaults to Retain.
	// +kubebuilder:validation:Enum=Delete;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode defines what happens with changes: Apply makes them, ApplyAfterApproval
	// makes them once they are approved, Plan only plans them.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the plan to approve, from status.plan.hash. It
	// approves exactly this plan, once.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
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
	// Known contains digests of declared names, each with a digest of the id of the
	// user. After a restart, the operator uses it to recognize members who were
	// renamed. It contains at most 8,000.
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

// UserGroupStatus is the observed state of the group.
type UserGroupStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the group.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Name that the group had when it last had the declared name. No other object can
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

// Living returns the part of the status that every kind that lives has.
func (g *UserGroup) Living() *LivingStatus { return &g.Status.LivingStatus }

// OrganizationRef refers to the Organization that the object belongs to.
func (g *UserGroup) OrganizationRef() OrganizationReference { return g.Spec.OrganizationRef }

// GroupName is the name of the group in JumpCloud.
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

// Demands returns the name of the group, whether it was adopted, and every attribute
// that gives members access to systems.
func (g *UserGroup) Demands() Demands {
	d := Demands{Groups: []string{g.GroupName()}, Adopts: g.Status.Adopted}
	if g.Status.Name != "" {
		d.Has = []string{g.Status.Name}
	}
	a := g.Spec.Attributes
	if a == nil {
		return d
	}
	for _, attribute := range []struct {
		name   string
		stated bool
	}{
		{"sudo", a.Sudo != nil}, {"ldapGroups", a.LDAPGroups != nil}, {"posixGroups", len(a.POSIXGroups) > 0},
		{"radius", a.RADIUS != nil}, {"sambaEnabled", a.SambaEnabled != nil},
	} {
		if attribute.stated {
			d.Privileges = append(d.Privileges, "spec.attributes."+attribute.name)
		}
	}
	return d
}

func init() { register(&UserGroup{}, &UserGroupList{}) }
