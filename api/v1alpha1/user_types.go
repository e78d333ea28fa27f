package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// UserState is where a user is in its life cycle.
// +kubebuilder:validation:Enum=Staged;Activated;Suspended
type UserState string

// The states of a user.
const (
	// UserStateStaged users exist and cannot log in; no mail is sent to them.
	UserStateStaged UserState = "Staged"
	// UserStateActivated users can use their resources.
	UserStateActivated UserState = "Activated"
	// UserStateSuspended users are locked out.
	UserStateSuspended UserState = "Suspended"
)

// UserRow declares one user. What is absent is not stated, and stays as it is
// at JumpCloud; a string that is written as "" is cleared.
type UserRow struct {
	// Username; unique, case counts. Letters, digits, dot, underscore and
	// hyphen, starting with a letter.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username *string `json:"username,omitempty"`
	// Email; unique, lower-cased by JumpCloud.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email *string `json:"email,omitempty"`
	// PasswordSecretRef names the initial password. It is sent on create only.
	// +optional
	PasswordSecretRef *KeyReference `json:"passwordSecretRef,omitempty"`

	UserAttributes `json:",inline"`
}

// UserAttributes are what can be declared of a user besides its username,
// email and password. Names are JumpCloud's, with snake_case as lowerCamelCase.
type UserAttributes struct {
	// State of a created user; Staged if absent. For existing users see stateOnUpdate.
	// +optional
	State *UserState `json:"state,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Firstname *string `json:"firstname,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Middlename *string `json:"middlename,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Lastname *string `json:"lastname,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Displayname *string `json:"displayname,omitempty"`
	// Attributes are custom attributes, merged by name over the live ones.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Attributes []CustomAttribute `json:"attributes,omitempty"`
	// Addresses are merged by type over the live ones.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Addresses []Address `json:"addresses,omitempty"`
	// PhoneNumbers are merged by type over the live ones.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	PhoneNumbers []PhoneNumber `json:"phoneNumbers,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Company *string `json:"company,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	CostCenter *string `json:"costCenter,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Department *string `json:"department,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	EmployeeType *string `json:"employeeType,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	JobTitle *string `json:"jobTitle,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Location *string `json:"location,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Description *string `json:"description,omitempty"`
	// EmployeeIdentifier; unique where set.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	EmployeeIdentifier *string `json:"employeeIdentifier,omitempty"`
	// Manager is another user's id, username or email.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Manager *string `json:"manager,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	AlternateEmail *string `json:"alternateEmail,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ManagedAppleID *string `json:"managedAppleId,omitempty"`
	// RecoveryEmail is sent on create only.
	// +optional
	RecoveryEmail *RecoveryEmail `json:"recoveryEmail,omitempty"`
	// MFA is sent on create only.
	// +optional
	MFA *MFA `json:"mfa,omitempty"`
	// +optional
	EnableUserPortalMultifactor *bool `json:"enableUserPortalMultifactor,omitempty"`
	// +optional
	PasswordNeverExpires *bool `json:"passwordNeverExpires,omitempty"`
	// +optional
	Sudo *bool `json:"sudo,omitempty"`
	// +optional
	PasswordlessSudo *bool `json:"passwordlessSudo,omitempty"`
	// +optional
	AllowPublicKey *bool `json:"allowPublicKey,omitempty"`
	// +optional
	LDAPBindingUser *bool `json:"ldapBindingUser,omitempty"`
	// +optional
	SambaServiceUser *bool `json:"sambaServiceUser,omitempty"`
	// +optional
	EnableManagedUID *bool `json:"enableManagedUid,omitempty"`
	// +optional
	DisableDeviceMaxLoginAttempts *bool `json:"disableDeviceMaxLoginAttempts,omitempty"`
	// ExternallyManaged is deprecated by JumpCloud; changing it rewrites restrictedFields there.
	// +optional
	ExternallyManaged *bool `json:"externallyManaged,omitempty"`
	// +optional
	AccountLocked *bool `json:"accountLocked,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PublicKey *string `json:"publicKey,omitempty"`
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixUID *int64 `json:"unixUid,omitempty"`
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixGUID *int64 `json:"unixGuid,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalDN *string `json:"externalDn,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalSourceType *string `json:"externalSourceType,omitempty"`
	// +optional
	ExternalPasswordExpirationDate *metav1.Time `json:"externalPasswordExpirationDate,omitempty"`
	// +optional
	DelegatedAuthority *DelegatedAuthority `json:"delegatedAuthority,omitempty"`
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Relationships []Relationship `json:"relationships,omitempty"`
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	RestrictedFields []RestrictedField `json:"restrictedFields,omitempty"`
}

// CustomAttribute is a name and a value of the organization's own choice.
type CustomAttribute struct {
	// Name: letters and digits only.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Name string `json:"name"`
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// Address of a user. Of an address that exists, what is absent here stays.
type Address struct {
	// Type tells addresses apart; JumpCloud's console uses home and work.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Type string `json:"type"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	StreetAddress *string `json:"streetAddress,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExtendedAddress *string `json:"extendedAddress,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	POBox *string `json:"poBox,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Locality *string `json:"locality,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Region *string `json:"region,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PostalCode *string `json:"postalCode,omitempty"`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Country *string `json:"country,omitempty"`
}

// PhoneNumber of a user.
type PhoneNumber struct {
	// Type tells numbers apart; JumpCloud's console uses mobile, home, work,
	// work_mobile and work_fax.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Type string `json:"type"`
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Number string `json:"number"`
}

// RecoveryEmail is where a user recovers a lost password.
type RecoveryEmail struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Address string `json:"address"`
}

// MFA settings of a created user.
type MFA struct {
	// +optional
	Configured *bool `json:"configured,omitempty"`
	// +optional
	Exclusion *bool `json:"exclusion,omitempty"`
	// ExclusionDays is for Staged users.
	// +kubebuilder:validation:Minimum=1
	// +optional
	ExclusionDays *int64 `json:"exclusionDays,omitempty"`
	// ExclusionUntil is for users in any other state.
	// +optional
	ExclusionUntil *metav1.Time `json:"exclusionUntil,omitempty"`
}

// DelegatedAuthority names who keeps a user's password.
type DelegatedAuthority struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	ID string `json:"id"`
	// +kubebuilder:validation:Enum=ActiveDirectory
	// +required
	Name string `json:"name"`
}

// Relationship of a user to something else.
type Relationship struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Type string `json:"type"`
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// RestrictedField is a field that another system keeps.
type RestrictedField struct {
	// +kubebuilder:validation:Enum=addresses;company;costCenter;department;description;displayname;email;employeeIdentifier;employeeType;firstname;jobTitle;lastname;location;middlename;password;phoneNumbers;sudo;username
	// +required
	Field string `json:"field"`
	// +kubebuilder:validation:MaxLength=24
	// +optional
	ID string `json:"id,omitempty"`
	// +kubebuilder:validation:Enum=active_directory;federated_identity_provider;scim
	// +required
	Type string `json:"type"`
}
