package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// snapshot is what a complete listing said about all users. It is immutable.
type snapshot struct {
	began, ended time.Time
	users        []User // in the order of their ids
	// Indexes into users, in the order of usernames and of emails in lower case: four bytes
	// per user each, where a map takes fifty.
	byUsername, byEmail []int32
	// unread are the kinds of unique values that could not be read for some user.
	unread KeyKinds
}

func newSnapshot(began, ended time.Time, users []User) *snapshot {
	s := &snapshot{
		began: began, ended: ended,
		users:      slices.Clone(users), // append has left room for more
		byUsername: make([]int32, len(users)), byEmail: make([]int32, len(users)),
	}
	slices.SortFunc(s.users, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	for i := range s.users {
		s.byUsername[i], s.byEmail[i] = int32(i), int32(i)
		s.unread |= s.users[i].Unread
	}
	slices.SortFunc(s.byUsername, func(a, b int32) int { return cmp.Compare(s.username(a), s.username(b)) })
	slices.SortFunc(s.byEmail, func(a, b int32) int { return cmp.Compare(s.email(a), s.email(b)) })
	return s
}

func (s *snapshot) username(i int32) string { return s.users[i].Username }
func (s *snapshot) email(i int32) string    { return strings.ToLower(s.users[i].Email) }

// find looks up a reference in its normal form. The result, including that there is no such
// user, is known unless it may be a user whose value cannot be read.
func (s *snapshot) find(ref v1alpha1.UserReference) (user User, found, known bool) {
	in := func(places []int32, value func(int32) string, wanted string) (User, bool) {
		at, found := slices.BinarySearchFunc(places, wanted, func(i int32, wanted string) int { return cmp.Compare(value(i), wanted) })
		if !found {
			return User{}, false
		}
		return s.users[places[at]], true
	}
	switch {
	case ref.Username != "":
		user, found = in(s.byUsername, s.username, ref.Username)
	case ref.Email != "":
		user, found = in(s.byEmail, s.email, ref.Email)
	default:
		var at int
		at, found = slices.BinarySearchFunc(s.users, ref.ID, func(p User, id string) int { return cmp.Compare(p.ID, id) })
		if found {
			user = s.users[at]
		}
	}
	if found {
		return user, true, user.ID != ""
	}
	return User{}, false, s.unread&KindOf(ref) == 0
}

// answer returns what the snapshot says about a reference.
func (s *snapshot) answer(ref v1alpha1.UserReference) answer {
	user, found, known := s.find(ref)
	return answer{user, found, known, s.began, s.ended}
}
