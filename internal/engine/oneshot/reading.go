package oneshot

import (
	"context"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// reading is one reading of the directory about the rows of a run. It proves what was sent and
// plans what is left, at once. It takes as many passes as rate limits require.
type reading struct {
	// purpose of the reading.
	purpose string
	read    *directory.Read
	matcher *plan.Matcher
	proof   *proof
	// roster of the import's members; nil if leavers do not matter. alone is set if it has
	// only members that read looks for.
	roster *roster
	alone  bool
	// users is the source of both readings. absent is the reading of members that read did not
	// show; nil before it begins.
	users  *directory.Users
	absent *directory.Read
}

// finding is what a reading found.
type finding struct {
	directory.Result
	// matcher of the rows; nil if there were no rows.
	matcher *plan.Matcher
	// roster has seen all members that exist; nil if leavers do not matter.
	roster *roster
	// decisions about the rows, in their order; nil if there were no rows.
	decisions []plan.Decision
	// seen holds the users that exist, by row number.
	seen map[int]seen
	// unknown is set if a user who cannot be read may be one that was sent and was not seen.
	unknown bool
}

// lacks reports whether any of the sent entries was not seen.
func (f *finding) lacks(sent []*ledger.Entry) bool {
	return slices.ContainsFunc(sent, func(entry *ledger.Entry) bool {
		_, there := f.seen[entry.Row]
		return !there
	})
}

// seen is a user who exists as an entry says.
type seen struct {
	id string
	// differs holds the fields of a created user that are not as they were sent. An updated
	// user is seen only if no field differs.
	differs []string
	// respelled is set if the only difference may be the form in which JumpCloud keeps values.
	respelled bool
}

// question is what a reading should find out.
type question struct {
	purpose string
	// rows are to be planned, and sent entries are to be proved.
	rows []*rows.Row
	sent []*ledger.Entry
	// absence is set if the reading must also prove which sent entries do not exist. It then
	// looks for them by all their keys, which takes several times as many conditions.
	absence bool
	// only are those of the rows whose users are looked for; nil: all of them. Decisions about
	// the other rows count only if their users are seen.
	only []*rows.Row
	// roster of the import's members, if the reading should find out who left. Members whom
	// the rest of the reading does not show are looked for by id afterwards, but members, if
	// set, are looked for directly.
	roster  *roster
	members []string
}

// sought returns the rows whose users are looked for.
func (q *question) sought() []*rows.Row {
	if q.only != nil {
		return q.only
	}
	return q.rows
}

// beginReading starts a reading. What it sees is newer than this call.
func beginReading(users *directory.Users, opts plan.Options, q question) *reading {
	s := &reading{purpose: q.purpose, users: users, roster: q.roster, alone: len(q.members) > 0, proof: newProof(q.sent, opts.Salt)}
	keys := directory.Keys{IDs: slices.Clone(q.members)}
	for _, entry := range q.sent {
		keys.IDs = appendValue(keys.IDs, entry.UserID)
		switch {
		case q.absence:
			keys.Usernames = appendValue(keys.Usernames, entry.Username)
			keys.Emails = appendValue(keys.Emails, entry.Email)
		case entry.UserID == "":
			keys.ExactUsernames = appendValue(keys.ExactUsernames, entry.Username)
		}
	}
	if len(q.rows) > 0 {
		s.matcher = plan.NewMatcher(opts, q.rows)
		for _, row := range q.sought() {
			identifier, _ := row.Get("employeeIdentifier")
			keys.Usernames = appendValue(keys.Usernames, row.Username())
			keys.Emails = appendValue(keys.Emails, row.Email())
			keys.EmployeeIdentifiers = appendValue(keys.EmployeeIdentifiers, identifier)
		}
		usernames, emails := s.matcher.ManagerReferences(q.sought())
		keys.Usernames = append(keys.Usernames, usernames...)
		keys.Emails = append(keys.Emails, emails...)
	}
	s.read = users.Read(keys, s.visit)
	return s
}

func (s *reading) visit(u *jumpcloud.User) {
	s.proof.visit(u)
	if s.roster != nil {
		s.roster.Visit(u)
	}
	if s.matcher != nil {
		s.matcher.Visit(u)
	}
}

// advance continues the reading. It returns nil, with the error that says why, while the
// position is kept for a later pass.
func (s *reading) advance(ctx context.Context) (*finding, error) {
	if err := s.read.Advance(ctx); err != nil {
		return nil, err
	}
	result, err := s.lookForMembers(ctx, s.read.Result())
	if err != nil {
		return nil, err
	}
	f := &finding{Result: result, matcher: s.matcher, roster: s.roster, seen: s.proof.seen, unknown: s.proof.leavesOpen()}
	if s.matcher != nil {
		f.decisions = s.matcher.Decide()
	}
	return f, nil
}

// lookForMembers looks once for the members of a roster whom the reading did not show, which
// may not have looked for them.
func (s *reading) lookForMembers(ctx context.Context, result directory.Result) (directory.Result, error) {
	if s.roster == nil || s.alone || !result.Complete {
		return result, nil
	}
	if s.absent == nil {
		unseen := s.roster.Unseen()
		if len(unseen) == 0 {
			return result, nil
		}
		s.absent = s.users.Read(directory.Keys{IDs: unseen}, s.roster.Visit)
	}
	if err := s.absent.Advance(ctx); err != nil {
		return result, err
	}
	last := s.absent.Result()
	result.Ended, result.Complete = last.Ended, last.Complete
	return result, nil
}

// cancel gives the reading up.
func (s *reading) cancel() {
	s.read.Cancel()
	if s.absent != nil {
		s.absent.Cancel()
	}
}

// proof compares live users with what the ledger says was sent. It does not need the rows,
// whose source may have changed in the meantime.
type proof struct {
	salt       string
	byID       map[string]ledger.Entry
	byUsername map[string]ledger.Entry
	seen       map[int]seen
	// unread is set if a user who cannot be read may be one that was created.
	unread bool
}

func newProof(entries []*ledger.Entry, salt string) *proof {
	// Entries are copied: visit is called by whoever drives the shared listing, and this run
	// may have given up the reading in the meantime.
	p := &proof{salt: salt, byID: map[string]ledger.Entry{}, byUsername: map[string]ledger.Entry{}, seen: map[int]seen{}}
	for _, entry := range entries {
		if entry.UserID != "" {
			p.byID[entry.UserID] = *entry
		} else {
			p.byUsername[entry.Username] = *entry
		}
	}
	return p
}

// leavesOpen reports whether it is unknown if some created user that was not seen exists.
func (p *proof) leavesOpen() bool {
	if !p.unread {
		return false
	}
	for _, entry := range p.byUsername {
		if _, ok := p.seen[entry.Row]; !ok {
			return true
		}
	}
	return false
}

// mayBeSent reports whether the user may be one that was created, as far as the user can be
// read: either username or email is enough to exclude others.
func (p *proof) mayBeSent(u *jumpcloud.User) bool {
	switch username, email := u.Unread.Has("username"), u.Unread.Has("email"); {
	case username && email:
		return true
	case email && u.Username != nil:
		_, sent := p.byUsername[*u.Username]
		return sent
	case username && u.Email != nil:
		for _, entry := range p.byUsername {
			if strings.EqualFold(entry.Email, *u.Email) {
				return true
			}
		}
	}
	return false
}

// shows reports whether a live value equals the row's, or is the form in which JumpCloud keeps
// it.
func (p *proof) shows(entry *ledger.Entry, field ledger.FieldDigest, value string) bool {
	has := ledger.Digest(p.salt, field.Path, value)
	return has == field.Digest || keeps(entry, field.Path, field.Digest, has)
}

func (p *proof) visit(u *jumpcloud.User) {
	p.unread = p.unread || u.Unread != nil && p.mayBeSent(u)
	entry, ours := p.byID[u.ID]
	created := false
	if !ours && u.Username != nil {
		// A created user belongs to a row if username and email match: the username did not
		// exist before the row was sent.
		entry, ours = p.byUsername[*u.Username]
		ours = ours && u.Email != nil && strings.EqualFold(*u.Email, entry.Email)
		created = ours
	}
	if !ours {
		return
	}
	var differs []string
	respelled := true
	values := rows.Flatten(u)
	for _, field := range entry.Digests {
		if rows.Unread(u, field.Path) || !p.shows(&entry, field, values[field.Path]) {
			differs = append(differs, field.Path)
			respelled = respelled && plan.Respelled(field.Path) && values[field.Path] != ""
		}
	}
	if created || len(differs) == 0 {
		p.seen[entry.Row] = seen{id: u.ID, differs: differs, respelled: respelled}
	}
}

func appendValue(all []string, value string) []string {
	if value == "" {
		return all
	}
	return append(all, value)
}
