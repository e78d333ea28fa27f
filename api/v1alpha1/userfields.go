package v1alpha1

// FieldClass defines how the operator handles a field of a user.
type FieldClass string

const (
	// Comparable fields can be read back. They are planned, sent if they differ, and
	// verified after the job.
	Comparable FieldClass = "Comparable"
	// CreateOnly fields are sent for created users, and are neither compared nor
	// changed afterwards, because JumpCloud's update does not accept them, or is not
	// known to.
	CreateOnly FieldClass = "CreateOnly"
	// WriteOnly fields are sent for created users, and JumpCloud never returns them.
	WriteOnly FieldClass = "WriteOnly"
)

// FieldType is the type of a field's value.
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

// UserField describes one field of a user. Paths of nested fields have dots. In
// attributes, addresses and phoneNumbers, a * stands for the name or type that
// identifies the item.
type UserField struct {
	// Path in a UserRow.
	Path string
	// JumpCloud's path of the field.
	JumpCloud string
	Class     FieldClass
	Type      FieldType
	// MaxLength in characters. 0 means that the field has no limit of its own.
	MaxLength int
	// Harm defines how a change of the field may harm the user.
	Harm HarmRule
}

// UserFields lists every field that a row may state, in the order in which they are
// sent and listed. The classes follow JumpCloud's create, update and return schemas.
// recoveryEmail is not in the update schema, and no update of mfa is known to work.
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
