package directory

import (
	"maps"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Keys are the unique values of the users that a caller wants to know about. Empty values are
// ignored. No keys at all means every user.
type Keys struct {
	// Usernames are compared without case: names that differ only in case are found too.
	Usernames []string
	// ExactUsernames are compared with case, which takes one condition each. They prove
	// nothing about names that differ only in case.
	ExactUsernames []string
	// Emails are compared without case.
	Emails []string
	// EmployeeIdentifiers and IDs are compared with case.
	EmployeeIdentifiers, IDs []string
}

// keySet is Keys in a form for lookups.
type keySet struct {
	usernames, emails, employeeIdentifiers, ids idSet

	exact idSet // usernames as they were given
}

func newKeySet(keys Keys) *keySet {
	return &keySet{
		usernames: fold(keys.Usernames), emails: fold(keys.Emails),
		employeeIdentifiers: set(keys.EmployeeIdentifiers), ids: set(keys.IDs),
		exact: set(slices.Concat(keys.Usernames, keys.ExactUsernames)),
	}
}

// has checks locally whether a user that the server found has one of the keys.
func (k *keySet) has(user *jumpcloud.User) bool {
	in := func(s idSet, value *string, transform func(string) string) bool {
		if value == nil {
			return false
		}
		_, ok := s[transform(*value)]
		return ok
	}
	same := func(s string) string { return s }
	return in(k.ids, &user.ID, same) ||
		in(k.exact, user.Username, same) ||
		in(k.usernames, user.Username, strings.ToLower) ||
		in(k.emails, user.Email, strings.ToLower) ||
		in(k.employeeIdentifiers, user.EmployeeIdentifier, same)
}

// size returns the number of conditions.
func (k *keySet) size() int {
	return len(k.ids) + len(k.exact) + len(k.usernames) + len(k.emails) + len(k.employeeIdentifiers)
}

// conditions returns the conditions to search for, in a stable order. Usernames are also
// searched for exactly as given: that needs no regular expressions.
func (k *keySet) conditions() []jumpcloud.Condition {
	var all []jumpcloud.Condition
	equal := func(field string, values []string) {
		for _, value := range values {
			all = append(all, jumpcloud.Condition{Field: field, Operator: jumpcloud.Equal, Value: value})
		}
	}
	equal("_id", sorted(k.ids))
	equal("username", sorted(k.exact))
	for _, username := range sorted(k.usernames) {
		all = append(all, jumpcloud.EqualFold("username", username))
	}
	equal("email", sorted(k.emails))
	equal("employeeIdentifier", sorted(k.employeeIdentifiers))
	return all
}

func fold(values []string) idSet {
	s := idSet{}
	for _, value := range values {
		s.add(strings.ToLower(value))
	}
	delete(s, "")
	return s
}

func set(values []string) idSet {
	s := idSet{}
	for _, value := range values {
		s.add(value)
	}
	delete(s, "")
	return s
}

func sorted(s idSet) []string { return slices.Sorted(maps.Keys(s)) }
