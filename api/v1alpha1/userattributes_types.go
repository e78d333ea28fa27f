package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// UserState is the state of a user.
// +kubebuilder:validation:Enum=Staged;Activated;Suspended
type UserState string

// The states of a user.
const (
	// UserStateStaged users exist but cannot log in. They get no mail.
	UserStateStaged UserState = "Staged"
	// UserStateActivated users can use their resources.
	UserStateActivated UserState = "Activated"
	// UserStateSuspended users are locked out.
	UserStateSuspended UserState = "Suspended"
)

// UserRow declares one user. A field that is absent is not changed in JumpCloud. An
// empty string clears the field.
type UserRow struct {
	// Username of the user. Unique and case-sensitive. At most 1024 characters: letters,
	// digits, dots, underscores and hyphens, starting with a letter. It cannot be
	// cleared. If absent, a User uses the name of its object, and an import does not
	// change the username.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username *string `json:"username,omitempty"`
	// Email of the user. Unique. At most 1024 characters. JumpCloud converts it to lower
	// case. It cannot be cleared, and is required to create a user. If absent, it is not
	// changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email *string `json:"email,omitempty"`
	// PasswordSecretRef refers to the initial password. It is sent only when the user
	// is created. If absent, no password is sent.
	// +optional
	PasswordSecretRef *KeyReference `json:"passwordSecretRef,omitempty"`

	UserAttributes `json:",inline"`
}

