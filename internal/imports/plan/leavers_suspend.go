package plan

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Kept says why a leaver is not suspended; "" for one who is to be.
func (l *Leaver) Kept() string {
	switch {
	case l.Protected:
		return "the user is protected (an administrator, or in the Organization's protectedUsers) and is never changed"
	case !l.Activated:
		return "JumpCloud does not show the user as Activated, and nobody else is suspended for leaving"
	default:
		return ""
	}
}

// Suspend is the decision to suspend a leaver, who has no row: as row of this number,
// which states nothing but who it is. All that is sent is the state.
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

// Departing is a member that an earlier plan has found to be a leaver, with the number
// of its row.
type Departing struct {
	ID     string
	Number int
}

// Reconsider decides again about members that an earlier plan has found to be leavers,
// once they were all looked for. Who is one no longer is left alone: Skip where the
// user is still, or may still be, one of the import, and else Unchanged. Whom the
// roster does not have is left out. The departures are those of the roster.
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
			decisions = append(decisions, d.leave(Skip, "it is not known any more who has left: "+departures.Doubt))
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

// leave is the decision to send nothing.
func (d Departing) leave(action Action, why string) Decision {
	return Decision{Row: &rows.Row{Number: d.Number}, Action: action, Message: why, UserID: d.ID, Leaver: true}
}
