package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReportsPolicy defines what happens to the users who report to a user that is deleted.
// +kubebuilder:validation:Enum=Keep;Clear
type ReportsPolicy string

const (
	// ReportsKeep keeps them: the deletion waits until no user reports to the deleted one.
	ReportsKeep ReportsPolicy = "Keep"
	// ReportsClear leaves them without a manager.
	ReportsClear ReportsPolicy = "Clear"
)

// UserSpec declares one user.
type UserSpec struct {
	// OrganizationRef refers to the Organization that the user belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new User"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// The attributes of the user. The username defaults to the name of the object; changing it
	// renames the user. The email is required unless adoptionPolicy is MustExist.
	UserRow `json:",inline"`

	// AdoptionPolicy defines whether an existing user with the username is adopted:
	// IfExists adopts it or creates a new one, Never adopts none, MustExist creates
	// none. Defaults to IfExists.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy defines what happens to the user when this object is deleted.
	// Defaults to Retain.
	// +kubebuilder:validation:Enum=Retain;Suspend;Delete
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// ReportsTo defines what happens to the users who report to this one when it is
	// deleted: with Keep, the deletion waits while there are any; with Clear, they have
	// no manager afterwards. Defaults to Keep.
	// +kubebuilder:default=Keep
	// +optional
	ReportsTo ReportsPolicy `json:"reportsTo,omitempty"`

	// Mode defines what happens with changes: Apply makes them, Plan only plans them.
	// Defaults to Apply.
	// +kubebuilder:validation:Enum=Apply;Plan
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

// SuspendedStatus describes the suspension of a user.
type SuspendedStatus struct {
	// ByObject is set if this object suspended the user. The object lifts only such a
	// suspension without an approval.
	// +required
	ByObject bool `json:"byObject"`
}

// UserChangeStatus describes the last change that an object made.
type UserChangeStatus struct {
	// At is the time of the change.
	// +required
	At metav1.Time `json:"at"`
	// Fields that were changed; none if the user was created.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	Fields []string `json:"fields,omitempty"`
	// JobID is JumpCloud's id of the bulk job that made the change, if one did.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	JobID string `json:"jobID,omitempty"`
}

// KeptValue records that JumpCloud accepted a declared value of a phone number or an
// address, but keeps it in another form. The two count as equal until either changes.
type KeptValue struct {
	// Path of the field.
	// +kubebuilder:validation:MaxLength=1200
	// +required
	Path string `json:"path"`
	// Declared is a digest of the declared value.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Declared string `json:"declared"`
	// Kept is a digest of the value that JumpCloud has.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Kept string `json:"kept"`
}

// UserStatus is the observed state of the user.
type UserStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the user.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Username that the user has in JumpCloud.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username string `json:"username,omitempty"`
	// Adopted is set if the user existed before this object.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// State of the user in JumpCloud.
	// +optional
	State UserState `json:"state,omitempty"`
	// Suspended describes the suspension of a suspended user.
	// +optional
	Suspended *SuspendedStatus `json:"suspended,omitempty"`
	// Omitted lists fields that JumpCloud refused when the user was created. The operator
	// creates the user without them and sends them in an update.
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=1024
	// +listType=atomic
	// +optional
	Omitted []string `json:"omitted,omitempty"`
	// Kept lists values that JumpCloud keeps in another form than the declared one.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=path
	// +optional
	Kept []KeptValue `json:"kept,omitempty"`
	// LastChange describes the last change that this object made.
	// +optional
	LastChange *UserChangeStatus `json:"lastChange,omitempty"`
}

// User is one person in JumpCloud's directory.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcuser,categories=jumpcloud
// +kubebuilder:printcolumn:name="Username",type=string,JSONPath=`.status.username`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type User struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the user.
	// +required
	Spec UserSpec `json:"spec"`
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status UserStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (u *User) Common() *CommonStatus { return &u.Status.CommonStatus }

// Living returns the part of the status for kinds that are kept as declared.
func (u *User) Living() *LivingStatus { return &u.Status.LivingStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (u *User) OrganizationRef() OrganizationReference { return u.Spec.OrganizationRef }

// Row returns the declared user, with the username set.
func (u *User) Row() UserRow {
	row := *u.Spec.UserRow.DeepCopy()
	row.Username = new(u.Username())
	return row
}

// Username returns the declared username. It defaults to the name of the object.
func (u *User) Username() string {
	if u.Spec.Username != nil {
		return *u.Spec.Username
	}
	return u.Name
}

// UserList is a list of Users.
// +kubebuilder:object:root=true
type UserList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []User `json:"items"`
}

// Demands returns only the adoption. Like those of rows, privileges are checked when the
// object is compared with the user.
func (u *User) Demands() Demands { return Demands{Adopts: u.Status.Adopted} }

func init() { register(&User{}, &UserList{}) }
