package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// omits removes from a create what JumpCloud may refuse there, and defers the rest.
func (m *Matcher) omits(d *Decision) {
	if d.Action == Create && m.opts.Omitted[d.Row.Number] {
		d.Omits, d.Deferred, d.Manager = true, true, nil
	}
}

// CreatePayload returns what a create sends, with a password.
func (d *Decision) CreatePayload(password *rows.Password) jumpcloud.BulkUserCreate {
	row := *d.Row
	row.Password = password
	payload := rows.CreatePayload(&row, nil)
	payload.Manager = cmp.Or(d.Manager, payload.Manager)
	if d.Omits {
		rows.Omit(&payload)
	}
	return payload
}

// CanOmit returns the paths that a refused create can omit, if JumpCloud's messages are about
// any of them.
func (d *Decision) CanOmit(said []string) (paths []string) {
	if d.Omits || !slices.ContainsFunc(said, rows.NamesOmissible) {
		return nil
	}
	return rows.Omits(d.Row.Fields)
}

// completed returns a row of Options.Omitted whose user exists. It also states the defaults
// that the create omitted.
func (m *Matcher) completed(row *rows.Row) *rows.Row {
	all := *row
	all.Fields = nil
	fields := Stated(row, m.opts.Defaults)
	for _, field := range fields {
		if _, stated := row.Get(field.Path); stated || rows.Omissible(fields, field.Path) {
			all.Fields = append(all.Fields, field)
		}
	}
	return &all
}

// keepMFA compares the part of mfa that a create omitted with the user.
func (l *live) keepMFA(row *rows.Row, u *jumpcloud.User, values map[string]string) {
	mfa, shown := rows.OmittedMFA(row.Fields)
	for _, field := range shown {
		if rows.Unread(u, field.Path) {
			l.unread = append(l.unread, field.Path)
		}
		if old := values[field.Path]; old != field.Value {
			l.changes, l.mfa = append(l.changes, Change{Path: field.Path, Old: old, New: field.Value}), mfa
		}
	}
}

// rest reports whether a change only completes a create that omitted something. It harms no
// user in a way that the create would not have.
func (m *Matcher) rest(d *Decision, change Change) bool {
	return m.opts.Omitted[d.Row.Number] && rows.Omissible(d.Row.Fields, change.Path)
}

// OmittedMFA returns the changes of mfa that complete a create which omitted them, as fields
// that show them once they are made.
func (d *Decision) OmittedMFA() (shown []rows.Field) {
	for _, change := range d.Changes {
		if change.Path != exclusionDaysPath && strings.HasPrefix(change.Path, "mfa.") {
			shown = append(shown, rows.Field{Path: change.Path, Value: change.New})
		}
	}
	return shown
}
