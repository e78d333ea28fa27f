package follow

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// Sight is what one reading of the directory showed of a subject.
type Sight struct {
	// Decision is what is to become of the row; nil: there is none.
	Decision *plan.Decision
	// Users are those with the id or one of the usernames that were looked for, the
	// managers' among them.
	Users []directory.User
	// Hides is set where a user has a username or an id that cannot be read.
	Hides bool
}

// User returns the one of an id; nil: it was not seen.
func (s *Sight) User(id string) *directory.User {
	for i := range s.Users {
		if s.Users[i].ID == id {
			return &s.Users[i]
		}
	}
	return nil
}
