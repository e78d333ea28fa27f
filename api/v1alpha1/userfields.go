package v1alpha1

// FieldClass says what the operator does with a user's field.
type FieldClass string

const (
	// Comparable fields are read back: they are planned, sent where they
	// differ, and proved after the job.
	Comparable FieldClass = "Comparable"
	// CreateOnly fields are sent for users that are created, and neither
	// compared nor changed afterwards: JumpCloud's update does not take them,
	// or nothing shows that it does.
	CreateOnly FieldClass = "CreateOnly"
	// WriteOnly fields are sent for users that are created and are never returned.
	WriteOnly FieldClass = "WriteOnly"
)

// FieldType is how a field's value is written.
type FieldType string

// The types of fields.
const (
	FieldString  FieldType = "String"
	FieldEmail   FieldType = "Email"
	FieldBoolean FieldType = "Boolean"
	FieldInteger FieldType = "Integer"
	FieldTime    FieldType = "Time"
	// FieldState is one of the UserStates.
	FieldState FieldType = "State"
	// FieldList is a list or object that is compared as a whole.
	FieldList FieldType = "List"
)

// UserField describes one field of a user. Paths of nested fields are
// dotted; in attributes, addresses and phoneNumbers a * stands for the name
// or type that tells the items apart.
type UserField struct {
	// Path in a UserRow.
	Path string
	// JumpCloud's own path for it.
	JumpCloud string
	Class     FieldClass
	Type      FieldType
	// MaxLength in characters; 0 is no limit of its own.
	MaxLength int
}

// UserFields is every field a row may state, in the order in which they are
// sent and listed. Classes follow JumpCloud's create, update and return
// schemas; recoveryEmail is not in the update schema, and for mfa no update
// was ever seen to work.
var UserFields = []UserField{
	{"username", "username", Comparable, FieldString, 1024},
	{"email", "email", Comparable, FieldEmail, 1024},
	{"password", "password", WriteOnly, FieldString, 1024},
	{"state", "state", Comparable, FieldState, 0},
	{"firstname", "firstname", Comparable, FieldString, 1024},
	{"middlename", "middlename", Comparable, FieldString, 1024},
	{"lastname", "lastname", Comparable, FieldString, 1024},
	{"displayname", "displayname", Comparable, FieldString, 1024},
	{"attributes.*", "attributes.*", Comparable, FieldString, 1024},
	{"addresses.*.streetAddress", "addresses.*.streetAddress", Comparable, FieldString, 1024},
	{"addresses.*.extendedAddress", "addresses.*.extendedAddress", Comparable, FieldString, 1024},
	{"addresses.*.poBox", "addresses.*.poBox", Comparable, FieldString, 1024},
	{"addresses.*.locality", "addresses.*.locality", Comparable, FieldString, 1024},
	{"addresses.*.region", "addresses.*.region", Comparable, FieldString, 1024},
	{"addresses.*.postalCode", "addresses.*.postalCode", Comparable, FieldString, 1024},
	{"addresses.*.country", "addresses.*.country", Comparable, FieldString, 1024},
	{"phoneNumbers.*", "phoneNumbers.*", Comparable, FieldString, 1024},
	{"company", "company", Comparable, FieldString, 1024},
	{"costCenter", "costCenter", Comparable, FieldString, 1024},
	{"department", "department", Comparable, FieldString, 1024},
	{"employeeType", "employeeType", Comparable, FieldString, 1024},
	{"jobTitle", "jobTitle", Comparable, FieldString, 1024},
	{"location", "location", Comparable, FieldString, 1024},
	{"description", "description", Comparable, FieldString, 1024},
	{"employeeIdentifier", "employeeIdentifier", Comparable, FieldString, 256},
	{"manager", "manager", Comparable, FieldString, 1024},
	{"alternateEmail", "alternateEmail", Comparable, FieldEmail, 1024},
	{"managedAppleId", "managedAppleId", Comparable, FieldString, 1024},
	{"recoveryEmail.address", "recoveryEmail.address", CreateOnly, FieldEmail, 1024},
	{"mfa.configured", "mfa.configured", CreateOnly, FieldBoolean, 0},
	{"mfa.exclusion", "mfa.exclusion", CreateOnly, FieldBoolean, 0},
	{"mfa.exclusionDays", "mfa.exclusionDays", CreateOnly, FieldInteger, 0},
	{"mfa.exclusionUntil", "mfa.exclusionUntil", CreateOnly, FieldTime, 0},
	{"enableUserPortalMultifactor", "enable_user_portal_multifactor", Comparable, FieldBoolean, 0},
	{"passwordNeverExpires", "password_never_expires", Comparable, FieldBoolean, 0},
	{"sudo", "sudo", Comparable, FieldBoolean, 0},
	{"passwordlessSudo", "passwordless_sudo", Comparable, FieldBoolean, 0},
	{"allowPublicKey", "allow_public_key", Comparable, FieldBoolean, 0},
	{"ldapBindingUser", "ldap_binding_user", Comparable, FieldBoolean, 0},
	{"sambaServiceUser", "samba_service_user", Comparable, FieldBoolean, 0},
	{"enableManagedUid", "enable_managed_uid", Comparable, FieldBoolean, 0},
	{"disableDeviceMaxLoginAttempts", "disableDeviceMaxLoginAttempts", Comparable, FieldBoolean, 0},
	{"externallyManaged", "externally_managed", Comparable, FieldBoolean, 0},
	{"accountLocked", "account_locked", Comparable, FieldBoolean, 0},
	{"publicKey", "public_key", Comparable, FieldString, 1024},
	{"unixUid", "unix_uid", Comparable, FieldInteger, 0},
	{"unixGuid", "unix_guid", Comparable, FieldInteger, 0},
	{"externalDn", "external_dn", Comparable, FieldString, 1024},
	{"externalSourceType", "external_source_type", Comparable, FieldString, 1024},
	{"externalPasswordExpirationDate", "external_password_expiration_date", Comparable, FieldTime, 0},
	{"delegatedAuthority", "delegatedAuthority", Comparable, FieldList, 0},
	{"relationships", "relationships", Comparable, FieldList, 0},
	{"restrictedFields", "restrictedFields", Comparable, FieldList, 0},
}
