package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// privileges are the fields that rows may state only if the Organization grants them.
var privileges = []string{"sudo", "passwordlessSudo", "ldapBindingUser"}

// Decide returns one decision for each row, in the order of the rows. It must be called after
// every user of a complete reading was visited.
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

// decide decides everything about one row except its manager.
func (m *Matcher) decide(d *Decision, found *match) {
	switch {
	case found.excluded:
		d.fail(v1alpha1.RowInvalidReason, d.Row.Complaint())
		return
	case m.opts.OnlyNew && found.known && !m.opts.Created[d.Row.Number]:
		m.leaveAlone(d, found.live)
		return
	case m.failOwned(d, found):
		return
	case found.live == nil:
		m.decideMissing(d, found)
		return
	}
	user := found.live
	d.UserID = user.id
	if m.opts.Operation == v1alpha1.OperationCreate && !m.opts.Created[d.Row.Number] {
		m.leaveAlone(d, user)
		return
	}
	d.Action, d.Created = Update, m.opts.Created[d.Row.Number]
	if len(user.unread) > 0 {
		d.failUnread(user.unread)
		return
	}
	d.Changes = append(d.Changes, user.changes...)
	m.decideEnrollment(d, user)
	if m.opts.StateOnUpdate == v1alpha1.StateOnUpdateApply && !m.decideState(d, user) {
		return
	}
	m.decideUnique(d, found)
}

// leaveAlone skips a row whose user the operation does not change. The row may only complete
// the manager.
func (m *Matcher) leaveAlone(d *Decision, user *live) {
	d.Action = Skip
	if user == nil {
		return
	}
	d.UserID = user.id
	if m.opts.Completes[user.id] && !slices.Contains(user.unread, "manager") {
		d.Action, d.ManagerOnly = Update, true
	}
}

// decideUnique fails an update to a unique value that another user has, or may have.
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

// decideState decides about the state of an existing user, and reports whether the row may
// proceed. An unreadable state never counts as the declared one: a user who may still be able
// to sign in is suspended.
func (m *Matcher) decideState(d *Decision, user *live) bool {
	state, _ := d.Row.Get("state")
	switch v1alpha1.UserState(state) {
	case v1alpha1.UserStateActivated:
		switch user.state {
		case jumpcloud.StateActivated, jumpcloud.StateStaged:
		case jumpcloud.StateSuspended:
			d.fail(v1alpha1.RemoteConflictReason, "state: the user is suspended, and an import never lifts a suspension; "+
				"activate the user by a ScheduledUserState, or leave state out")
			return false
		default:
			d.fail(v1alpha1.RemoteConflictReason, "state: JumpCloud shows no known state, so the user may be suspended, and an import never "+
				"lifts a suspension; check the user in JumpCloud, or leave state out")
			return false
		}
	case v1alpha1.UserStateSuspended:
		if user.state != jumpcloud.StateSuspended && user.state != jumpcloud.StateStaged {
			d.Suspend = true
			d.Changes = append(d.Changes, Change{Path: "state", Old: string(v1alpha1.UserStateActivated), New: state})
		}
	case v1alpha1.UserStateStaged:
		// Users are staged before they are activated, and no user becomes staged again.
	}
	return true
}

// decideMissing decides about a row that matches no live user.
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
		m.refusesPrivileges(d, m.opts.Defaults)
	}
}

// unproved returns a field whose value in the row may be taken by a user whose own value
// cannot be read; "" if there is none.
func (m *Matcher) unproved(row *rows.Row) string {
	for _, field := range uniqueFields {
		if value, _ := row.Get(field); value != "" && m.unread[field] {
			return field
		}
	}
	return ""
}

// failUnread fails a row because of fields whose live values are unknown.
func (d *Decision) failUnread(fields []string) {
	const named = 3
	d.fail(v1alpha1.RemoteConflictReason, strings.Join(fields[:min(len(fields), named)], ", ")+": JumpCloud's value for this user cannot be read, "+
		"so it cannot be compared with the row; correct the user in JumpCloud, or leave the field out")
}

