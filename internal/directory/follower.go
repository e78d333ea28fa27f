package directory

import (
	"context"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Follower looks at the users of the same keys again and again, for one object. It shares its
// readings with all Followers of the organization: those that want a reading at about the same
// time wait for each other, and a list shows its users to all of them, including those that do
// not want a reading yet. S is what is kept from a reading.
type Follower[S any] struct {
	*following
	latest S // guarded by gathering.mu
}

// following is a Follower without its S.
type following struct {
	users *Users
	keys  Keys
	// begin starts taking in what a reading shows; end stores it.
	begin func() (visit func(*jumpcloud.User), end func())
	// result of the latest complete reading; guarded by gathering.mu.
	result Result
}

// Follow returns a Follower of the users with the keys, of which there must be at least one.
// begin is called for each reading: visit is called for users like that of Users.Read, and end
// returns what is kept, once all users were shown.
func Follow[S any](u *Users, keys Keys, begin func() (visit func(*jumpcloud.User), end func() S)) *Follower[S] {
	f := &Follower[S]{following: &following{users: u, keys: keys}}
	f.begin = func() (func(*jumpcloud.User), func()) {
		visit, end := begin()
		return visit, func() { f.latest = end() }
	}
	u.shared.gathering.add(f.following)
	return f
}

// Stop removes the Follower.
func (f *Follower[S]) Stop() { f.users.shared.gathering.remove(f.following) }

// Renew makes the next Advance look again.
func (f *Follower[S]) Renew() {
	g := &f.users.shared.gathering
	g.mu.Lock()
	defer g.mu.Unlock()
	f.result = Result{}
}

// Advance returns what the latest complete reading showed that began at newerThan or later. A
// *GatheringError says that there is none yet: the call joins the next reading, and must be
// repeated. After other errors, repeating the call also continues the reading. maxAge is how
// old readings get before a Follower wants another one: if many are about to want one, a list
// is read.
func (f *Follower[S]) Advance(ctx context.Context, newerThan time.Time, maxAge time.Duration) (seen S, result Result, err error) {
	g := &f.users.shared.gathering
	newerThan = notAfter(newerThan, time.Now())
	known := func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		seen, result = f.latest, f.result
		return !result.Ended.IsZero() && !result.Began.Before(newerThan)
	}
	if known() {
		return seen, result, nil
	}
	if err := g.advance(ctx, f.following, newerThan, maxAge); err != nil {
		return seen, Result{}, err
	}
	if known() {
		return seen, result, nil
	}
	return seen, Result{}, &GatheringError{After: ReadingDelay}
}

// audience is the set of Followers to which a reading shows users.
type audience struct {
	members []*following
	visits  []func(*jumpcloud.User)
	ends    []func()
	// of holds the indexes of the members by their keys.
	of map[string][]int
	// latest holds, for each member, the number of the user that it was shown last.
	latest []int
	shown  int
}

func newAudience(members []*following) *audience {
	a := &audience{members: members, of: map[string][]int{}, latest: make([]int, len(members))}
	for i, member := range members {
		visit, end := member.begin()
		a.visits, a.ends = append(a.visits, visit), append(a.ends, end)
		for _, key := range member.keys.names() {
			a.of[key] = append(a.of[key], i)
		}
	}
	return a
}

// visit shows a user to the members that have one of its keys, and to all members if a key
// cannot be read.
func (a *audience) visit(user *jumpcloud.User) {
	a.shown++
	if user.ID == "" || user.Unread.Has(uniqueFields...) {
		for _, visit := range a.visits {
			visit(user)
		}
		return
	}
	for _, key := range keysOf(user) {
		for _, i := range a.of[key] {
			if a.latest[i] != a.shown {
				a.latest[i] = a.shown
				a.visits[i](user)
			}
		}
	}
}

// uniqueFields are the fields that keys refer to, besides the id.
var uniqueFields = []string{"username", "email", "employeeIdentifier"}

// names returns the keys in one form; a key may occur twice.
func (k Keys) names() []string {
	var all []string
	add := func(kind, value string) {
		if value != "" {
			all = append(all, kind+" "+value)
		}
	}
	for _, id := range k.IDs {
		add("_id", id)
	}
	for _, username := range k.Usernames {
		add("username", strings.ToLower(username))
	}
	for _, email := range k.Emails {
		add("email", strings.ToLower(email))
	}
	for _, identifier := range k.EmployeeIdentifiers {
		add("employeeIdentifier", identifier)
	}
	return all
}

// keysOf returns the keys of a user, in the form of Keys.names.
func keysOf(user *jumpcloud.User) []string {
	return Keys{
		IDs: []string{user.ID}, Usernames: []string{value(user.Username)}, Emails: []string{value(user.Email)},
		EmployeeIdentifiers: []string{value(user.EmployeeIdentifier)},
	}.names()
}
