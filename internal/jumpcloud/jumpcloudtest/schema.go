package jumpcloudtest

// verb is the call, or the kind of row, that states an attribute.
type verb uint8

const (
	verbCreate     verb = 1 << iota // POST /systemusers and POST /bulk/users
	verbUpdate                      // PUT /systemusers/{id}
	verbBulkUpdate                  // PATCH /bulk/users

	onUpdates = verbUpdate | verbBulkUpdate
	onAll     = verbCreate | onUpdates
)

// attribute says which calls accept an attribute, and in which form.
type attribute struct {
	on    verb
	check check
}

// longest is the limit of plain strings, in characters. It is documented for updates and
// answers, and for some attributes on create.
const longest = 1024

// schema is what each call accepts (documented). Members that are not in it, or not for the
// call, are ignored or refused: Behavior.RejectUnknownFields.
var schema = map[string]attribute{
	"username":    {onAll, text(longest)},
	"email":       {onAll, text(longest)},
	"firstname":   {onAll, text(longest)},
	"middlename":  {onAll, text(longest)},
	"lastname":    {onAll, text(longest)},
	"displayname": {onAll, text(longest)},

	"state":          {onAll, text(longest)}, // its enumeration depends on the verb
	"suspended":      {onAll, boolean},
	"activated":      {verbCreate, boolean},
	"account_locked": {onAll, boolean},
	"password":       {onAll, text(longest)},

	"attributes":   {onAll, customAttributes},
	"addresses":    {onAll, items("type", "streetAddress", "extendedAddress", "poBox", "locality", "region", "postalCode", "country")},
	"phoneNumbers": {onAll, items("type", "number")},

	"company":            {onAll, text(longest)},
	"costCenter":         {onAll, text(longest)},
	"department":         {onAll, text(longest)},
	"employeeType":       {onAll, text(longest)},
	"jobTitle":           {onAll, text(longest)},
	"location":           {onAll, text(longest)},
	"description":        {onAll, text(longest)},
	"employeeIdentifier": {onAll, text(256)},
	"manager":            {onAll, text(longest)},
	"alternateEmail":     {onAll, text(longest)},
	"managedAppleId":     {onAll, text(longest)},
	"recoveryEmail":      {verbCreate, recoveryEmail},

	"mfa":                            {onAll, multiFactor},
	"enable_user_portal_multifactor": {onAll, boolean},

	"password_never_expires":            {onAll, boolean},
	"sudo":                              {onAll, boolean},
	"passwordless_sudo":                 {verbCreate | verbBulkUpdate, boolean},
	"allow_public_key":                  {onAll, boolean},
	"ldap_binding_user":                 {onAll, boolean},
	"samba_service_user":                {onAll, boolean},
	"enable_managed_uid":                {onAll, boolean},
	"disableDeviceMaxLoginAttempts":     {onAll, boolean},
	"externally_managed":                {onAll, boolean},
	"public_key":                        {onAll, text(longest)},
	"ssh_keys":                          {onUpdates, sshKeys},
	"unix_uid":                          {onAll, positive},
	"unix_guid":                         {onAll, positive},
	"external_dn":                       {onAll, text(longest)},
	"external_source_type":              {onAll, text(longest)},
	"external_password_expiration_date": {onAll, text(longest)},

	"delegatedAuthority": {onAll, object},
	"relationships":      {onAll, items("type", "value")},
	"restrictedFields":   {onAll, items("field", "type", "id")},

	"id":           {verbBulkUpdate, text(longest)}, // identifies the user
	"organization": {verbBulkUpdate, text(longest)}, // accepted and without effect
}

// plainStrings are the attributes that Behavior.EmptyStrings returns as "".
var plainStrings = []string{
	"firstname", "middlename", "lastname", "displayname", "company", "costCenter", "department",
	"employeeType", "jobTitle", "location", "description", "employeeIdentifier", "manager",
	"alternateEmail", "managedAppleId", "public_key", "external_dn", "external_source_type",
}

// accept returns the members of in that the verb accepts, checked and in their stored form. A
// null becomes nil: it removes the attribute.
func (o *Organization) accept(on verb, in map[string]any) (map[string]any, *refusal) {
	out := make(map[string]any, len(in))
	for name, value := range in {
		attribute, known := schema[name]
		if !known || attribute.on&on == 0 {
			if o.behavior.RejectUnknownFields {
				return nil, refuse(400, "\""+name+"\" is not allowed")
			}
			continue
		}
		if value == nil {
			out[name] = nil
			continue
		}
		checked, problem := attribute.check(value)
		if problem != "" {
			return nil, refuse(400, name+": "+problem)
		}
		out[name] = checked
	}
	return out, nil
}
