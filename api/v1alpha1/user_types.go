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
	// Firstname of the person. At most 1024 characters; "" clears it. Absent: left
	// as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Firstname *string `json:"firstname,omitempty"`
	// Middlename of the person. At most 1024 characters; "" clears it. Absent:
	// left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Middlename *string `json:"middlename,omitempty"`
	// Lastname of the person. At most 1024 characters; "" clears it. Absent: left
	// as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Lastname *string `json:"lastname,omitempty"`
	// Displayname is how the person is shown. At most 1024 characters; "" clears
	// it. Absent: left as it is.
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
	// Company that employs the person. At most 1024 characters; "" clears it.
	// Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Company *string `json:"company,omitempty"`
	// CostCenter that pays for the person. At most 1024 characters; "" clears it.
	// Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	CostCenter *string `json:"costCenter,omitempty"`
	// Department that the person works in. At most 1024 characters; "" clears it.
	// Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Department *string `json:"department,omitempty"`
	// EmployeeType in the company's own words, such as Contractor. At most 1024
	// characters; "" clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	EmployeeType *string `json:"employeeType,omitempty"`
	// JobTitle of the person. At most 1024 characters; "" clears it. Absent: left
	// as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	JobTitle *string `json:"jobTitle,omitempty"`
	// Location that the person works at. At most 1024 characters; "" clears it.
	// Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Location *string `json:"location,omitempty"`
	// Description in free text. At most 1024 characters; "" clears it. Absent:
	// left as it is.
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
	// AlternateEmail is a second address of the person; a change of it is harmful.
	// At most 1024 characters; "" clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	AlternateEmail *string `json:"alternateEmail,omitempty"`
	// ManagedAppleID of the person at Apple Business Manager. At most 1024
	// characters; "" clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ManagedAppleID *string `json:"managedAppleId,omitempty"`
	// RecoveryEmail is sent on create only.
	// +optional
	RecoveryEmail *RecoveryEmail `json:"recoveryEmail,omitempty"`
	// MFA is sent on create only.
	// +optional
	MFA *MFA `json:"mfa,omitempty"`
	// EnableUserPortalMultifactor asks for a second factor at the user portal;
	// turning it off is harmful. Absent: left as it is.
	// +optional
	EnableUserPortalMultifactor *bool `json:"enableUserPortalMultifactor,omitempty"`
	// PasswordNeverExpires exempts the password from the organization's expiry;
	// setting it is harmful. Absent: left as it is.
	// +optional
	PasswordNeverExpires *bool `json:"passwordNeverExpires,omitempty"`
	// Sudo makes the user an administrator of their devices; granting it is
	// harmful. Absent: left as it is.
	// +optional
	Sudo *bool `json:"sudo,omitempty"`
	// PasswordlessSudo lets sudo ask for no password; granting it is harmful.
	// Absent: left as it is.
	// +optional
	PasswordlessSudo *bool `json:"passwordlessSudo,omitempty"`
	// AllowPublicKey lets the user log in by an SSH key. Absent: left as it is.
	// +optional
	AllowPublicKey *bool `json:"allowPublicKey,omitempty"`
	// LDAPBindingUser lets the user bind to and search LDAP. Absent: left as it
	// is.
	// +optional
	LDAPBindingUser *bool `json:"ldapBindingUser,omitempty"`
	// SambaServiceUser lets the user serve Samba as its LDAP account. Absent: left
	// as it is.
	// +optional
	SambaServiceUser *bool `json:"sambaServiceUser,omitempty"`
	// EnableManagedUID makes unixUid and unixGuid hold on devices. Absent: left as
	// it is.
	// +optional
	EnableManagedUID *bool `json:"enableManagedUid,omitempty"`
	// DisableDeviceMaxLoginAttempts exempts the user from being locked after
	// failed logins on a device. Absent: left as it is.
	// +optional
	DisableDeviceMaxLoginAttempts *bool `json:"disableDeviceMaxLoginAttempts,omitempty"`
	// ExternallyManaged is deprecated by JumpCloud; changing it rewrites restrictedFields there.
	// +optional
	ExternallyManaged *bool `json:"externallyManaged,omitempty"`
	// AccountLocked locks the user out, or unlocks; either is harmful. Absent:
	// left as it is.
	// +optional
	AccountLocked *bool `json:"accountLocked,omitempty"`
	// PublicKey for SSH. At most 1024 characters; "" clears it. Absent: left as it
	// is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PublicKey *string `json:"publicKey,omitempty"`
	// UnixUID on devices; at least 1. Absent: left as it is.
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixUID *int64 `json:"unixUid,omitempty"`
	// UnixGUID is the id of the primary group on devices; at least 1. Absent: left
	// as it is.
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixGUID *int64 `json:"unixGuid,omitempty"`
	// ExternalDN is the distinguished name in the directory that the user comes
	// from. At most 1024 characters; "" clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalDN *string `json:"externalDn,omitempty"`
	// ExternalSourceType is the kind of directory that the user comes from. At
	// most 1024 characters; "" clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalSourceType *string `json:"externalSourceType,omitempty"`
	// ExternalPasswordExpirationDate is when the password expires in the directory
	// that the user comes from. Absent: left as it is.
	// +optional
	ExternalPasswordExpirationDate *metav1.Time `json:"externalPasswordExpirationDate,omitempty"`
	// DelegatedAuthority is who checks the user's password instead of JumpCloud.
	// Absent: left as it is.
	// +optional
	DelegatedAuthority *DelegatedAuthority `json:"delegatedAuthority,omitempty"`
	// Relationships to other things; at most 16, and all of them: the list
	// replaces the live one. Absent: left as it is.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Relationships []Relationship `json:"relationships,omitempty"`
	// RestrictedFields are those that another system keeps; at most 32, and all of
	// them: the list replaces the live one. Absent: left as it is.
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
	// Value of the attribute. At most 1024 characters.
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
	// StreetAddress with the number of the house. At most 1024 characters; ""
	// clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	StreetAddress *string `json:"streetAddress,omitempty"`
	// ExtendedAddress, such as a floor or a suite. At most 1024 characters; ""
	// clears it. Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExtendedAddress *string `json:"extendedAddress,omitempty"`
	// POBox of the address. At most 1024 characters; "" clears it. Absent: left as
	// it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	POBox *string `json:"poBox,omitempty"`
	// Locality is the city. At most 1024 characters; "" clears it. Absent: left as
	// it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Locality *string `json:"locality,omitempty"`
	// Region is the state or county. At most 1024 characters; "" clears it.
	// Absent: left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Region *string `json:"region,omitempty"`
	// PostalCode of the address. At most 1024 characters; "" clears it. Absent:
	// left as it is.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PostalCode *string `json:"postalCode,omitempty"`
	// Country of the address. At most 1024 characters; "" clears it. Absent: left
	// as it is.
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
	// Number as it is dialled. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Number string `json:"number"`
}

