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
	// Harm says how a change of the field may harm the user.
	Harm HarmRule
}

// UserFields is every field a row may state, in the order in which they are
// sent and listed. Classes follow JumpCloud's create, update and return
// schemas; recoveryEmail is not in the update schema, and for mfa no update
// was ever seen to work.
var UserFields = []UserField{
	{"username", "username", Comparable, FieldString, 1024, IdentityField},
	{"email", "email", Comparable, FieldEmail, 1024, IdentityField},
	{"password", "password", WriteOnly, FieldString, 1024, HarmlessField},
	{"state", "state", Comparable, FieldState, 0, StateField},
	{"firstname", "firstname", Comparable, FieldString, 1024, HarmlessField},
	{"middlename", "middlename", Comparable, FieldString, 1024, HarmlessField},
	{"lastname", "lastname", Comparable, FieldString, 1024, HarmlessField},
	{"displayname", "displayname", Comparable, FieldString, 1024, HarmlessField},
	{"attributes.*", "attributes.*", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.streetAddress", "addresses.*.streetAddress", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.extendedAddress", "addresses.*.extendedAddress", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.poBox", "addresses.*.poBox", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.locality", "addresses.*.locality", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.region", "addresses.*.region", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.postalCode", "addresses.*.postalCode", Comparable, FieldString, 1024, HarmlessField},
	{"addresses.*.country", "addresses.*.country", Comparable, FieldString, 1024, HarmlessField},
	{"phoneNumbers.*", "phoneNumbers.*", Comparable, FieldString, 1024, HarmlessField},
	{"company", "company", Comparable, FieldString, 1024, HarmlessField},
	{"costCenter", "costCenter", Comparable, FieldString, 1024, HarmlessField},
	{"department", "department", Comparable, FieldString, 1024, HarmlessField},
	{"employeeType", "employeeType", Comparable, FieldString, 1024, HarmlessField},
	{"jobTitle", "jobTitle", Comparable, FieldString, 1024, HarmlessField},
	{"location", "location", Comparable, FieldString, 1024, HarmlessField},
	{"description", "description", Comparable, FieldString, 1024, HarmlessField},
	{"employeeIdentifier", "employeeIdentifier", Comparable, FieldString, 256, HarmlessField},
	{"manager", "manager", Comparable, FieldString, 1024, HarmlessField},
	{"alternateEmail", "alternateEmail", Comparable, FieldEmail, 1024, IdentityField},
	{"managedAppleId", "managedAppleId", Comparable, FieldString, 1024, HarmlessField},
	{"recoveryEmail.address", "recoveryEmail.address", CreateOnly, FieldEmail, 1024, IdentityField},
	{"mfa.configured", "mfa.configured", CreateOnly, FieldBoolean, 0, DefenceField},
	{"mfa.exclusion", "mfa.exclusion", CreateOnly, FieldBoolean, 0, ExemptionField},
	{"mfa.exclusionDays", "mfa.exclusionDays", CreateOnly, FieldInteger, 0, ExemptionField},
	{"mfa.exclusionUntil", "mfa.exclusionUntil", CreateOnly, FieldTime, 0, ExemptionField},
	{"enableUserPortalMultifactor", "enable_user_portal_multifactor", Comparable, FieldBoolean, 0, DefenceField},
	{"passwordNeverExpires", "password_never_expires", Comparable, FieldBoolean, 0, ExemptionField},
	{"sudo", "sudo", Comparable, FieldBoolean, 0, PrivilegeField},
	{"passwordlessSudo", "passwordless_sudo", Comparable, FieldBoolean, 0, PrivilegeField},
	{"allowPublicKey", "allow_public_key", Comparable, FieldBoolean, 0, HarmlessField},
	{"ldapBindingUser", "ldap_binding_user", Comparable, FieldBoolean, 0, HarmlessField},
	{"sambaServiceUser", "samba_service_user", Comparable, FieldBoolean, 0, HarmlessField},
	{"enableManagedUid", "enable_managed_uid", Comparable, FieldBoolean, 0, HarmlessField},
	{"disableDeviceMaxLoginAttempts", "disableDeviceMaxLoginAttempts", Comparable, FieldBoolean, 0, HarmlessField},
	{"externallyManaged", "externally_managed", Comparable, FieldBoolean, 0, HarmlessField},
	{"accountLocked", "account_locked", Comparable, FieldBoolean, 0, LockField},
	{"publicKey", "public_key", Comparable, FieldString, 1024, HarmlessField},
	{"unixUid", "unix_uid", Comparable, FieldInteger, 0, HarmlessField},
	{"unixGuid", "unix_guid", Comparable, FieldInteger, 0, HarmlessField},
	{"externalDn", "external_dn", Comparable, FieldString, 1024, HarmlessField},
	{"externalSourceType", "external_source_type", Comparable, FieldString, 1024, HarmlessField},
	{"externalPasswordExpirationDate", "external_password_expiration_date", Comparable, FieldTime, 0, HarmlessField},
	{"delegatedAuthority", "delegatedAuthority", Comparable, FieldList, 0, HarmlessField},
	{"relationships", "relationships", Comparable, FieldList, 0, HarmlessField},
	{"restrictedFields", "restrictedFields", Comparable, FieldList, 0, HarmlessField},
}
