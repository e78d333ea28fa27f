package follow

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Sight is what one reading of the directory showed of a subject.
type Sight struct {
	// Decision is what to do about the row; nil if there is no row.
	Decision *plan.Decision
	// Users are the users with the id or one of the usernames that were looked for, including
	// those of managers.
	Users []directory.User
	// Hides is set if a user has a username or an id that cannot be read.
	Hides bool
}

// User returns the user with the id, or nil if it was not seen.
func (s *Sight) User(id string) *directory.User {
	for i := range s.Users {
		if s.Users[i].ID == id {
			return &s.Users[i]
		}
	}
	return nil
}
