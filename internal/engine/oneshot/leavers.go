package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// maxLeavers is how many leavers a status lists.
const maxLeavers = 50

// Claimants knows which users the objects of an organization name.
type Claimants interface {
	// Claims returns the users that objects other than this one name in the organization.
	Claims(ctx context.Context, object lifecycle.Member, organizationID string) (plan.Claims, error)
}

// leavers finds out who has left the source of an import, and remembers who belongs to it.
type leavers[T Object] struct{ *run[T] }

// roster is a plan.Roster with the digest of its members.
type roster struct {
	*plan.Roster
	digest string
}

// departures holds what the latest plan says about the members, with their digest.
type departures struct {
	plan.Departures
	digest string
	// found holds the ids of the users that the rows are about.
	found []string
}

// watched reports whether the object's settings require knowing who leaves.
func (l *leavers[T]) watched() bool {
	return l.settings.Leavers != "" && l.settings.Leavers != v1alpha1.LeaversIgnore
}

// roster returns a roster for a new reading. It returns nil if leavers do not matter, or if a
// reading is under way, which has its own roster.
func (l *leavers[T]) roster(ctx context.Context) (*roster, error) {
	if !l.watched() || l.m.named == nil || l.m.reading != nil && l.m.reading.purpose == planPurpose {
		return nil, nil
	}
	members, err := l.members(ctx)
	if err != nil {
		return nil, err
	}
	options, err := l.options(ctx)
	if err != nil {
		return nil, err
	}
	return &roster{plan.NewRoster(members, l.m.named, options), ledger.MembersDigest(members)}, nil
}

// judge decides who has left. found holds the users that the rows are about.
func (l *leavers[T]) judge(ctx context.Context, f *finding, found []string) error {
	l.m.departures = nil
	if f.roster == nil {
		return nil
	}
	d := f.roster.Decide(f.decisions, plan.Claims{})
	if len(d.Leavers) > 0 {
		claims, err := l.claims(ctx)
		if err != nil {
			return err
		}
		d = f.roster.Decide(f.decisions, claims)
	}
	l.m.departures = &departures{d, f.roster.digest, found}
	return nil
}

// claims returns the users that other objects name at this time.
func (l *leavers[T]) claims(ctx context.Context) (plan.Claims, error) {
	if l.Claimants == nil {
		return plan.Claims{}, nil
	}
	return l.Claimants.Claims(ctx, l.object, l.pass.Session.OrganizationID)
}

// leftText says why a user who has left is in the ledger.
const leftText = "no row is about this user any more"

// entries returns the ledger entries of the leavers, numbered after the given number of rows.
func (l *leavers[T]) entries(rows int) []ledger.Entry {
	if l.m.departures == nil {
		return nil
	}
	all := make([]ledger.Entry, len(l.m.departures.Leavers))
	for i := range all {
		leaver := &l.m.departures.Leavers[i]
		all[i] = ledger.Entry{
			Row: rows + i + 1, Username: ledger.Text(leaver.Username, maxKey), Email: ledger.Text(leaver.Email, maxKey),
			UserID: leaver.ID, Action: ledger.ActionSuspendLeaver,
		}
		if why := l.kept(leaver); why != "" {
			all[i].Action = ledger.ActionLeave
			settle(&all[i], ledger.OutcomeSkipped, "", leftText+"; "+why)
		}
	}
	return all
}

// report returns what the status says about leavers after the latest plan.
func (l *leavers[T]) report() *v1alpha1.LeaversStatus {
	report := l.anchors()
	if report == nil || l.m.departures == nil {
		return report
	}
	doubt(report, l.m.departures.Departures)
	l.list(report)
	return report
}

// doubt records why it is not known who has left, if that is the case.
func doubt(report *v1alpha1.LeaversStatus, d plan.Departures) {
	report.Unknown, report.BlockedBy = ledger.Text(d.Doubt, maxKey), ledger.Text(d.BlockedBy, maxKey)
}

// list records who has left and is not suspended, according to the ledger.
func (l *leavers[T]) list(report *v1alpha1.LeaversStatus) {
	report.Count, report.Users = 0, nil
	for i := range l.m.ledger.Entries {
		entry := &l.m.ledger.Entries[i]
		switch {
		case entry.Action == ledger.ActionLeave, departing(entry):
		case entry.Action == ledger.ActionSuspendLeaver && entry.Outcome == ledger.OutcomeFailed:
		default:
			continue
		}
		report.Count++
		if report.Count <= maxLeavers {
			report.Users = append(report.Users, v1alpha1.LeaverStatus{ID: entry.UserID, Username: entry.Username})
		}
	}
}

// changed reports whether the latest plan says something else about leavers than the status.
func (l *leavers[T]) changed() bool {
	if l.m.departures == nil {
		return false
	}
	report := l.report()
	report.Digest, report.Next = ledger.MembersDigest(l.next(l.m.departures.Members)), ""
	return !sameLeavers(report, l.status.Leavers)
}

// unblocked reports whether another import kept this one from knowing who has left, and the
// users that the other import names are known now.
func (l *leavers[T]) unblocked(ctx context.Context) (bool, error) {
	if !l.watched() || l.status.Leavers == nil || l.status.Leavers.BlockedBy == "" {
		return false, nil
	}
	claims, err := l.claims(ctx)
	return err == nil && claims.Unknown == "", err
}

// foundBy returns the ids of the users that decided rows are about.
func foundBy(decisions []plan.Decision) []string {
	var found []string
	for i := range decisions {
		found = appendValue(found, decisions[i].UserID)
	}
	return found
}

// leaversText describes who has left, to follow the text about the rows; "" if nobody has.
func leaversText(status *v1alpha1.LeaversStatus) string {
	switch {
	case status == nil:
		return ""
	case status.Unknown != "":
		return "; who left the source is unknown: " + status.Unknown
	case status.Count == 1:
		return "; 1 user has left the source (status.leavers)"
	case status.Count > 1:
		return "; " + counted(status.Count, "user") + " have left the source (status.leavers)"
	default:
		return ""
	}
}
