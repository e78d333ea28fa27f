package directory

import (
	"context"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Follower looks at the users of the same keys again and again, for one object. It
// shares its readings with all Followers of the organization: those that want one at
// about the same time wait for each other, and a list shows its users to all of them,
// those that do not want it yet too. S is what is kept of what a reading showed.
type Follower[S any] struct {
	*following
	latest S // guarded by gathering.mu
}

// following is a Follower without what it sees.
type following struct {
	users *Users
	keys  Keys
	// begin begins with what a reading shows; end takes it in.
	begin func() (visit func(*jumpcloud.User), end func())
	// result of the latest complete reading; guarded by gathering.mu.
	result Result
}

// Follow returns a Follower of the users with the keys, of which there must be any. begin
// is called for each reading: visit takes a user as that of Users.Read does, and end
// returns what is kept, once all were shown.
func Follow[S any](u *Users, keys Keys, begin func() (visit func(*jumpcloud.User), end func() S)) *Follower[S] {
	f := &Follower[S]{following: &following{users: u, keys: keys}}
	f.begin = func() (func(*jumpcloud.User), func()) {
		visit, end := begin()
		return visit, func() { f.latest = end() }
	}
	u.shared.gathering.add(f.following)
	return f
}

// Stop ends the following.
func (f *Follower[S]) Stop() { f.users.shared.gathering.remove(f.following) }

// Renew has the next Advance look again.
func (f *Follower[S]) Renew() {
	g := &f.users.shared.gathering
	g.mu.Lock()
	defer g.mu.Unlock()
	f.result = Result{}
}

// Advance returns what the latest reading showed that began at newerThan or later, and
// was complete. A *GatheringError says that there is none yet: the call joins the next
// one, and is to be repeated. After other errors that goes on where it was, too. maxAge
// is how old readings get before a Follower wants another one: where many are about
// to, a list is read.
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

// audience are the Followers that a reading shows users to.
type audience struct {
	members []*following
	visits  []func(*jumpcloud.User)
	ends    []func()
	// of are the members by their keys.
	of map[string][]int
	// latest is the number of the user that a member was shown last.
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

// visit shows a user to the members that have a key of it, and to all if it may have any.
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

// uniqueFields are those that keys are of, besides the id.
var uniqueFields = []string{"username", "email", "employeeIdentifier"}

// names are the keys in one form; one may be there twice.
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

// keysOf are the keys of a user, in the form of Keys.names.
func keysOf(user *jumpcloud.User) []string {
	return Keys{
		IDs: []string{user.ID}, Usernames: []string{value(user.Username)}, Emails: []string{value(user.Email)},
		EmployeeIdentifiers: []string{value(user.EmployeeIdentifier)},
	}.names()
}
