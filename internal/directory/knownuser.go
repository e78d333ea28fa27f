package directory

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// knownUser is a user who was seen recently. Each search asks for the known user last: if a
// server drops conditions without an error, its answer lacks the known user. Otherwise users
// would count as absent. The zero value is no known user.
type knownUser struct {
	id string
	// conditions are all conditions that find the known user.
	conditions []jumpcloud.Condition
}

// knownUserFields are the fields that are read of a known user.
var knownUserFields = []string{"_id", "username", "email", "employeeIdentifier"}

// knownUserOf returns the last of the users who has an id, as a known user.
func knownUserOf(users ...jumpcloud.User) knownUser {
	for _, user := range slices.Backward(users) {
		if user.ID != "" {
			return knownUser{user.ID, newKeySet(Keys{
				Usernames: []string{value(user.Username)}, Emails: []string{value(user.Email)},
				EmployeeIdentifiers: []string{value(user.EmployeeIdentifier)}, IDs: []string{user.ID},
			}).conditions()}
		}
	}
	return knownUser{}
}

// last returns the conditions, with those that find the known user at the end.
func (u knownUser) last(conditions []jumpcloud.Condition) []jumpcloud.Condition {
	if u.id == "" {
		return conditions
	}
	finds := func(c jumpcloud.Condition) bool { return slices.Contains(u.conditions, c) }
	others := slices.DeleteFunc(slices.Clone(conditions), finds)
	own := slices.DeleteFunc(slices.Clone(conditions), func(c jumpcloud.Condition) bool { return !finds(c) })
	return slices.Concat(others, own, []jumpcloud.Condition{{Field: "_id", Operator: jumpcloud.Equal, Value: u.id}})
}

// missing reports whether a page with all results lacks the known user: a condition was dropped,
// or the known user was deleted.
func (u knownUser) missing(page *jumpcloud.UserPage) bool {
	return u.id != "" && page.Skip == 0 && len(page.Users) >= page.TotalCount &&
		!slices.ContainsFunc(page.Users, func(user jumpcloud.User) bool { return user.ID == u.id })
}
