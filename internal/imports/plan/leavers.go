package plan

import (
	"cmp"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Roster finds out which members of an import have left its source. Members are the users that
// its runs found or created, by id. Live users pass through it one at a time, as through a
// Matcher.
//
// A user is a leaver only if everything that supports it is known: in doubt, a member stays.
type Roster struct {
	opts  Options
	named *Named
	// members holds what is known about each member, by id.
	members map[string]standing
	leavers map[string]Leaver
}

// standing is what is known about a member.
type standing int

const (
	// unseen members were not visited.
	unseen standing = iota
	// staying members are named by a row, or may be.
	staying
	// leaving members are named by no row.
	leaving
	// released members no longer concern the import: they are suspended.
	released
)

// Leaver is a member that no row names any more.
type Leaver struct {
	// The live user's id and unique values.
	ID, Username, Email, EmployeeIdentifier string
	// Activated is set if JumpCloud shows that the user is activated.
	Activated bool
	// Protected leavers are never changed.
	Protected bool
}

// Departures is the result of a Roster for the members of an import.
type Departures struct {
	// Doubt says why it is not known who left; "" if it is known. In doubt, nobody left.
	// BlockedBy is the object whose claims are the cause, if any.
	Doubt, BlockedBy string
	// Leavers are sorted by id.
	Leavers []Leaver
	// Members are those that are still remembered, including the leavers, sorted by id.
	Members []string
}

// NewRoster returns a roster for the members of an import, by id, whose sources name the users
// in named.
func NewRoster(members []string, named *Named, opts Options) *Roster {
	r := &Roster{opts: opts, named: named, members: make(map[string]standing, len(members)), leavers: map[string]Leaver{}}
	for _, id := range members {
		if rows.IsID(id) {
			r.members[id] = unseen
		}
	}
	return r
}

// Visit takes one live user into account. It keeps nothing about a user who is not a member.
func (r *Roster) Visit(u *jumpcloud.User) {
	before, member := r.members[u.ID]
	if !member {
		return
	}
	now := r.judge(u)
	if before != unseen && before != now {
		now = staying // the user changed while the directory was read
	}
	r.members[u.ID] = now
	if now == leaving {
		r.leavers[u.ID] = Leaver{
			ID: u.ID, Username: value(u.Username), Email: value(u.Email), EmployeeIdentifier: value(u.EmployeeIdentifier), Protected: r.opts.protects(u),
			Activated: value(u.State) == jumpcloud.StateActivated,
		}
	}
}

// judge returns the standing of a member from the live user.
func (r *Roster) judge(u *jumpcloud.User) standing {
	if u.Unread.Has(uniqueFields...) {
		return staying // a row may name the user by what cannot be read
	}
	switch {
	case r.named.include(u):
		return staying
	case value(u.State) == jumpcloud.StateSuspended:
		return released
	default:
		return leaving
	}
}

// Unseen returns the members who were not visited, by id. They must be looked up before Decide
// is called.
func (r *Roster) Unseen() []string {
	return r.ids(func(s standing) bool { return s == unseen })
}

// Decide returns what became of the members. It must be called after every user of a complete
// reading was visited, with the decisions that were made from that reading. It forgets members
// that the reading did not show, because they were deleted at JumpCloud, and members that
// other objects claim.
func (r *Roster) Decide(decisions []Decision, claims Claims) Departures {
	departures := Departures{Doubt: cmp.Or(r.named.doubt, unmatched(decisions))}
	if departures.Doubt == "" {
		departures.Doubt, departures.BlockedBy = claims.Unknown, claims.BlockedBy
	}
	if departures.Doubt != "" {
		departures.Members = r.ids(func(standing) bool { return true })
		return departures
	}
	for _, id := range r.ids(func(s standing) bool { return s == staying || s == leaving }) {
		leaver := r.leavers[id]
		switch {
		case r.members[id] == staying:
		case claims.include(&leaver):
			continue
		default:
			departures.Leavers = append(departures.Leavers, leaver)
		}
		departures.Members = append(departures.Members, id)
	}
	return departures
}

// unmatched says which row is about an unknown user; "" if there is none.
func unmatched(decisions []Decision) string {
	for i := range decisions {
		if d := &decisions[i]; d.Action == Fail && d.UserID == "" {
			return d.Row.Origin + " fails (" + d.Reason + "), so it is not known which user it is about; correct the row"
		}
	}
	return ""
}

func (r *Roster) ids(take func(standing) bool) []string {
	var taken []string
	for id, s := range r.members {
		if take(s) {
			taken = append(taken, id)
		}
	}
	slices.Sort(taken)
	return taken
}