// UserAttributes are the fields of a user besides username, email and password. They
// have JumpCloud's names, with snake_case changed to lowerCamelCase.
type UserAttributes struct {
	// State of a created user. Defaults to Staged. Imports change the state of existing
	// users only as stateOnUpdate says; a User enforces it.
	// +optional
	State *UserState `json:"state,omitempty"`
	// Firstname of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Firstname *string `json:"firstname,omitempty"`
	// Middlename of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Middlename *string `json:"middlename,omitempty"`
	// Lastname of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Lastname *string `json:"lastname,omitempty"`
	// Displayname of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Displayname *string `json:"displayname,omitempty"`
	// Attributes are custom attributes; at most 100. They are merged with the live ones
	// by name. If absent, they are not changed.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Attributes []CustomAttribute `json:"attributes,omitempty"`
	// Addresses of the person; at most 16. They are merged with the live ones by type.
	// If absent, they are not changed.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Addresses []Address `json:"addresses,omitempty"`
	// PhoneNumbers of the person; at most 16. They are merged with the live ones by
	// type. If absent, they are not changed.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	PhoneNumbers []PhoneNumber `json:"phoneNumbers,omitempty"`
	// Company that employs the person. At most 1024 characters. An empty string clears
	// it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Company *string `json:"company,omitempty"`
	// CostCenter of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	CostCenter *string `json:"costCenter,omitempty"`
	// Department that the person works in. At most 1024 characters. An empty string
	// clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Department *string `json:"department,omitempty"`
	// EmployeeType of the person, such as Contractor. At most 1024 characters. An empty
	// string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	EmployeeType *string `json:"employeeType,omitempty"`
	// JobTitle of the person. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	JobTitle *string `json:"jobTitle,omitempty"`
	// Location that the person works at. At most 1024 characters. An empty string
	// clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Location *string `json:"location,omitempty"`
	// Description in free text. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Description *string `json:"description,omitempty"`
	// EmployeeIdentifier of the person. Unique if set. At most 256 characters. An empty
	// string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	EmployeeIdentifier *string `json:"employeeIdentifier,omitempty"`
	// Manager is another user's id, username or email. At most 1024 characters. An
	// empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Manager *string `json:"manager,omitempty"`
	// AlternateEmail is a second address of the person. Changing it is harmful. At most
	// 1024 characters. An empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	AlternateEmail *string `json:"alternateEmail,omitempty"`
	// ManagedAppleID of the person in Apple Business Manager. At most 1024 characters.
	// An empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ManagedAppleID *string `json:"managedAppleId,omitempty"`
	// RecoveryEmail is sent only when the user is created. If absent, none is sent.
	// +optional
	RecoveryEmail *RecoveryEmail `json:"recoveryEmail,omitempty"`
	// MFA of a user. It is sent only when the user is created, except for
	// exclusionDays. If absent, JumpCloud decides.
	// +optional
	MFA *MFA `json:"mfa,omitempty"`
	// EnableUserPortalMultifactor requires a second factor at the user portal. Turning
	// it off is harmful. If absent, it is not changed.
	// +optional
	EnableUserPortalMultifactor *bool `json:"enableUserPortalMultifactor,omitempty"`
	// PasswordNeverExpires exempts the password from the organization's expiry. Setting
	// it is harmful. If absent, it is not changed.
	// +optional
	PasswordNeverExpires *bool `json:"passwordNeverExpires,omitempty"`
	// Sudo makes the user an administrator of their devices. Granting it is harmful. If
	// absent, it is not changed.
	// +optional
	Sudo *bool `json:"sudo,omitempty"`
	// PasswordlessSudo lets the user run sudo without a password. Granting it is
	// harmful. If absent, it is not changed.
	// +optional
	PasswordlessSudo *bool `json:"passwordlessSudo,omitempty"`
	// AllowPublicKey lets the user log in with an SSH key. If absent, it is not
	// changed.
	// +optional
	AllowPublicKey *bool `json:"allowPublicKey,omitempty"`
	// LDAPBindingUser lets the user bind to and search LDAP. If absent, it is not
	// changed.
	// +optional
	LDAPBindingUser *bool `json:"ldapBindingUser,omitempty"`
	// SambaServiceUser makes the user the LDAP service account for Samba. If absent, it
	// is not changed.
	// +optional
	SambaServiceUser *bool `json:"sambaServiceUser,omitempty"`
	// EnableManagedUID applies unixUid and unixGuid on devices. If absent, it is not
	// changed.
	// +optional
	EnableManagedUID *bool `json:"enableManagedUid,omitempty"`
	// DisableDeviceMaxLoginAttempts exempts the user from being locked after failed
	// logins on a device. If absent, it is not changed.
	// +optional
	DisableDeviceMaxLoginAttempts *bool `json:"disableDeviceMaxLoginAttempts,omitempty"`
	// ExternallyManaged is deprecated by JumpCloud. Changing it makes JumpCloud rewrite
	// restrictedFields. If absent, it is not changed.
	// +optional
	ExternallyManaged *bool `json:"externallyManaged,omitempty"`
	// AccountLocked locks or unlocks the user. Both are harmful. If absent, it is not
	// changed.
	// +optional
	AccountLocked *bool `json:"accountLocked,omitempty"`
	// PublicKey for SSH. At most 1024 characters. An empty string clears it; if absent,
	// it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PublicKey *string `json:"publicKey,omitempty"`
	// UnixUID is the user id on devices; at least 1. If absent, it is not changed.
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixUID *int64 `json:"unixUid,omitempty"`
	// UnixGUID is the id of the primary group on devices; at least 1. If absent, it is
	// not changed.
	// +kubebuilder:validation:Minimum=1
	// +optional
	UnixGUID *int64 `json:"unixGuid,omitempty"`
	// ExternalDN is the distinguished name in the directory that the user comes from.
	// At most 1024 characters. An empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalDN *string `json:"externalDn,omitempty"`
	// ExternalSourceType is the kind of directory that the user comes from. At most
	// 1024 characters. An empty string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExternalSourceType *string `json:"externalSourceType,omitempty"`
	// ExternalPasswordExpirationDate is when the password expires in the directory that
	// the user comes from. If absent, it is not changed.
	// +optional
	ExternalPasswordExpirationDate *metav1.Time `json:"externalPasswordExpirationDate,omitempty"`
	// DelegatedAuthority is the authority that checks the user's password instead of
	// JumpCloud. If absent, it is not changed.
	// +optional
	DelegatedAuthority *DelegatedAuthority `json:"delegatedAuthority,omitempty"`
	// Relationships of the user; at most 16. The list replaces the live one. If absent,
	// it is not changed.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Relationships []Relationship `json:"relationships,omitempty"`
	// RestrictedFields are fields that another system manages; at most 32. The list
	// replaces the live one. If absent, it is not changed.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	RestrictedFields []RestrictedField `json:"restrictedFields,omitempty"`
}

