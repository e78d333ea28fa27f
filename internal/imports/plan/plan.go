// Package plan compares the rows of a run with the live directory and decides
// what is to be sent, what is withheld until it is approved, and what cannot
// be done. It is pure: it reads no clock and makes no calls.
package plan

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Action is what is to be done about one row.
type Action string

const (
	// Create the user, because no user in the directory is the row.
	Create Action = "Create"
	// Update the user, who is there and differs.
	Update Action = "Update"
	// Unchanged is a user who is as the row states.
	Unchanged Action = "Unchanged"
	// Skip the row, because the user is there and the operation leaves existing users alone.
	Skip Action = "Skip"
	// Fail the row, which cannot be sent; the reason says why.
	Fail Action = "Fail"
)

// Options are what a run is planned with.
type Options struct {
	Operation v1alpha1.Operation
	// MatchBy is "" for an object that stands for one user: by username.
	MatchBy       v1alpha1.MatchBy
	StateOnUpdate v1alpha1.StateOnUpdate
	// UserID is that of the user that the only row is about, where it is known:
	// the row may rename the user.
	UserID string
	// OnlyNew skips a row any of whose unique values is a user's, whatever the
	// rows are matched by.
	OnlyNew bool
	// Defaults for users that are created.
	Defaults []rows.Field
	// Protected users are never changed; users linked to an administrator never are.
	Protected []v1alpha1.UserReference
	// Foreign is set when the object is in another namespace than its
	// Organization: then messages do not tell who other users are.
	Foreign bool
	// NoPrivileges says why rows may not state privileges; "": they may.
	NoPrivileges string
	// Owners are the User objects that stand for users: rows about these fail.
	Owners Owners
	// Created are the numbers of the rows whose user this run created: what is
	// left of them is done whatever the operation, and defaults count for them.
	Created map[int]bool
	// Omitted are the numbers of the rows whose create JumpCloud refused for a member that
	// can be left out: their users are created without, and what is left out is sent next.
	Omitted map[int]bool
	// OmitManagers leaves out managers who are neither in the directory nor created by the
	// run; else their rows fail.
	OmitManagers bool
	// Completes are the ids of users that an earlier run created without their manager:
	// the manager is set whatever the operation, and nothing else.
	Completes map[string]bool
	// EnrollmentDays gives existing users whose MFA a row switches on the days to enrol
	// that it states.
	EnrollmentDays bool
	// Kept returns the values of a user that JumpCloud keeps in another form than the row's,
	// with digests by ledger.Digest and Salt; nil: none are known.
	Kept func(userID string) []v1alpha1.KeptValue
	// Salt of digests, so that equal values of two objects do not show.
	Salt string
}

// Change is one field that differs.
type Change struct {
	// Path of the field, as in rows.Field.
	Path string
	// Old and New are canonical values. They may be personal data: they enter
	// digests and nothing else.
	Old, New string
}

// Decision is what is to be done about one row.
type Decision struct {
	Row    *rows.Row
	Action Action
	// Reason and Message say why a row fails, and Message why a leaver is left alone;
	// empty otherwise.
	Reason, Message string
	// Ungranted is set when it fails because a grant of the Organization is missing.
	Ungranted bool
	// UserID of the live user; empty for Create.
	UserID string
	// Changes of an Update, in the order of the row's fields.
	Changes []Change
	// Payload of an Update: the key and the changed fields; nil when all that
	// differs is deferred.
	Payload *jumpcloud.BulkUserUpdate
	// Suspend is set when the update suspends the user. The state is sent by
	// itself and before all else: nothing shows that a bulk update changes one,
	// and no other field may hold it up.
	Suspend bool
	// Manager is the id to send as manager; nil when none is to be sent now.
	Manager *string
	// ManagerNotFound is set when there is no such user as the manager: the manager is
	// left out, or the row fails for it.
	ManagerNotFound bool
	// ManagerOnly is set when the operation leaves the user alone but for a manager that
	// an earlier run could not set.
	ManagerOnly bool
	// ExclusionByDate is set when the days to enrol are to be sent as a date.
	ExclusionByDate bool
	// NoEffect is a field of the row that changes nothing, and Omitted one that is
	// therefore left as it is; "" for none.
	NoEffect, Omitted string
	// Omits is set when the user is created without what JumpCloud may refuse there: see
	// rows.Omit.
	Omits bool
	// Deferred is set when a rest of the row is for later: a manager who is
	// created by this same run and has no id yet, what else changes of a user
	// who is suspended first, or what a create Omits. But for the last, it is among the
	// Changes already.
	Deferred bool
	// Created is set when this run created the user.
	Created bool
	// Leaver is set when the decision is about a user that no row is about any more. Its
	// row is none of the source's.
	Leaver bool
	// Harmful is set when any of the changes harms the user, in the sense of
	// v1alpha1.HarmClass.
	Harmful bool
}

// Sends reports whether there is anything to send for the row now.
func (d *Decision) Sends() bool {
	return d.Action == Create || d.Action == Update && d.Payload != nil
}

// SpecFailure says why the spec of an object that declares the row fails, as the reason and
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

// HarmClass is the class of the first of the changes that harms the user.
func (d *Decision) HarmClass() v1alpha1.HarmClass {
	for _, change := range d.Changes {
		field, _ := rows.FieldOf(change.Path)
		if class := field.Harm.Class(change.Old, change.New); d.Harmful && class.Harmful() {
			return class
		}
	}
	return v1alpha1.HarmNone
}

// SendsLists reports whether a list of the live user is sent back, changed:
// JumpCloud replaces lists as a whole.
func (d *Decision) SendsLists() bool {
	return d.Payload != nil && (d.Payload.Attributes != nil || d.Payload.Addresses != nil || d.Payload.PhoneNumbers != nil)
}

// fail turns the decision into a failure.
func (d *Decision) fail(reason, message string) {
	*d = Decision{Row: d.Row, Action: Fail, Reason: reason, Message: message, UserID: d.UserID}
}

// Count counts decisions by action, as they are shown in a status.
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

// Stated returns what is declared of a user that is created: the row's fields,
// and the defaults that it does not override.
func Stated(row *rows.Row, defaults []rows.Field) []rows.Field {
	all := slices.Clip(row.Fields)
	for _, field := range defaults {
		if _, overridden := row.Get(field.Path); !overridden {
			all = append(all, field)
		}
	}
	return all
}

// stated returns what a created row states at a path, by itself or by default.
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
