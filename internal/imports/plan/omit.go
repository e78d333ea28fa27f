package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// omits makes a create one without what JumpCloud may refuse there. The rest is for later.
func (m *Matcher) omits(d *Decision) {
	if d.Action == Create && m.opts.Omitted[d.Row.Number] {
		d.Omits, d.Deferred, d.Manager = true, true, nil
	}
}

// CreatePayload is what a create sends, with a password.
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

// CanOmit returns the paths of what a create that was refused can leave out, if what
// JumpCloud said of it is about any of that.
func (d *Decision) CanOmit(said []string) (paths []string) {
	if d.Omits || !slices.ContainsFunc(said, rows.NamesOmissible) {
		return nil
	}
	return rows.Omits(d.Row.Fields)
}

// completed is a row of Options.Omitted whose user is there: it states what the create left
// out of its defaults, too.
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

// keepMFA compares what a create left out of mfa with the user.
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

// rest reports whether a change only completes a create that left something out. It harms
// no user in a way that the create would not have.
func (m *Matcher) rest(d *Decision, change Change) bool {
	return m.opts.Omitted[d.Row.Number] && rows.Omissible(d.Row.Fields, change.Path)
}

// OmittedMFA are the changes of mfa that complete a create which left them out, as fields
// that show them once they are made.
func (d *Decision) OmittedMFA() (shown []rows.Field) {
	for _, change := range d.Changes {
		if change.Path != exclusionDaysPath && strings.HasPrefix(change.Path, "mfa.") {
			shown = append(shown, rows.Field{Path: change.Path, Value: change.New})
		}
	}
	return shown
}
