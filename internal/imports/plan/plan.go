// Package plan compares the rows of a run with the live directory and decides what to send,
// what to withhold until it is approved, and what cannot be done. It is pure: it reads no
// clock and makes no calls.
package plan

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Action is what to do with one row.
type Action string

const (
	// Create means that no user in the directory matches the row.
	Create Action = "Create"
	// Update means that the user exists and differs.
	Update Action = "Update"
	// Unchanged means that the user is as the row states.
	Unchanged Action = "Unchanged"
	// Skip means that the user exists and the operation leaves existing users alone.
	Skip Action = "Skip"
	// Fail means that the row cannot be sent; the reason says why.
	Fail Action = "Fail"
)

// Options are the settings of a plan.
type Options struct {
	Operation v1alpha1.Operation
	// MatchBy is "" for an object that stands for one user: the row is matched by username.
	MatchBy       v1alpha1.MatchBy
	StateOnUpdate v1alpha1.StateOnUpdate
	// UserID is the id of the user that the only row is about, if it is known: the row may
	// rename the user.
	UserID string
	// OnlyNew skips a row if any user has one of its unique values, whatever the rows are
	// matched by.
	OnlyNew bool
	// Defaults are fields of users that are created.
	Defaults []rows.Field
	// Protected users are never changed; neither are users linked to an administrator.
	Protected []v1alpha1.UserReference
	// Foreign is set if the object is in another namespace than its Organization: then
	// messages do not name other users.
	Foreign bool
	// NoPrivileges says why rows may not state privileges; "" if they may.
	NoPrivileges string
	// Owners are the User objects that stand for users: rows about these fail.
	Owners Owners
	// Created are the numbers of the rows whose user this run created: the rest of them is
	// done whatever the operation, and defaults apply to them.
	Created map[int]bool
	// Omitted are the numbers of the rows whose create JumpCloud refused because of a member
	// that can be omitted: their users are created without it, and what was omitted is sent
	// next.
	Omitted map[int]bool
	// OmitManagers omits managers who are neither in the directory nor created by the run;
	// otherwise their rows fail.
	OmitManagers bool
	// Completes are the ids of users that an earlier run created without their manager: the
	// manager is set whatever the operation, and nothing else is changed.
	Completes map[string]bool
	// EnrollmentDays applies the days to enroll that a row states to existing users whose MFA
	// the row switches on.
	EnrollmentDays bool
	// Kept returns the values of a user that JumpCloud keeps in another form than the row's,
	// with digests by ledger.Digest and Salt; nil if none are known.
	Kept func(userID string) []v1alpha1.KeptValue
	// Salt is the salt of digests, so that equal values of two objects cannot be recognized.
	Salt string
}

// Change is one field that differs.
type Change struct {
	// Path is the path of the field, as in rows.Field.
	Path string
	// Old and New are canonical values. They may be personal data: use them only in digests.
	Old, New string
}

// Decision is what to do with one row.
type Decision struct {
	Row    *rows.Row
	Action Action
	// Reason and Message say why a row fails, and Message why a leaver is left alone; they are
	// empty otherwise.
	Reason, Message string
	// Ungranted is set if the row fails because a grant of the Organization is missing.
	Ungranted bool
	// UserID is the live user's id; empty for Create.
	UserID string
	// Changes are those of an Update, in the order of the row's fields.
	Changes []Change
	// Payload is the payload of an Update: the key and the changed fields; nil if everything
	// that differs is deferred.
	Payload *jumpcloud.BulkUserUpdate
	// Suspend is set if the update suspends the user. The state is sent separately and first:
	// nothing shows that a bulk update changes it, and no other field may hold it up.
	Suspend bool
	// Manager is the id to send as manager; nil if none is to be sent now.
	Manager *string
	// ManagerNotFound is set if there is no such user as the manager: the manager is omitted,
	// or the row fails because of it.
	ManagerNotFound bool
	// ManagerOnly is set if the operation leaves the user alone except for a manager that an
	// earlier run could not set.
	ManagerOnly bool
	// ExclusionByDate is set if the days to enroll must be sent as a date.
	ExclusionByDate bool
	// NoEffect is a field of the row that changes nothing, and Omitted one that is therefore
	// left as it is; "" if there is none.
	NoEffect, Omitted string
	// Omits is set if the user is created without what JumpCloud may refuse there: see
	// rows.Omit.
	Omits bool
	// Deferred is set if a rest of the row is for later: a manager whom this same run creates
	// and who has no id yet, other changes of a user who is suspended first, or what a create
	// Omits. Except for the last, it is among the Changes already.
	Deferred bool
	// Created is set if this run created the user.
	Created bool
	// Leaver is set if the decision is about a user that no row names any more. Its row does
	// not come from the source.
	Leaver bool
	// Harmful is set if any of the changes harms the user, in the sense of v1alpha1.HarmClass.
	Harmful bool
}

