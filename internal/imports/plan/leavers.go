package plan

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// MaxMembers is how many users an import remembers.
const MaxMembers = 100_000

// Claims are the users whom other objects of the organization name.
type Claims struct {
	// Usernames and Emails are in lower case.
	IDs, Usernames, Emails map[string]bool
	// Unknown says of which object it is not known whom it names; "" if of none.
	Unknown string
}

// Roster finds out which members of an import have left its source. Members are
// the users whom its runs found or made, by id. Live users pass through it one at
// a time, as through a Matcher.
//
// A user is a leaver only where everything that speaks for it is known: whatever
// is in doubt makes a member stay.
type Roster struct {
	opts   Options
	claims Claims
	doubt  string
	// The unique values that rows state, in lower case.
	usernames, emails, identifiers map[string]bool
	// members by id, and what is known of each.
	members map[string]standing
	leavers map[string]Leaver
}

// standing is what is known of a member.
type standing int

const (
	// unseen members were not visited.
	unseen standing = iota
	// staying members are named by a row, or may be.
	staying
	// leaving members are named by no row and no other object.
	leaving
	// released members are no concern of the import any more: another object names
	// them, or they are suspended.
	released
)

// Leaver is a member whom no row is about any more.
type Leaver struct {
	// ID and Username of the live user.
	ID, Username string
	// Activated is set where JumpCloud shows that the user is.
	Activated bool
	// Protected leavers are never changed.
	Protected bool
}

// Departures are what became of the members of an import.
type Departures struct {
	// Doubt says why it is not known who left; "" if it is known. Nobody left then.
	Doubt string
	// Leavers by id.
	Leavers []Leaver
	// Members that are still remembered, the leavers among them, by id.
	Members []string
}

// NewRoster returns a roster of the members of an import with these rows, which are
// all rows of its sources, the invalid ones among them.
func NewRoster(members []string, all []*rows.Row, claims Claims, opts Options) *Roster {
	r := &Roster{
		opts: opts, claims: claims, members: make(map[string]standing, len(members)),
		leavers: map[string]Leaver{}, usernames: map[string]bool{}, emails: map[string]bool{}, identifiers: map[string]bool{},
	}
	for _, id := range members {
		if IsID(id) {
			r.members[id] = unseen
		}
	}
	for _, row := range all {
		addLower(r.usernames, row.Username())
		addLower(r.emails, row.Email())
		addLower(r.identifiers, row.EmployeeIdentifier())
	}
	r.doubt = incomplete(all, claims)
	return r
}

// incomplete says why the rows do not tell whom the import is about; "" if they do.
func incomplete(all []*rows.Row, claims Claims) string {
	if len(all) == 0 {
		return "there are no rows, so the source may be cut short"
	}
	for _, row := range all {
		if len(row.Problems) > 0 {
			return row.Origin + " is invalid, so it is not known whom it is about; correct the row"
		}
	}
	return claims.Unknown
}

// Visit takes one live user into account. It keeps nothing of a user who is no member.
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
			ID: u.ID, Username: value(u.Username), Protected: r.opts.protects(u),
			Activated: value(u.State) == jumpcloud.StateActivated,
		}
	}
}

// judge says what a live user shows of a member.
func (r *Roster) judge(u *jumpcloud.User) standing {
	if u.Unread.Has(uniqueFields...) {
		return staying // a row may name the user by what cannot be read
	}
	username, email := strings.ToLower(value(u.Username)), strings.ToLower(value(u.Email))
	switch {
	case r.usernames[username], r.emails[email], r.identifiers[strings.ToLower(value(u.EmployeeIdentifier))]:
		return staying
	case r.claims.IDs[u.ID], r.claims.Usernames[username], r.claims.Emails[email]:
		return released
	case value(u.State) == jumpcloud.StateSuspended:
		return released
	default:
		return leaving
	}
}

// Unseen are the members who were not visited, by id. They are to be looked up
// before Decide is called.
func (r *Roster) Unseen() []string {
	return r.ids(func(s standing) bool { return s == unseen })
}

// Decide returns what became of the members, once every user of a complete
// reading was visited, and decisions about the rows were made from it. Members
// whom it did not show were deleted at JumpCloud, and are forgotten.
func (r *Roster) Decide(decisions []Decision) Departures {
	doubt := r.doubt
	for i := range decisions {
		if d := &decisions[i]; doubt == "" && d.Action == Fail && d.UserID == "" {
			doubt = d.Row.Origin + " fails (" + d.Reason + "), so it is not known whom it is about; correct the row"
		}
	}
	if doubt != "" {
		return Departures{Doubt: doubt, Members: r.ids(func(standing) bool { return true })}
	}
	departures := Departures{Members: r.ids(func(s standing) bool { return s == staying || s == leaving })}
	for _, id := range departures.Members {
		if r.members[id] == leaving {
			departures.Leavers = append(departures.Leavers, r.leavers[id])
		}
	}
	return departures
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

// Remember returns the members of an import after a run: those of whom it knew
// before and the users whom it found or made, by id. Of too many, those whom the
// run found or made are remembered first.
func Remember(before, found []string) []string {
	members := map[string]bool{}
	for _, id := range slices.Concat(found, before) {
		if IsID(id) && len(members) < MaxMembers {
			members[id] = true
		}
	}
	all := make([]string, 0, len(members))
	for id := range members {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

func addLower(to map[string]bool, value string) {
	if value != "" {
		to[strings.ToLower(value)] = true
	}
}
