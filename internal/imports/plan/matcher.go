package plan

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Matcher compares rows with live users, one user at a time, so that a directory of any size
// passes through it page by page. It keeps of a user only what the decision about the row
// needs.
type Matcher struct {
	opts Options
	rows []*rows.Row

	// The rows that state each unique value; usernames and emails in lower case.
	byUsername, byEmail, byIdentifier places
	// managers maps each reference of a row to the id of the user; "" until the user is seen.
	managers map[string]string
	// unread are the fields with a unique value that cannot be read for some user: it is not
	// known whether such a value is taken.
	unread map[string]bool

	found []match
}

// match is what the directory says about one row.
type match struct {
	// live is the user that matches the row; nil until one was seen.
	live *live
	// taken are the row's unique values that other users hold.
	taken []collision
	// known is set if any user holds one of the row's unique values.
	known bool
	// excluded is set if the row cannot be sent.
	excluded bool
}

// live is what is kept of a user that matches a row.
type live struct {
	id, username string
	protected    bool
	manager      string
	// state is in JumpCloud's spelling; "" if JumpCloud shows none that can be read.
	state jumpcloud.State
	// unread are the other fields that the row states and whose live values are unknown.
	unread  []string
	changes []Change
	// mfa is the part of a create's omitted mfa that must still be sent; nil if there is none.
	mfa *jumpcloud.MFA
	// record is kept only if it differs from the row, because lists are sent whole.
	record *jumpcloud.User
}

// collision is a unique value of a row that another user holds.
type collision struct {
	field, username string
	// caseOnly is set for a username that differs only by case.
	caseOnly bool
}

// NewMatcher returns a matcher for valid rows.
func NewMatcher(opts Options, all []*rows.Row) *Matcher {
	m := &Matcher{
		opts: opts, rows: slices.Clone(all),
		managers: map[string]string{}, unread: map[string]bool{},
		found: make([]match, len(all)),
	}
	for i, row := range all {
		m.byUsername.add(strings.ToLower(row.Username()), i)
		m.byEmail.add(strings.ToLower(row.Email()), i)
		m.byIdentifier.add(row.EmployeeIdentifier(), i)
		if manager := managerOf(row, opts.Defaults); manager != "" && !rows.IsID(manager) {
			m.managers[managerKey(manager)] = ""
		}
	}
	for _, p := range []places{m.byUsername, m.byEmail, m.byIdentifier} {
		p.sort()
	}
	return m
}

// ManagerReferences returns the usernames and emails of the managers that some of the rows
// name, in no particular order.
func (m *Matcher) ManagerReferences(some []*rows.Row) (usernames, emails []string) {
	references := map[string]bool{}
	for _, row := range some {
		if reference := managerKey(managerOf(row, m.opts.Defaults)); reference != "" && !rows.IsID(reference) {
			references[reference] = true
		}
	}
	for reference := range references {
		if strings.Contains(reference, "@") {
			emails = append(emails, reference)
		} else {
			usernames = append(usernames, reference)
		}
	}
	return usernames, emails
}

// Visit takes one live user into account. It keeps nothing of a user that concerns no row.
func (m *Matcher) Visit(u *jumpcloud.User) {
	for _, field := range uniqueFields {
		if u.Unread.Has(field) {
			m.unread[field] = true
		}
	}
	username, email := value(u.Username), strings.ToLower(value(u.Email))
	for _, reference := range []string{username, email} {
		if _, wanted := m.managers[reference]; wanted && reference != "" {
			m.managers[reference] = u.ID
		}
	}
	visited := -1
	visit := func(candidates places) {
		for _, c := range candidates {
			if c.row != visited {
				m.compare(c.row, u, username, email)
				visited = c.row
			}
		}
	}
	if m.opts.UserID != "" && m.opts.UserID == u.ID {
		visit(places{{row: 0}})
	}
	visit(m.byUsername.of(strings.ToLower(username)))
	visit(m.byEmail.of(email))
	visit(m.byIdentifier.of(value(u.EmployeeIdentifier)))
}

// uniqueFields are the fields whose values no two users share. JumpCloud and rows use the same
// names for them.
var uniqueFields = []string{"username", "email", "employeeIdentifier"}

