package plan

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Kept says why a leaver is not suspended; "" for one that is suspended.
func (l *Leaver) Kept() string {
	switch {
	case l.Protected:
		return "the user is protected (an administrator, or in the Organization's protectedUsers) and is never changed"
	case !l.Activated:
		return "JumpCloud does not show the user as Activated; only such users are suspended for leaving"
	default:
		return ""
	}
}

// Suspend returns the decision to suspend a leaver. The leaver has no row, so the decision
// gets a row with this number, which states only who the user is. Only the state is sent.
func (l *Leaver) Suspend(number int) Decision {
	row := &rows.Row{Number: number, Origin: "the user who has left the source"}
	for _, field := range []rows.Field{{Path: "username", Value: l.Username}, {Path: "email", Value: l.Email}, {Path: "employeeIdentifier", Value: l.EmployeeIdentifier}} {
		if field.Value != "" {
			row.Fields = append(row.Fields, field)
		}
	}
	return Decision{
		Row: row, Action: Update, UserID: l.ID, Leaver: true, Suspend: true, Harmful: true,
		Payload: &jumpcloud.BulkUserUpdate{ID: l.ID},
		Changes: []Change{{Path: "state", Old: string(v1alpha1.UserStateActivated), New: string(v1alpha1.UserStateSuspended)}},
	}
}

// Departing is a member that an earlier plan found to be a leaver, with the number of its row.
type Departing struct {
	ID     string
	Number int
}

// Reconsider decides again about members that an earlier plan found to be leavers. It must be
// called after all of them were looked for. A member that is not a leaver any more is left
// alone: with Skip if the import still names the user, or may do so, and with Unchanged
// otherwise. It omits members that the roster does not have. The departures are those of the
// roster.
func (r *Roster) Reconsider(departing []Departing, claims Claims) ([]Decision, Departures) {
	departures := r.Decide(nil, claims)
	leavers := map[string]*Leaver{}
	for i := range departures.Leavers {
		leavers[departures.Leavers[i].ID] = &departures.Leavers[i]
	}
	decisions := make([]Decision, 0, len(departing))
	for _, d := range departing {
		standing, known := r.members[d.ID]
		switch leaver := leavers[d.ID]; {
		case !known:
		case departures.Doubt != "":
			decisions = append(decisions, d.leave(Skip, "who left is no longer known: "+departures.Doubt))
		case leaver != nil && leaver.Kept() == "":
			decisions = append(decisions, leaver.Suspend(d.Number))
		case leaver != nil:
			decisions = append(decisions, d.leave(Skip, leaver.Kept()))
		case standing == released:
			decisions = append(decisions, d.leave(Unchanged, ""))
		case standing == unseen:
			decisions = append(decisions, d.leave(Unchanged, "the user was deleted after the plan was made"))
		case standing == staying:
			decisions = append(decisions, d.leave(Skip, "a row is about this user again, or may be, as the user was changed"))
		default:
			decisions = append(decisions, d.leave(Unchanged, "another object of the organization names this user by now"))
		}
	}
	return decisions, departures
}

// leave returns the decision to send nothing.
func (d Departing) leave(action Action, why string) Decision {
	return Decision{Row: &rows.Row{Number: d.Number}, Action: action, Message: why, UserID: d.ID, Leaver: true}
}