func (d *Decision) failUnproved(field string) {
	d.fail(v1alpha1.RemoteConflictReason, field+": another user's value cannot be read, so this one may be taken; correct that user in JumpCloud")
}

// refusesPrivileges fails a row that states a privilege that is not granted, and reports
// whether it did.
func (m *Matcher) refusesPrivileges(d *Decision, defaults []rows.Field) bool {
	if m.opts.NoPrivileges == "" {
		return false
	}
	for _, path := range privileges {
		if stated(d.Row, defaults, path) != "" {
			d.fail(v1alpha1.ProtectedUserReason, fmt.Sprintf("%s: %s; leave it out, or ask for the grant", path, m.opts.NoPrivileges))
			d.Ungranted = true
			return true
		}
	}
	return false
}

// finish completes an update once its manager is known.
func (m *Matcher) finish(d *Decision, user *live) {
	m.omits(d)
	if d.Action != Update {
		return
	}
	if len(d.Changes) == 0 {
		d.Action = Unchanged
		if d.ManagerOnly {
			d.Action = Skip
		}
		return
	}
	if user.protected {
		d.fail(v1alpha1.ProtectedUserReason, m.protection(d))
		return
	}
	if m.refusesPrivileges(d, nil) {
		return
	}
	paths := make([]string, 0, len(d.Changes))
	for _, change := range d.Changes {
		// Days to enroll only introduce MFA; they do not end it.
		d.Harmful = d.Harmful || change.harmful() && change.Path != exclusionDaysPath && !m.rest(d, change)
		if change.Path != "state" && change.Path != "manager" {
			paths = append(paths, change.Path)
		}
	}
	switch {
	case d.Suspend:
		d.Deferred = d.Deferred || len(d.Changes) > 1
		d.Payload, d.Manager = &jumpcloud.BulkUserUpdate{ID: user.id}, nil
		return
	case len(paths) == 0 && d.Manager == nil:
		return // Everything that differs is deferred.
	}
	record := cmp.Or(user.record, &jumpcloud.User{ID: user.id})
	payload := rows.UpdatePayload(d.Row, record, paths)
	payload.Manager, payload.MFA = d.Manager, d.exclusion()
	if user.mfa != nil {
		payload.MFA, d.ExclusionByDate = user.mfa, user.state != jumpcloud.StateStaged
	}
	d.Payload = &payload
}

// protection returns the message for a row that would change a protected user.
func (m *Matcher) protection(d *Decision) string {
	const protected = "this user is protected (an administrator, or in the Organization's protectedUsers) and is never changed; "
	if m.opts.MatchBy == "" {
		return d.Changes[0].Path + ": " + protected + "leave it out, or state what is live"
	}
	return protected + "remove the row, or make it equal to the live user"
}

// harmful reports whether the change harms the user.
func (c Change) harmful() bool {
	field, known := rows.FieldOf(c.Path)
	return !known || field.Harm.Class(c.Old, c.New).Harmful()
}

// conflict returns the message that another user holds a unique value of a row. In another
// namespace than the Organization's it does not name the user: an import must not be a way to
// look people up.
func (m *Matcher) conflict(taken collision) string {
	who := fmt.Sprintf("user %q", taken.username)
	if m.opts.Foreign {
		who = "another user"
	}
	if m.opts.MatchBy == "" {
		if taken.caseOnly {
			return fmt.Sprintf("username: the directory has %s, which differs only by case; write the username as it is there", who)
		}
		return fmt.Sprintf("%s: belongs to %s; state another one, or name that user by username if they are the same person", taken.field, who)
	}
	if taken.caseOnly {
		return fmt.Sprintf("username: the directory has %s, which differs only by case; write the username as it is there (matchBy: %s)", who, m.opts.MatchBy)
	}
	return fmt.Sprintf("%s: belongs to %s, not to this row's user (matchBy: %s); "+
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
