// Package follow repeatedly looks at the user of one row, for an object that declares one. It
// uses readings of the directory that all objects of an organization share.
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

// Subject is the user that is looked for.
type Subject struct {
	// Row declares the user; nil means that the user is only looked for, and nothing is
	// decided.
	Row *rows.Row
	// UserID is the user's id, and Creating the username of a creation that may just have been
	// made; "" if there is none.
	UserID, Creating string
	// Foreign, NoPrivileges and Salt are the fields of plan.Options.
	Foreign            bool
	NoPrivileges, Salt string
	// Omits is set if the user is, or was, created without what JumpCloud refused.
	Omits bool
	// Kept are the user's values that JumpCloud keeps in another form than the row's.
	Kept []v1alpha1.KeptValue
}

// Look is how an object looks at its user. There is one for each object, so it holds little.
// The zero value is ready for use.
type Look struct {
	*following        // nil before the first look
	sight      *Sight // the latest
	// planned is the time when changes were last planned from what was seen: what is live has
	// changed since.
	planned time.Time
}

// following is a look at one subject. It does not change, because the readings of all
// objects use it.
type following struct {
	session  *session.Session
	subject  Subject
	names    []string // the usernames to look for
	follower *directory.Follower[*Sight]
}

// At returns what a reading newer than newerThan shows of the user. Its errors are those of
// directory.Follower.
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

// Planned must be called after changes were planned from what was seen.
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

// isAt reports whether the look already has the subject in its current form.
func (l *Look) isAt(subject *Subject) bool {
	now := &l.subject
	return (now.UserID == subject.UserID || l.saw(subject.UserID)) && (subject.Creating == "" || slices.Contains(l.names, subject.Creating)) &&
		now.NoPrivileges == subject.NoPrivileges && now.Omits == subject.Omits && slices.Equal(now.Kept, subject.Kept) &&
		(now.Row == nil) == (subject.Row == nil) && (now.Row == nil || slices.Equal(now.Row.Fields, subject.Row.Fields))
}

// saw reports whether the latest sight shows the user with that id, and finds the row by it.
func (l *Look) saw(id string) bool {
	if l.sight == nil {
		return false
	}
	user := l.sight.User(id)
	return user != nil && (l.subject.Row == nil || user.Username == l.subject.Row.Username())
}

// begin starts to look at a subject.
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

// read starts a reading: it finds the user and compares it with the row.
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

// visit records a user in the sight.
func (f *following) visit(s *Sight, u *jumpcloud.User) {
	s.Hides = s.Hides || u.ID == "" || u.Unread.Has("username")
	user := directory.UserOf(u)
	if u.ID != "" && (u.ID == f.subject.UserID || user.Username != "" && slices.Contains(f.names, user.Username)) {
		s.Users = append(s.Users, user)
	}
}

// matcher returns a matcher that compares users with the row.
func (f *following) matcher() *plan.Matcher {
	subject := &f.subject
	return plan.NewMatcher(plan.Options{
		Operation: v1alpha1.OperationUpsert, UserID: subject.UserID,
		Protected: f.session.Spec.ProtectedUsers, Foreign: subject.Foreign, NoPrivileges: subject.NoPrivileges,
		Omitted: map[int]bool{subject.Row.Number: subject.Omits}, Salt: subject.Salt,
		Kept: func(string) []v1alpha1.KeptValue { return subject.Kept },
	}, []*rows.Row{subject.Row})
}
