package user

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// sight is what one reading of the directory showed of an object's user.
type sight struct {
	// decision is what is to become of the row; nil: there is none.
	decision *imports.Decision
	// seen are the users with the id or one of the usernames that were looked for.
	seen []directory.User
	// hides is set where a user has a username or an id that cannot be read.
	hides bool
}

// following is how an object looks at its user, by readings that all Users share. There is
// one for each object: little is kept in it.
type following struct {
	*directory.Follower[*sight]
	// basis is what is looked for, and userID whose user it is.
	session       *session.Session
	basis, userID string
	names         []string // the usernames
	row           *rows.Row
	// foreign and noPrivileges are those of imports.Options.
	foreign      bool
	noPrivileges string
	kept         []v1alpha1.KeptValue
	salt         string
	omits        bool // the user is, or was, created without what JumpCloud refused
	sight        *sight
	// used is when what was seen was last planned from: what is live by then has changed.
	used time.Time
}

// Forget ends the looking of an object that is gone.
func (m *Memory) Forget() {
	if m.following != nil {
		m.following.Stop()
	}
}

// use records whether changes were planned from what was seen. Else the row is not needed
// before the next pass, which loads it.
func (m *Memory) use(planned bool) {
	if !planned {
		m.row = nil
	}
	if m.following != nil && planned {
		m.following.used = time.Now()
		m.following.Renew()
	}
}

// finder looks for the user of an object. row is what is declared; nil for an
// object that is being deleted.
type finder struct {
	*pass
	row *rows.Row
}

// search looks for the object's user.
func (k *Kind) search(f finder) *continuous.Search[directory.User] {
	return &continuous.Search[directory.User]{
		Counterparts: f, Policy: f.Object.Spec.AdoptionPolicy, Creating: f.Object.Status.Creating,
		Creation: &f.Memory.creation, NewerThan: f.newerThan(), Now: f.Now,
		Queued: &continuous.Queued{
			Limits: k.Creates.Limits, Slowest: k.Creates.Slowest(), Deleting: f.row == nil,
			Resolution: f.Object.Annotations[v1alpha1.ResolveSubmissionAnnotation],
		},
	}
}

// newerThan is what the look at the user must be newer than.
func (f finder) newerThan() time.Time { return continuous.Latest(f.NewerThan, f.ChangedAt) }

// look returns what a reading of the directory shows, newer than a time.
func (f finder) look(ctx context.Context, newerThan time.Time) (*sight, directory.Result, error) {
	m, basis := f.Memory, f.basis()
	if m.following == nil || m.following.session != f.Session || m.following.basis != basis || !m.following.tells(&f.Object.Status) {
		m.Forget()
		m.following = f.follow(basis)
	}
	following := m.following
	seen, result, err := following.Advance(ctx, continuous.Latest(newerThan, following.used), f.Session.Spec.ResyncInterval.Duration)
	following.sight = seen
	return seen, result, err
}

// basis is what is looked for, but for what tells knows of.
func (f finder) basis() string {
	fields := -1
	if f.row != nil {
		fields = len(f.row.Fields)
	}
	status := &f.Object.Status
	return fmt.Sprintf("%d %d %q %t %q", f.Object.Generation, fields, f.PrivilegeRefusal(), len(status.Omitted) > 0, status.Kept)
}

// tells reports whether what is looked for includes what the status knows of the user.
func (r *following) tells(status *v1alpha1.UserStatus) bool {
	return (r.userID == status.ID || r.saw(status.ID)) && (status.Creating == nil || has(r.names, status.Creating.Name))
}

// saw reports whether the latest sight is of the user of that id, and of the row by it.
func (r *following) saw(id string) bool {
	if r.sight == nil {
		return false
	}
	for i := range r.sight.seen {
		if r.sight.seen[i].ID == id {
			return r.row == nil || r.sight.seen[i].Username == r.row.Username()
		}
	}
	return false
}

// follow begins to look for the user.
func (f finder) follow(basis string) *following {
	status, row := &f.Object.Status, f.row
	following := &following{
		session: f.Session, basis: basis, userID: status.ID, row: row,
		foreign: f.Session.Organization.Namespace != f.Object.Namespace, noPrivileges: f.PrivilegeRefusal(),
		omits: len(status.Omitted) > 0, kept: status.Kept, salt: salt(f.Object),
	}
	keys := directory.Keys{IDs: []string{status.ID}}
	if status.Creating != nil {
		keys.Usernames = append(keys.Usernames, status.Creating.Name)
	}
	if row != nil {
		usernames, emails := following.matcher().ManagerReferences([]*rows.Row{row})
		keys.Usernames = slices.Concat(keys.Usernames, []string{row.Username()}, usernames)
		keys.Emails = slices.Concat(emails, []string{row.Email()})
		keys.EmployeeIdentifiers = []string{row.EmployeeIdentifier()}
	}
	following.names = keys.Usernames
	following.Follower = directory.Follow(f.Session.Users, keys, following.begin)
	return following
}

