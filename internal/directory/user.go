package directory

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// User is what the shared snapshot keeps of a user: about 200 bytes in total. Values that the
// user does not have are empty.
type User struct {
	ID, Username, Email, EmployeeIdentifier string
	State                                   jumpcloud.State
	// Admin says that the user is linked to an administrator.
	Admin bool
	// Unread are the kinds of unique values that the user has and that could not be read.
	Unread KeyKinds
}

// UserOf returns what the directory keeps of a user.
func UserOf(u *jumpcloud.User) User {
	return User{
		ID: u.ID, Username: value(u.Username), Email: value(u.Email), EmployeeIdentifier: value(u.EmployeeIdentifier),
		State: value(u.State), Admin: u.Admin != nil, Unread: unreadKeys(u),
	}
}

// KeyKinds is a set of kinds of unique values of users.
type KeyKinds uint8

const (
	// IDKeys are ids.
	IDKeys KeyKinds = 1 << iota
	// UsernameKeys are usernames.
	UsernameKeys
	// EmailKeys are emails.
	EmailKeys
	// EmployeeIdentifierKeys are employeeIdentifiers.
	EmployeeIdentifierKeys
)

// unreadKeys returns the kinds of the user's unique values that could not be read.
func unreadKeys(u *jumpcloud.User) KeyKinds {
	var kinds KeyKinds
	for kind, member := range map[KeyKinds]string{
		IDKeys: "_id", UsernameKeys: "username", EmailKeys: "email", EmployeeIdentifierKeys: "employeeIdentifier",
	} {
		if u.Unread.Has(member) {
			kinds |= kind
		}
	}
	return kinds
}

// KindOf returns the kind of value by which a reference names a user.
func KindOf(ref v1alpha1.UserReference) KeyKinds {
	switch {
	case ref.Username != "":
		return UsernameKeys
	case ref.Email != "":
		return EmailKeys
	default:
		return IDKeys
	}
}

func value[S ~string](p *S) S {
	if p == nil {
		return ""
	}
	return *p
}
