package user

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// reading is one reading of the directory about one object. It finds the user and
// compares it with the row, in one go, over as many passes as it takes.
type reading struct {
	read       *directory.Read
	begun      time.Time
	generation int64
	userID     string
	row        *rows.Row
	matcher    *imports.Matcher
	done       bool
	// seen are the users with the id or one of the usernames that were looked for.
	seen []jumpcloud.User
	// hides is set where a user has a username or an id that cannot be read.
	hides bool
}

// endReading drops a reading that has told what it had to: the next look is to see
// what is live by then.
func (m *Memory) endReading() {
	if m.reading != nil && m.reading.done {
		m.reading = nil
	}
}

// finder looks for the user of an object. row is what is declared; nil for an
// object that is being deleted.
type finder struct {
	*pass
	row *rows.Row
}

// search looks for the object's user.
func (k *Kind) search(f finder) *continuous.Search[jumpcloud.User] {
	return &continuous.Search[jumpcloud.User]{
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

// look reads the directory, newer than a time.
func (f finder) look(ctx context.Context, newerThan time.Time) (*reading, error) {
	m := f.Memory
	if r := m.reading; r == nil || r.begun.Before(newerThan) || r.generation != f.Object.Generation || r.userID != f.Object.Status.ID && !r.saw(f.Object.Status.ID) {
		m.reading = f.begin()
	}
	if err := m.reading.read.Advance(ctx); err != nil {
		return nil, err
	}
	if !m.reading.read.Result().Complete {
		m.reading = nil
		return nil, directory.ErrIncomplete
	}
	m.reading.done = true
	return m.reading, nil
}

// saw reports whether the reading tells of the user of that id, and of the row by it.
func (r *reading) saw(id string) bool {
	for i := range r.seen {
		if r.seen[i].ID == id {
			return r.row == nil || ptr.Deref(r.seen[i].Username, "") == r.row.Username()
		}
	}
	return false
}

// begin starts a reading. What it sees is newer than this call.
func (f finder) begin() *reading {
	status := &f.Object.Status
	r := &reading{begun: time.Now(), generation: f.Object.Generation, userID: status.ID, row: f.row}
	keys := directory.Keys{IDs: []string{status.ID}}
	if status.Creating != nil {
		keys.Usernames = append(keys.Usernames, status.Creating.Name)
	}
	if f.row != nil {
		r.matcher = imports.NewMatcher(f.options(), []*rows.Row{f.row})
		usernames, emails := r.matcher.ManagerReferences([]*rows.Row{f.row})
		keys.Usernames = slices.Concat(keys.Usernames, []string{f.row.Username()}, usernames)
		keys.Emails = slices.Concat(emails, []string{f.row.Email()})
		keys.EmployeeIdentifiers = []string{f.row.EmployeeIdentifier()}
	}
	names := keys.Usernames
	r.read = f.Session.Users.Read(keys, func(u *jumpcloud.User) {
		r.hides = r.hides || u.ID == "" || u.Unread.Has("username")
		if r.matcher != nil {
			r.matcher.Visit(u)
		}
		if u.ID != "" && (u.ID == r.userID || has(names, ptr.Deref(u.Username, ""))) {
			r.seen = append(r.seen, *u)
		}
	})
	return r
}

// options are what the row is compared with.
func (f finder) options() imports.Options {
	return imports.Options{
		Operation: v1alpha1.OperationUpsert, UserID: f.Object.Status.ID,
		Protected:    f.Session.Spec.ProtectedUsers,
		Foreign:      f.Session.Organization.Namespace != f.Object.Namespace,
		NoPrivileges: f.PrivilegeRefusal(),
	}
}

// Known returns the user of the id in the status.
func (f finder) Known(ctx context.Context) (*jumpcloud.User, error) {
	status := &f.Object.Status
	if status.ID == "" {
		return nil, nil
	}
	r, err := f.look(ctx, f.newerThan())
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
func (f finder) Named(ctx context.Context, name string, newerThan time.Time) (continuous.Lookup[jumpcloud.User], error) {
	r, err := f.look(ctx, newerThan)
	if err != nil {
		return continuous.Lookup[jumpcloud.User]{}, err
	}
	seen := continuous.Lookup[jumpcloud.User]{Began: r.read.Result().Began, Hides: r.hides}
	for i := range r.seen {
		if ptr.Deref(r.seen[i].Username, "") == name {
			seen.Found, seen.IDs = append(seen.Found, r.seen[i]), append(seen.IDs, r.seen[i].ID)
		}
	}
	return seen, nil
}

// Created notes that the user is what the object created.
func (f finder) Created(_ context.Context, live *jumpcloud.User) (*jumpcloud.User, error) {
	f.Object.Status.Adopted, f.Object.Status.Creating = false, nil
	return f.taken(live), nil
}

// Adopt takes the user over, unless another object has it, or no grant admits that.
func (f finder) Adopt(ctx context.Context, live *jumpcloud.User) (*jumpcloud.User, error) {
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
			ptr.Deref(live.Username, ""), live.ID, owner.Namespace, owner.Name))
	}
	f.Object.Status.Adopted, f.Object.Status.Creating = true, nil
	return f.taken(live), nil
}

func (f finder) taken(live *jumpcloud.User) *jumpcloud.User {
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
		return fmt.Sprintf("JumpCloud has no user %q (case counts), and spec.adoptionPolicy is MustExist. It is looked for at every resync.", name)
	case continuous.Settling:
		return fmt.Sprintf("JumpCloud's answer to the creation of the user %q was lost. It is looked for until it is certain what became of it.", name)
	default:
		return fmt.Sprintf("JumpCloud shows no user %q, and has a user whose username or id cannot be read: it may be that one. Correct that user in JumpCloud.", name)
	}
}