// CustomAttribute is a name and a value that the organization defines.
type CustomAttribute struct {
	// Name of the attribute. 1 to 256 letters and digits.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Name string `json:"name"`
	// Value of the attribute. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// Address of a user. Fields that are absent are not changed in an existing address.
type Address struct {
	// Type of the address. It identifies the address. 1 to 64 characters. JumpCloud's
	// console uses home and work.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Type string `json:"type"`
	// StreetAddress with the house number. At most 1024 characters. An empty string
	// clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	StreetAddress *string `json:"streetAddress,omitempty"`
	// ExtendedAddress, such as a floor or a suite. At most 1024 characters. An empty
	// string clears it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	ExtendedAddress *string `json:"extendedAddress,omitempty"`
	// POBox of the address. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	POBox *string `json:"poBox,omitempty"`
	// Locality is the city. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Locality *string `json:"locality,omitempty"`
	// Region is the state or county. At most 1024 characters. An empty string clears
	// it; if absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Region *string `json:"region,omitempty"`
	// PostalCode of the address. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	PostalCode *string `json:"postalCode,omitempty"`
	// Country of the address. At most 1024 characters. An empty string clears it; if
	// absent, it is not changed.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Country *string `json:"country,omitempty"`
}

// PhoneNumber of a user.
type PhoneNumber struct {
	// Type of the number. It identifies the number. 1 to 64 characters. JumpCloud's
	// console uses mobile, home, work, work_mobile and work_fax.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Type string `json:"type"`
	// Number to dial. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Number string `json:"number"`
}

// RecoveryEmail is the address for recovering a lost password.
type RecoveryEmail struct {
	// Address for recovering the password. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Address string `json:"address"`
}

// MFA settings of a created user.
type MFA struct {
	// Configured states that the user has a second factor. If absent, JumpCloud
	// decides.
	// +optional
	Configured *bool `json:"configured,omitempty"`
	// Exclusion lets the user log in without a second factor. It is sent only when the
	// user is created. If absent, JumpCloud decides.
	// +optional
	Exclusion *bool `json:"exclusion,omitempty"`
	// ExclusionDays is the length of the exclusion of Staged users, in days; at least 1.
	// In an import, it is also how long existing users may take to enroll when the same
	// row turns on enableUserPortalMultifactor. If absent, JumpCloud decides.
	// +kubebuilder:validation:Minimum=1
	// +optional
	ExclusionDays *int64 `json:"exclusionDays,omitempty"`
	// ExclusionUntil is the end of the exclusion of users who are not Staged. If absent,
	// JumpCloud decides.
	// +optional
	ExclusionUntil *metav1.Time `json:"exclusionUntil,omitempty"`
}

// DelegatedAuthority is the authority that manages a user's password.
type DelegatedAuthority struct {
	// ID of the authority in JumpCloud. 1 to 64 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	ID string `json:"id"`
	// Name of the kind of authority: ActiveDirectory.
	// +kubebuilder:validation:Enum=ActiveDirectory
	// +required
	Name string `json:"name"`
}

// Relationship of a user to someone or something else.
type Relationship struct {
	// Type of the relationship. 1 to 256 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Type string `json:"type"`
	// Value of the relationship. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// RestrictedField is a field that another system manages.
type RestrictedField struct {
	// Field that is restricted.
	// +kubebuilder:validation:Enum=addresses;company;costCenter;department;description;displayname;email;employeeIdentifier;employeeType;firstname;jobTitle;lastname;location;middlename;password;phoneNumbers;sudo;username
	// +required
	Field string `json:"field"`
	// ID of the system that manages the field. At most 24 characters. If absent, no
	// single system does.
	// +kubebuilder:validation:MaxLength=24
	// +optional
	ID string `json:"id,omitempty"`
	// Type of the system that manages the field.
	// +kubebuilder:validation:Enum=active_directory;federated_identity_provider;scim
	// +required
	Type string `json:"type"`
}