// RecoveryEmail is where a user recovers a lost password.
type RecoveryEmail struct {
	// Address to recover the password by. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Address string `json:"address"`
}

// MFA settings of a created user.
type MFA struct {
	// Configured says that the user has a second factor. Absent: JumpCloud
	// decides.
	// +optional
	Configured *bool `json:"configured,omitempty"`
	// Exclusion lets the user in without a second factor; it is sent on create
	// only. Absent: JumpCloud decides.
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
	// ID of the authority at JumpCloud. 1 to 64 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	ID string `json:"id"`
	// Name of the kind of authority: ActiveDirectory.
	// +kubebuilder:validation:Enum=ActiveDirectory
	// +required
	Name string `json:"name"`
}

// Relationship of a user to something else.
type Relationship struct {
	// Type of the relationship. 1 to 256 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Type string `json:"type"`
	// Value is what the user is related to. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// RestrictedField is a field that another system keeps.
type RestrictedField struct {
	// Field that is restricted.
	// +kubebuilder:validation:Enum=addresses;company;costCenter;department;description;displayname;email;employeeIdentifier;employeeType;firstname;jobTitle;lastname;location;middlename;password;phoneNumbers;sudo;username
	// +required
	Field string `json:"field"`
	// ID of the system that keeps the field. At most 24 characters. Absent: no
	// single one.
	// +kubebuilder:validation:MaxLength=24
	// +optional
	ID string `json:"id,omitempty"`
	// Type of the system that keeps the field.
	// +kubebuilder:validation:Enum=active_directory;federated_identity_provider;scim
	// +required
	Type string `json:"type"`
}