// Sends reports whether there is anything to send for the row now.
func (d *Decision) Sends() bool {
	return d.Action == Create || d.Action == Update && d.Payload != nil
}

// SpecFailure returns why the spec of an object that declares the row fails, as the reason and
// the message of a condition.
func (d *Decision) SpecFailure() (reason, message string) {
	message = "spec." + d.Message + "."
	switch {
	case d.Reason == v1alpha1.RowInvalidReason:
		return v1alpha1.InvalidSpecReason, message
	case d.Ungranted:
		return v1alpha1.PermissionDeniedReason, message
	default:
		return d.Reason, message
	}
}

// HarmClass returns the class of the first of the changes that harms the user.
func (d *Decision) HarmClass() v1alpha1.HarmClass {
	for _, change := range d.Changes {
		field, _ := rows.FieldOf(change.Path)
		if class := field.Harm.Class(change.Old, change.New); d.Harmful && class.Harmful() {
			return class
		}
	}
	return v1alpha1.HarmNone
}

// SendsLists reports whether a changed list of the live user is sent back: JumpCloud replaces
// lists as a whole.
func (d *Decision) SendsLists() bool {
	return d.Payload != nil && (d.Payload.Attributes != nil || d.Payload.Addresses != nil || d.Payload.PhoneNumbers != nil)
}

// fail turns the decision into a failure.
func (d *Decision) fail(reason, message string) {
	*d = Decision{Row: d.Row, Action: Fail, Reason: reason, Message: message, UserID: d.UserID}
}

// Fields returns what the decision changes, field by field.
func (d *Decision) Fields() fielddiff.Fields {
	var fields fielddiff.Fields
	for _, change := range d.Changes {
		fields.Note(change.Path, change.Old, change.New)
	}
	return fields
}

// Count counts decisions by action, as a status shows them.
func Count(decisions []Decision, defaults []rows.Field) v1alpha1.PlanStatus {
	var c v1alpha1.PlanStatus
	for i := range decisions {
		d := &decisions[i]
		c.Total++
		if d.Harmful {
			c.Harmful++
		}
		switch d.Action {
		case Create:
			c.Create++
			if stated(d.Row, defaults, "state") == string(v1alpha1.UserStateActivated) {
				c.ActivationMails++
			}
		case Update:
			c.Update++
		case Unchanged:
			c.Unchanged++
		case Skip:
			c.Skip++
		case Fail:
			c.Invalid++
		}
	}
	return c
}

// Stated returns what is declared for a user that is created: the row's fields, and the
// defaults that it does not override.
func Stated(row *rows.Row, defaults []rows.Field) []rows.Field {
	all := slices.Clip(row.Fields)
	for _, field := range defaults {
		if _, overridden := row.Get(field.Path); !overridden {
			all = append(all, field)
		}
	}
	return all
}

// stated returns what a created row states at a path, directly or by default.
func stated(row *rows.Row, defaults []rows.Field, path string) string {
	if value, ok := row.Get(path); ok {
		return value
	}
	for _, field := range defaults {
		if field.Path == path {
			return field.Value
		}
	}
	return ""
}
