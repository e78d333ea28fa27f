package directory

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// witness is a user who was seen recently. Each search asks for the witness last: if a server
// drops conditions without an error, its answer lacks the witness. Otherwise users would count
// as absent. The zero value is no witness.
type witness struct {
	id string
	// conditions are all conditions that find the witness.
	conditions []jumpcloud.Condition
}

// witnessFields are the fields that are read of a witness.
var witnessFields = []string{"_id", "username", "email", "employeeIdentifier"}

// witnessOf returns the last of the users who has an id, as a witness.
func witnessOf(users ...jumpcloud.User) witness {
	for _, user := range slices.Backward(users) {
		if user.ID != "" {
			return witness{user.ID, newKeySet(Keys{
				Usernames: []string{value(user.Username)}, Emails: []string{value(user.Email)},
				EmployeeIdentifiers: []string{value(user.EmployeeIdentifier)}, IDs: []string{user.ID},
			}).conditions()}
		}
	}
	return witness{}
}

// last returns the conditions, with those that find the witness at the end.
func (w witness) last(conditions []jumpcloud.Condition) []jumpcloud.Condition {
	if w.id == "" {
		return conditions
	}
	finds := func(c jumpcloud.Condition) bool { return slices.Contains(w.conditions, c) }
	others := slices.DeleteFunc(slices.Clone(conditions), finds)
	own := slices.DeleteFunc(slices.Clone(conditions), func(c jumpcloud.Condition) bool { return !finds(c) })
	return slices.Concat(others, own, []jumpcloud.Condition{{Field: "_id", Operator: jumpcloud.Equal, Value: w.id}})
}

// missing reports whether a page with all results lacks the witness: a condition was dropped,
// or the witness was deleted.
func (w witness) missing(page *jumpcloud.UserPage) bool {
	return w.id != "" && page.Skip == 0 && len(page.Users) >= page.TotalCount &&
		!slices.ContainsFunc(page.Users, func(user jumpcloud.User) bool { return user.ID == w.id })
}
