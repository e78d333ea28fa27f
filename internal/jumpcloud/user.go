package jumpcloud

import "encoding/json"

// State is a user's state in its life cycle, in JumpCloud's spelling.
type State string

// The states (documented: API schema v1). Staged users cannot log in and get no mail. No user
// becomes STAGED again: updates accept only the other two.
const (
	StateStaged    State = "STAGED"
	StateActivated State = "ACTIVATED"
	StateSuspended State = "SUSPENDED"
)

// User is a user as JumpCloud returns it (v1 system user; documented). A nil pointer or slice
// is a member that the answer did not contain, perhaps because it was not among the fields
// asked for, or one that could not be read.
type User struct {
	// ID is 24 hexadecimal digits, lower case. Ids sort in the order of creation. ID is empty
	// only in lists, for a user whose id could not be read.
	ID string `json:"_id"`
	// Unread are the members whose values are unknown.
	Unread Unread `json:"-"`
	UserAttributes

	// Activated reports that the user completed the activation or got a password (observed);
	// it is not the same as State == ACTIVATED.
	Activated *bool `json:"activated,omitempty"`
	// Suspended mirrors State == SUSPENDED. It is never sent: JumpCloud refuses a
	// contradiction to the state, and the state alone is enough (observed).
	Suspended *bool `json:"suspended,omitempty"`
	// Admin is set if the user is linked to an administrator.
	Admin *Admin `json:"admin,omitempty"`
	// Organization is the organization's id.
	Organization string `json:"organization,omitempty"`
	// Created is RFC 3339, in UTC.
	Created        string         `json:"created,omitempty"`
	CreationSource string         `json:"creationSource,omitempty"`
	RecoveryEmail  *RecoveryEmail `json:"recoveryEmail,omitempty"`
}

func (u *User) valid() bool { return u.ID != "" }

func (u *User) shows() bool { return u.ID != "" || u.Username != nil }

// UnmarshalJSON never fails for JSON: see Unread.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	*u = User{}
	u.Unread = decodeRecord(data, (*plain)(u))
	if u.ID == "" && u.Username == nil {
		u.Unread = Unread{wholeRecord} // not recognizable as a user
	} else if u.ID == "" && !u.Unread.Has("_id") {
		u.Unread = append(u.Unread, "_id")
	}
	return nil
}

// UserAttributes are the members that JumpCloud's create, bulk update and read schemas share.
// In a request, a nil pointer or slice is not sent and leaves the value as it is; a pointer to
// "" and an empty, non-nil slice clear it. Times are strings as JumpCloud writes them: RFC
// 3339, but some are bare dates (observed), and one odd value must not spoil a whole page.
type UserAttributes struct {
	// Username is unique; it is case-sensitive (documented).
	Username *string `json:"username,omitempty"`
	// Email is unique and lower-cased by JumpCloud (documented, observed).
	Email       *string `json:"email,omitempty"`
	Firstname   *string `json:"firstname,omitempty"`
	Middlename  *string `json:"middlename,omitempty"`
	Lastname    *string `json:"lastname,omitempty"`
	Displayname *string `json:"displayname,omitempty"`
	State       *State  `json:"state,omitempty"`

	// An update replaces Attributes, Addresses and PhoneNumbers as a whole (observed for
	// single users, assumed for bulk updates).
	Attributes   []CustomAttribute `json:"attributes,omitzero"`
	Addresses    []Address         `json:"addresses,omitzero"`
	PhoneNumbers []PhoneNumber     `json:"phoneNumbers,omitzero"`

	Company      *string `json:"company,omitempty"`
	CostCenter   *string `json:"costCenter,omitempty"`
	Department   *string `json:"department,omitempty"`
	EmployeeType *string `json:"employeeType,omitempty"`
	JobTitle     *string `json:"jobTitle,omitempty"`
	Location     *string `json:"location,omitempty"`
	Description  *string `json:"description,omitempty"`
	// EmployeeIdentifier is unique if set, and has at most 256 characters (documented).
	EmployeeIdentifier *string `json:"employeeIdentifier,omitempty"`
	// Manager is a user's id.
	Manager        *string `json:"manager,omitempty"`
	AlternateEmail *string `json:"alternateEmail,omitempty"`
	ManagedAppleID *string `json:"managedAppleId,omitempty"`

	MFA                           *MFA   `json:"mfa,omitempty"`
	EnableUserPortalMultifactor   *bool  `json:"enable_user_portal_multifactor,omitempty"`
	PasswordNeverExpires          *bool  `json:"password_never_expires,omitempty"`
	AccountLocked                 *bool  `json:"account_locked,omitempty"`
	DisableDeviceMaxLoginAttempts *bool  `json:"disableDeviceMaxLoginAttempts,omitempty"`
	Sudo                          *bool  `json:"sudo,omitempty"`
	PasswordlessSudo              *bool  `json:"passwordless_sudo,omitempty"`
	AllowPublicKey                *bool  `json:"allow_public_key,omitempty"`
	LDAPBindingUser               *bool  `json:"ldap_binding_user,omitempty"`
	SambaServiceUser              *bool  `json:"samba_service_user,omitempty"`
	EnableManagedUID              *bool  `json:"enable_managed_uid,omitempty"`
	UnixUID                       *int64 `json:"unix_uid,omitempty"`
	UnixGUID                      *int64 `json:"unix_guid,omitempty"`

	PublicKey                      *string             `json:"public_key,omitempty"`
	ExternallyManaged              *bool               `json:"externally_managed,omitempty"`
	ExternalDN                     *string             `json:"external_dn,omitempty"`
	ExternalSourceType             *string             `json:"external_source_type,omitempty"`
	ExternalPasswordExpirationDate *string             `json:"external_password_expiration_date,omitempty"`
	DelegatedAuthority             *DelegatedAuthority `json:"delegatedAuthority,omitempty"`
	Relationships                  []Relationship      `json:"relationships,omitzero"`
	RestrictedFields               []RestrictedField   `json:"restrictedFields,omitzero"`
}

