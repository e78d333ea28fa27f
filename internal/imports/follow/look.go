// Package follow looks at the user of one row again and again, for an object that declares
// one, by readings of the directory that all objects of an organization share.
package follow

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Subject is who is looked for.
type Subject struct {
	// Row declares the user; nil: the user is looked for, and nothing is decided.
	Row *rows.Row
	// UserID of the user, and Creating is the username by which the user may just have been
	// created; "" where there is none.
	UserID, Creating string
	// Foreign, NoPrivileges and Salt are those of plan.Options.
	Foreign            bool
	NoPrivileges, Salt string
	// Omits is set where the user is, or was, created without what JumpCloud refused.
	Omits bool
	// Kept are values of the user that JumpCloud keeps in another form than the row's.
	Kept []v1alpha1.KeptValue
}

// Look is how an object looks at its user. There is one for each object, so little is kept
// in it. The zero value is ready for use.
type Look struct {
	*following        // nil: nothing was looked at yet
	sight      *Sight // the latest
	// planned is when changes were last planned from what was seen: what is live by then
	// has changed.
	planned time.Time
}

// following is a look at one subject. Readings use it, whoever makes them, so it does not
// change.
type following struct {
	session  *session.Session
	subject  Subject
	names    []string // the usernames that are looked for
	follower *directory.Follower[*Sight]
}

// At returns what a reading shows of the user that is newer than a time. Its errors are
// those of directory.Follower.
func (l *Look) At(ctx context.Context, s *session.Session, subject *Subject, newerThan time.Time) (*Sight, directory.Result, error) {
	if l.following == nil || l.session != s || !l.isAt(subject) {
		l.Stop()
		*l = Look{following: begin(s, *subject)}
	}
	if newerThan.Before(l.planned) {
		newerThan = l.planned
	}
	sight, result, err := l.follower.Advance(ctx, newerThan, s.Spec.ResyncInterval.Duration)
	l.sight = sight
	return sight, result, err
}

// Planned is to be called where changes were planned from what was seen.
func (l *Look) Planned() {
	if l.following != nil {
		l.planned = time.Now()
		l.follower.Renew()
	}
}

// Stop ends the look.
func (l *Look) Stop() {
	if l.following != nil {
		l.follower.Stop()
	}
}

// isAt reports whether the look is at the subject already, as it is now.
func (l *Look) isAt(subject *Subject) bool {
	now := &l.subject
	return (now.UserID == subject.UserID || l.saw(subject.UserID)) && (subject.Creating == "" || slices.Contains(l.names, subject.Creating)) &&
		now.NoPrivileges == subject.NoPrivileges && now.Omits == subject.Omits && slices.Equal(now.Kept, subject.Kept) &&
		(now.Row == nil) == (subject.Row == nil) && (now.Row == nil || slices.Equal(now.Row.Fields, subject.Row.Fields))
}

// saw reports whether the latest sight is of the user of that id, and of the row by it.
func (l *Look) saw(id string) bool {
	if l.sight == nil {
		return false
	}
	user := l.sight.User(id)
	return user != nil && (l.subject.Row == nil || user.Username == l.subject.Row.Username())
}

// begin begins to look at a subject.
func begin(s *session.Session, subject Subject) *following {
	f := &following{session: s, subject: subject}
	keys := directory.Keys{IDs: []string{subject.UserID}, Usernames: []string{subject.Creating}}
	if row := subject.Row; row != nil {
		usernames, emails := f.matcher().ManagerReferences([]*rows.Row{row})
		keys.Usernames = slices.Concat(keys.Usernames, []string{row.Username()}, usernames)
		keys.Emails = slices.Concat(emails, []string{row.Email()})
		keys.EmployeeIdentifiers = []string{row.EmployeeIdentifier()}
	}
	f.names = keys.Usernames
	f.follower = directory.Follow(s.Users, keys, f.read)
	return f
}

// read begins with what a reading shows: it finds the user and compares it with the row.
func (f *following) read() (visit func(*jumpcloud.User), end func() *Sight) {
	s := &Sight{}
	if f.subject.Row == nil {
		return func(u *jumpcloud.User) { f.visit(s, u) }, func() *Sight { return s }
	}
	matcher := f.matcher()
	visit = func(u *jumpcloud.User) {
		f.visit(s, u)
		matcher.Visit(u)
	}
	return visit, func() *Sight {
		s.Decision = &matcher.Decide()[0]
		return s
	}
}

// visit takes a user in.
func (f *following) visit(s *Sight, u *jumpcloud.User) {
	s.Hides = s.Hides || u.ID == "" || u.Unread.Has("username")
	user := directory.UserOf(u)
	if u.ID != "" && (u.ID == f.subject.UserID || user.Username != "" && slices.Contains(f.names, user.Username)) {
		s.Users = append(s.Users, user)
	}
}

// matcher compares users with the row.
func (f *following) matcher() *plan.Matcher {
	subject := &f.subject
	return plan.NewMatcher(plan.Options{
		Operation: v1alpha1.OperationUpsert, UserID: subject.UserID,
		Protected: f.session.Spec.ProtectedUsers, Foreign: subject.Foreign, NoPrivileges: subject.NoPrivileges,
		Omitted: map[int]bool{subject.Row.Number: subject.Omits}, Salt: subject.Salt,
		Kept: func(string) []v1alpha1.KeptValue { return subject.Kept },
	}, []*rows.Row{subject.Row})
}
