package plan

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
)

// privileges may be stated only in the Organization's own namespace.
var privileges = []string{"sudo", "passwordlessSudo", "ldapBindingUser"}

// Decide returns one decision a row, in the order of the rows, once every
// user of a complete read was visited.
func (m *Matcher) Decide() []Decision {
	decisions := make([]Decision, len(m.rows))
	for i, row := range m.rows {
		decisions[i] = Decision{Row: row}
		m.decide(&decisions[i], &m.found[i])
	}
	m.setManagers(decisions)
	for i := range decisions {
		m.finish(&decisions[i], m.found[i].live)
	}
	return decisions
}

// decide decides about one row all but its manager.
func (m *Matcher) decide(d *Decision, found *match) {
	switch {
	case found.excluded:
		d.fail(v1alpha1.RowInvalidReason, d.Row.Complaint())
		return
	case m.opts.OnlyNew && found.known && !m.opts.Created[d.Row.Number]:
		d.Action = Skip
		return
	case found.live == nil:
		m.decideMissing(d, found)
		return
	}
	user := found.live
	d.UserID = user.id
	if m.opts.Operation == v1alpha1.OperationCreate && !m.opts.Created[d.Row.Number] {
		d.Action = Skip
		return
	}
	d.Action = Update
	if len(user.unread) > 0 {
		d.failUnread(user.unread)
		return
	}
	d.Changes = append(d.Changes, user.changes...)
	state, _ := d.Row.Get("state")
	if m.opts.StateOnUpdate == v1alpha1.StateOnUpdateApply {
		switch {
		case state == string(v1alpha1.UserStateActivated) && user.suspended:
			d.fail(v1alpha1.RemoteConflictReason, "state: the user is suspended, and an import never lifts a suspension; "+
				"activate the user in JumpCloud, or leave state out")
			return
		case state == string(v1alpha1.UserStateSuspended) && user.activated:
			d.Suspend = true
			d.Changes = append(d.Changes, Change{Path: "state", Old: string(v1alpha1.UserStateActivated), New: state})
		}
	}
	m.decideUnique(d, found)
}

// decideUnique fails an update to a unique value that another user has, or may
// have.
func (m *Matcher) decideUnique(d *Decision, found *match) {
	for _, change := range found.live.changes {
		if m.unread[change.Path] {
			d.failUnproved(change.Path)
			return
		}
		for _, taken := range found.taken {
			if taken.field == change.Path {
				d.fail(v1alpha1.RemoteConflictReason, m.conflict(taken))
				return
			}
		}
		if change.Path == "username" && equalButForCase(change.Old, change.New) {
			d.fail(v1alpha1.RemoteConflictReason, m.conflict(collision{field: "username", username: change.Old, caseOnly: true}))
			return
		}
	}
}

// decideMissing decides about a row that no live user is.
func (m *Matcher) decideMissing(d *Decision, found *match) {
	unproved := m.unproved(d.Row)
	switch {
	case len(found.taken) > 0:
		d.fail(v1alpha1.RemoteConflictReason, m.conflict(found.taken[0]))
	case unproved != "":
		d.failUnproved(unproved)
	case m.opts.Operation == v1alpha1.OperationUpdate:
		d.fail(v1alpha1.RemoteNotFoundReason, fmt.Sprintf("no user of the directory has this %s, and operation Update creates none; "+
			"correct the row, or use operation Upsert", fieldOf(m.opts.MatchBy)))
	default:
		d.Action = Create
		if m.statesPrivileges(d.Row, m.opts.Defaults) {
			d.fail(v1alpha1.ProtectedUserReason, foreignMessage)
		}
	}
}

// unproved is a field of which nobody can tell that no user has the row's value;
// "" if there is none.
func (m *Matcher) unproved(row *rows.Row) string {
	for _, field := range uniqueFields {
		if value, _ := row.Get(field); value != "" && m.unread[field] {
			return field
		}
	}
	return ""
}

// failUnread fails a row about fields whose live values are unknown.
func (d *Decision) failUnread(fields []string) {
	const named = 3
	d.fail(v1alpha1.RemoteConflictReason, strings.Join(fields[:min(len(fields), named)], ", ")+": what JumpCloud has of this user cannot be read, "+
		"so it is not known whether the row differs; correct the user in JumpCloud, or leave the field out")
}

func (d *Decision) failUnproved(field string) {
	d.fail(v1alpha1.RemoteConflictReason, field+": a user of the directory has one that cannot be read, so it is not known whether this one is taken; "+
		"correct that user in JumpCloud")
}

const foreignMessage = "sudo, passwordlessSudo and ldapBindingUser may be stated only in the Organization's own namespace; " +
	"leave them out, or move the import there"

// statesPrivileges tells whether a row of a foreign namespace states a privilege.
func (m *Matcher) statesPrivileges(row *rows.Row, defaults []rows.Field) bool {
	if !m.opts.Foreign {
		return false
	}
	for _, path := range privileges {
		if stated(row, defaults, path) != "" {
			return true
		}
	}
	return false
}

// finish completes an update, once its manager is known.
func (m *Matcher) finish(d *Decision, user *live) {
	if d.Action != Update {
		return
	}
	if len(d.Changes) == 0 {
		d.Action = Unchanged
		return
	}
	if user.protected {
		d.fail(v1alpha1.ProtectedUserReason, "this user is protected (an administrator, or in the Organization's protectedUsers) and is never changed; "+
			"remove the row, or make it equal to the live user")
		return
	}
	if m.statesPrivileges(d.Row, nil) {
		d.fail(v1alpha1.ProtectedUserReason, foreignMessage)
		return
	}
	paths := make([]string, 0, len(d.Changes))
	for _, change := range d.Changes {
		switch change.Path {
		case "username", "email":
			d.Harmful = true
		case "state":
			d.Harmful = true
			continue
		case "manager":
			continue
		}
		paths = append(paths, change.Path)
	}
	if len(paths) == 0 && !d.Suspend && d.Manager == nil {
		return // All that differs is deferred.
	}
	payload := rows.UpdatePayload(d.Row, user.record, paths)
	payload.Manager = d.Manager
	d.Payload = &payload
}

// conflict tells that another user holds a unique value of a row. In another
// namespace than the Organization's it does not tell who: an import must not
// be a way to look people up.
func (m *Matcher) conflict(taken collision) string {
	who := fmt.Sprintf("user %q", taken.username)
	if m.opts.Foreign {
		who = "another user"
	}
	if taken.caseOnly {
		return fmt.Sprintf("username: the directory has %s, which differs only by case; write the username as it is there (matchBy: %s)", who, m.opts.MatchBy)
	}
	return fmt.Sprintf("%s: belongs to %s, whom this row is not about (matchBy: %s); "+
		"correct the row, or change spec.matchBy if they are the same person", taken.field, who, m.opts.MatchBy)
}

func fieldOf(by v1alpha1.MatchBy) string {
	switch by {
	case v1alpha1.MatchByEmail:
		return "email"
	case v1alpha1.MatchByEmployeeIdentifier:
		return "employeeIdentifier"
	default:
		return "username"
	}
}
