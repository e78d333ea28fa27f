package directory

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// witness is a user who was seen lately. Each search asks for the witness last: a
// server that leaves out conditions without an error shows that by an answer that
// lacks the witness. Without that, users would pass for absent. The zero value is
// no witness.
type witness struct {
	id string
	// conditions are those that find the witness, too.
	conditions []jumpcloud.Condition
}

// witnessFields are what is read of a witness.
var witnessFields = []string{"_id", "username", "email", "employeeIdentifier"}

// witnessOf returns the last of the users who has an id.
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

// missing reports whether a page of all results lacks the witness: a condition was
// left out, or the witness was deleted.
func (w witness) missing(page *jumpcloud.UserPage) bool {
	return w.id != "" && page.Skip == 0 && len(page.Users) >= page.TotalCount &&
		!slices.ContainsFunc(page.Users, func(user jumpcloud.User) bool { return user.ID == w.id })
}