// Known reports whether any visited user has one of the unique values of the i-th row.
func (m *Matcher) Known(i int) bool { return m.found[i].known }

// Completes reports whether the i-th row is about a user in Options.Completes.
func (m *Matcher) Completes(i int) bool {
	return m.found[i].live != nil && m.opts.Completes[m.found[i].live.id]
}

// Exclude marks the i-th row as one that cannot be sent: no other row can rely on the creation
// of its user.
func (m *Matcher) Exclude(i int) { m.found[i].excluded = true }

// compare takes into account a user that shares a unique value with a row.
func (m *Matcher) compare(i int, u *jumpcloud.User, username, email string) {
	row, found := m.rows[i], &m.found[i]
	found.known = true
	if m.isKey(row, u, username, email) {
		if m.opts.Omitted[row.Number] {
			row = m.completed(row)
			m.rows[i] = row
		}
		found.live = m.keep(row, u, username)
		return
	}
	switch rowUsername := row.Username(); {
	case rowUsername == username:
		found.taken = append(found.taken, collision{field: "username", username: username})
	case strings.EqualFold(rowUsername, username):
		found.taken = append(found.taken, collision{field: "username", username: username, caseOnly: true})
	}
	if row.Email() != "" && strings.ToLower(row.Email()) == email {
		found.taken = append(found.taken, collision{field: "email", username: username})
	}
	if identifier := row.EmployeeIdentifier(); identifier != "" && identifier == value(u.EmployeeIdentifier) {
		found.taken = append(found.taken, collision{field: "employeeIdentifier", username: username})
	}
}

// isKey reports whether the row is about the user.
func (m *Matcher) isKey(row *rows.Row, u *jumpcloud.User, username, email string) bool {
	if m.opts.UserID != "" {
		return u.ID == m.opts.UserID
	}
	switch m.opts.MatchBy {
	case v1alpha1.MatchByEmail:
		return strings.ToLower(row.Email()) == email
	case v1alpha1.MatchByEmployeeIdentifier:
		return row.EmployeeIdentifier() != "" && row.EmployeeIdentifier() == value(u.EmployeeIdentifier)
	default:
		return row.Username() == username
	}
}

// keep compares a row with its user, and returns what to keep of the user.
func (m *Matcher) keep(row *rows.Row, u *jumpcloud.User, username string) *live {
	l := &live{
		id: u.ID, username: username, protected: m.opts.protects(u),
		manager: value(u.Manager), state: value(u.State),
	}
	values := rows.Flatten(u)
	if u.ID == "" {
		l.unread = append(l.unread, "id")
	}
	for _, field := range row.Fields {
		if field.Path == "state" || !rows.Comparable(field.Path) {
			continue // see decideState
		}
		if rows.Unread(u, field.Path) {
			l.unread = append(l.unread, field.Path)
		}
		if field.Path == "manager" {
			continue
		}
		if old := values[field.Path]; old != field.Value && !m.keeps(u.ID, field.Path, field.Value, old) {
			l.changes = append(l.changes, Change{Path: field.Path, Old: old, New: field.Value})
		}
	}
	if m.opts.Omitted[row.Number] {
		l.keepMFA(row, u, values)
	}
	if len(l.changes) > 0 {
		// A copy, because a pointer into the page would keep the whole page.
		record := *u
		l.record = &record
	}
	return l
}

// protects reports whether a user must never be changed. It also protects a user who may be a
// protected one because a value that names protected users cannot be read.
func (o *Options) protects(u *jumpcloud.User) bool {
	return u.Admin != nil || slices.ContainsFunc(o.Protected, func(ref v1alpha1.UserReference) bool {
		return ref.Names(u.ID, value(u.Username), value(u.Email)) ||
			ref.Username != "" && u.Unread.Has("username") || ref.Email != "" && u.Unread.Has("email") || ref.ID != "" && u.Unread.Has("_id")
	})
}

func managerOf(row *rows.Row, defaults []rows.Field) string {
	return stated(row, defaults, "manager")
}

// managerKey returns a reference in the form in which it is looked up: emails in lower case.
func managerKey(reference string) string {
	if strings.Contains(reference, "@") {
		return strings.ToLower(reference)
	}
	return reference
}

func value[S ~string](p *S) S {
	if p == nil {
		return ""
	}
	return *p
}