// begin begins with what a reading shows: it finds the user and compares it with the row.
func (r *following) begin() (visit func(*jumpcloud.User), end func() *sight) {
	s := &sight{}
	if r.row == nil {
		return func(u *jumpcloud.User) { r.visit(s, u) }, func() *sight { return s }
	}
	matcher := r.matcher()
	visit = func(u *jumpcloud.User) {
		r.visit(s, u)
		matcher.Visit(u)
	}
	return visit, func() *sight {
		s.decision = &matcher.Decide()[0]
		return s
	}
}

// visit takes a user in. Little is kept of it, for as long as the object is.
func (r *following) visit(s *sight, u *jumpcloud.User) {
	s.hides = s.hides || u.ID == "" || u.Unread.Has("username")
	if user := directory.UserOf(u); u.ID != "" && (u.ID == r.userID || has(r.names, user.Username)) {
		s.seen = append(s.seen, user)
	}
}

// matcher compares users with the row.
func (r *following) matcher() *imports.Matcher {
	return imports.NewMatcher(imports.Options{
		Operation: v1alpha1.OperationUpsert, UserID: r.userID,
		Protected: r.session.Spec.ProtectedUsers, Foreign: r.foreign, NoPrivileges: r.noPrivileges,
		Omitted: map[int]bool{r.row.Number: r.omits}, Salt: r.salt,
		Kept: func(string) []v1alpha1.KeptValue { return r.kept },
	}, []*rows.Row{r.row})
}

// Known returns the user of the id in the status.
func (f finder) Known(ctx context.Context) (*directory.User, error) {
	status := &f.Object.Status
	if status.ID == "" {
		return nil, nil
	}
	r, _, err := f.look(ctx, f.newerThan())
	if err != nil {
		return nil, err
	}
	for i := range r.seen {
		if r.seen[i].ID == status.ID {
			return f.taken(&r.seen[i]), nil
		}
	}
	forget(status)
	return nil, nil
}

// Named returns the users with exactly that username.
func (f finder) Named(ctx context.Context, name string, newerThan time.Time) (continuous.Lookup[directory.User], error) {
	r, result, err := f.look(ctx, newerThan)
	if err != nil {
		return continuous.Lookup[directory.User]{}, err
	}
	seen := continuous.Lookup[directory.User]{Began: result.Began, Hides: r.hides}
	for i := range r.seen {
		if r.seen[i].Username == name {
			seen.Found, seen.IDs = append(seen.Found, r.seen[i]), append(seen.IDs, r.seen[i].ID)
		}
	}
	return seen, nil
}

// Created notes that the user is what the object created.
func (f finder) Created(_ context.Context, live *directory.User) (*directory.User, error) {
	f.Object.Status.Adopted, f.Object.Status.Creating = false, nil
	return f.taken(live), nil
}

// Adopt takes the user over, unless another object has it, or no grant admits that.
func (f finder) Adopt(ctx context.Context, live *directory.User) (*directory.User, error) {
	if err := f.Permitted(v1alpha1.Demands{Adopts: true}); err != nil {
		return nil, err
	}
	owner, key, err := f.Owner(ctx, []string{idKey(live.ID)})
	if err != nil {
		return nil, err
	}
	if key != "" {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The user %q (%s) belongs to User %s/%s. State another username, or delete one of the two objects.",
			live.Username, live.ID, owner.Namespace, owner.Name))
	}
	f.Object.Status.Adopted, f.Object.Status.Creating = true, nil
	return f.taken(live), nil
}

func (f finder) taken(live *directory.User) *directory.User {
	note(&f.Object.Status, live)
	return live
}

// Explain says why there is no user for the object.
func (finder) Explain(c continuous.SearchResult, name string, ids []string) string {
	switch c {
	case continuous.Several:
		return fmt.Sprintf("JumpCloud has %d users with the username %q: %v. Rename or delete all but one of them.", len(ids), name, ids)
	case continuous.Refused:
		return fmt.Sprintf("JumpCloud has a user %q already (%s), and spec.adoptionPolicy is Never. State another username, or allow the adoption.", name, ids[0])
	case continuous.Missing:
		return fmt.Sprintf("JumpCloud has no user %q (case counts), and spec.adoptionPolicy is MustExist. Correct spec.username, or set IfExists to have it created. It is looked for at every resync.", name)
	case continuous.Settling:
		return fmt.Sprintf("JumpCloud's answer to the creation of the user %q was lost. It is looked for until it is certain what became of it.", name)
	default:
		return fmt.Sprintf("JumpCloud shows no user %q, and has a user whose username or id cannot be read: it may be that one. Correct that user in JumpCloud.", name)
	}
}