// CustomAttribute is a name of letters and digits (observed) and a value of at most 1024
// characters (documented). Its JumpCloud id is not kept.
type CustomAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Address is a user's address. Its JumpCloud id is not kept.
type Address struct {
	// Type distinguishes a user's addresses: home and work (observed).
	Type            string  `json:"type"`
	StreetAddress   *string `json:"streetAddress,omitempty"`
	ExtendedAddress *string `json:"extendedAddress,omitempty"`
	POBox           *string `json:"poBox,omitempty"`
	Locality        *string `json:"locality,omitempty"`
	Region          *string `json:"region,omitempty"`
	PostalCode      *string `json:"postalCode,omitempty"`
	Country         *string `json:"country,omitempty"`
}

// PhoneNumber is a user's phone number. Its JumpCloud id is not kept.
type PhoneNumber struct {
	// Type distinguishes a user's numbers: mobile, home, work, work_mobile and work_fax
	// (observed).
	Type   string `json:"type"`
	Number string `json:"number"`
}

// MFA is a user's multi-factor setting. For staged users JumpCloud takes ExclusionDays, at
// least 1; for all others ExclusionUntil, RFC 3339 (observed).
type MFA struct {
	Configured     *bool   `json:"configured,omitempty"`
	Exclusion      *bool   `json:"exclusion,omitempty"`
	ExclusionDays  *int64  `json:"exclusionDays,omitempty"`
	ExclusionUntil *string `json:"exclusionUntil,omitempty"`
}

// RecoveryEmail is the address for recovering a lost password. Create accepts it, update does
// not (documented).
type RecoveryEmail struct {
	Address string `json:"address"`
}

// DelegatedAuthority names the system that keeps a user's password: "ActiveDirectory"
// (documented).
type DelegatedAuthority struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Relationship is a user's relationship to something else.
type Relationship struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// RestrictedField is a member that another system manages. ID has at most 24 characters
// (documented).
type RestrictedField struct {
	Field string `json:"field"`
	ID    string `json:"id,omitempty"`
	Type  string `json:"type"`
}

// Admin is the administrator that a user is linked to.
type Admin struct {
	ID string `json:"id"`
}

// UnmarshalJSON accepts anything but null as an administrator: that the user is linked to one
// matters more than which, and one user whose member has another shape must not make the
// directory unreadable.
func (a *Admin) UnmarshalJSON(data []byte) error {
	var known struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(data, &known) == nil {
		a.ID = known.ID
	}
	return nil
}
