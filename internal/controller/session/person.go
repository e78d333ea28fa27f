package session

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Person is what the shared snapshot keeps of a user: about 200 bytes,
// everything included. What a user does not have is empty.
type Person struct {
	ID, Username, Email, EmployeeIdentifier string
	State                                   jumpcloud.State
	// Admin says that the user is linked to an administrator.
	Admin bool
	// Unread are the unique values that the user has and that could not be read.
	Unread KeyKinds
}

func personOf(u *jumpcloud.User) Person {
	return Person{
		ID: u.ID, Username: value(u.Username), Email: value(u.Email), EmployeeIdentifier: value(u.EmployeeIdentifier),
		State: value(u.State), Admin: u.Admin != nil, Unread: unreadKeys(u),
	}
}

// KeyKinds are kinds of unique values of users.
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

// unreadKeys are the unique values of the user that could not be read.
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

// kindOf is the kind of value that a reference names a user by.
func kindOf(ref v1alpha1.UserReference) KeyKinds {
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

// Protected says whether no kind may change, suspend or remove the user: an
// administrator, or one of the Organization's protectedUsers. Who may be one of
// them, because the value cannot be read that these are named by, is.
func (s *Session) Protected(p Person) bool {
	return p.Admin || slices.ContainsFunc(s.Spec.ProtectedUsers, func(ref v1alpha1.UserReference) bool {
		return ref.Names(p.ID, p.Username, p.Email) || p.Unread&kindOf(ref) != 0
	})
}

// snapshot is what a complete listing said of all users. It is immutable.
type snapshot struct {
	began, ended time.Time
	people       []Person // in the order of their ids
	// Places in people, in the order of usernames and of emails in lower case:
	// four bytes a user each, where a map takes fifty.
	byUsername, byEmail []int32
	// unread are the unique values that some user has and that could not be read.
	unread KeyKinds
}

func newSnapshot(began time.Time, people []Person) *snapshot {
	s := &snapshot{
		began: began, ended: time.Now(),
		people:     slices.Clone(people), // append has left room for more
		byUsername: make([]int32, len(people)), byEmail: make([]int32, len(people)),
	}
	slices.SortFunc(s.people, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	for i := range s.people {
		s.byUsername[i], s.byEmail[i] = int32(i), int32(i)
		s.unread |= s.people[i].Unread
	}
	slices.SortFunc(s.byUsername, func(a, b int32) int { return cmp.Compare(s.username(a), s.username(b)) })
	slices.SortFunc(s.byEmail, func(a, b int32) int { return cmp.Compare(s.email(a), s.email(b)) })
	return s
}

func (s *snapshot) username(i int32) string { return s.people[i].Username }
func (s *snapshot) email(i int32) string    { return strings.ToLower(s.people[i].Email) }

// find looks up a reference as normal returns it. What it finds, or that it
// finds nobody, is known unless it may be somebody whose value cannot be read.
func (s *snapshot) find(ref v1alpha1.UserReference) (person Person, found, known bool) {
	in := func(places []int32, value func(int32) string, wanted string) (Person, bool) {
		at, found := slices.BinarySearchFunc(places, wanted, func(i int32, wanted string) int { return cmp.Compare(value(i), wanted) })
		if !found {
			return Person{}, false
		}
		return s.people[places[at]], true
	}
	switch {
	case ref.Username != "":
		person, found = in(s.byUsername, s.username, ref.Username)
	case ref.Email != "":
		person, found = in(s.byEmail, s.email, ref.Email)
	default:
		var at int
		at, found = slices.BinarySearchFunc(s.people, ref.ID, func(p Person, id string) int { return cmp.Compare(p.ID, id) })
		if found {
			person = s.people[at]
		}
	}
	if found {
		return person, true, person.ID != ""
	}
	return Person{}, false, s.unread&kindOf(ref) == 0
}

// normal returns a reference in the form in which equal ones are equal.
func normal(ref v1alpha1.UserReference) v1alpha1.UserReference {
	ref.Email = strings.ToLower(ref.Email)
	return ref
}
