package jumpcloudtest

import (
	"maps"
	"slices"
	"strings"
)

// value returns an attribute as the API shows it; nil if it is missing.
func (u *user) value(name string) any {
	switch name {
	case "_id":
		return u.id
	case "organization":
		return u.organization
	case "suspended":
		return u.fields["state"] == suspended
	}
	if value, ok := u.fields[name]; ok {
		return value
	}
	switch name {
	case "activated":
		return u.password != ""
	case "account_locked", "password_expired", "totp_enabled":
		return false
	case "attributes", "addresses", "phoneNumbers":
		return []any{}
	case "mfa":
		return map[string]any{"configured": false, "exclusion": false}
	}
	return nil
}

// defaulted are the attributes that the API shows although no request stated them.
var defaulted = []string{
	"_id", "organization", "suspended", "activated", "account_locked", "password_expired",
	"totp_enabled", "attributes", "addresses", "phoneNumbers", "mfa",
}

// render returns a user as the API shows it: completely, or the named members and _id. It
// ignores names that do not exist.
func (o *Organization) render(u *user, names []string) User {
	b := o.behavior
	out := User{"_id": u.id}
	if b.AlsoID {
		out["id"] = u.id
	}
	if len(names) > 0 {
		for _, name := range names {
			if value := u.value(name); value != nil {
				out[name] = value
			} else if b.EmptyStrings && slices.Contains(plainStrings, name) {
				out[name] = ""
			}
		}
		return out
	}
	if b.EmptyStrings {
		for _, name := range plainStrings {
			out[name] = ""
		}
	}
	maps.Copy(out, u.fields)
	for _, name := range defaulted {
		out[name] = u.value(name)
	}
	return out
}

// texts calls visit with every value at a path such as "department" or "attributes.name", in
// the form that filters compare, until visit returns true. It reports whether visit did.
func (u *user) texts(path string, visit func(string) bool) bool {
	if value := u.value(path); value != nil {
		return visitTexts(value, "", visit)
	}
	name, rest, nested := strings.Cut(path, ".")
	return nested && visitTexts(u.value(name), rest, visit)
}

func visitTexts(value any, path string, visit func(string) bool) bool {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if visitTexts(element, path, visit) {
				return true
			}
		}
		return false
	case map[string]any:
		name, rest, _ := strings.Cut(path, ".")
		return name != "" && visitTexts(value[name], rest, visit)
	}
	text, ok := canonical(value)
	return ok && path == "" && visit(text)
}
