package export

import (
	"strings"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// people are the users by id.
type people map[string]*jumpcloud.User

func peopleOf(users []jumpcloud.User) people {
	all := people{}
	for i := range users {
		if users[i].ID != "" {
			all[users[i].ID] = &users[i]
		}
	}
	return all
}

// find returns a reference to a user by username, or by id if the username cannot be read, and
// reports whether the user exists.
func (p people) find(id string) (v1alpha1.UserReference, bool) {
	user, known := p[id]
	if !known {
		return v1alpha1.UserReference{}, false
	}
	if name := ptr.Deref(user.Username, ""); name != "" {
		return v1alpha1.UserReference{Username: name}, true
	}
	return v1alpha1.UserReference{ID: id}, true
}

// name returns the name of a user for people.
func (p people) name(id string) string {
	if reference, known := p.find(id); known {
		return reference.String()
	}
	return id
}

// spellings counts the users of each username, ignoring case: it is not known whether
// JumpCloud distinguishes two that differ only by case.
func spellings(users []jumpcloud.User) map[string]int {
	counts := map[string]int{}
	for i := range users {
		counts[strings.ToLower(ptr.Deref(users[i].Username, ""))]++
	}
	return counts
}
