package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// MaxMembers is how many users an import remembers.
const MaxMembers = 100_000

// Claims are the users whom other objects of the organization name.
type Claims struct {
	// All but IDs are in lower case.
	IDs, Usernames, Emails, EmployeeIdentifiers map[string]bool
	// Unknown says why it is not known of an object whom it names, and BlockedBy is
	// that object; "" if it is known of all.
	Unknown, BlockedBy string
}

// include reports whether any of the claims is about a user.
func (c *Claims) include(l *Leaver) bool {
	return c.IDs[l.ID] || c.Usernames[strings.ToLower(l.Username)] || c.Emails[strings.ToLower(l.Email)] ||
		c.EmployeeIdentifiers[strings.ToLower(l.EmployeeIdentifier)]
}

// Roster finds out which members of an import have left its source. Members are
// the users whom its runs found or made, by id. Live users pass through it one at
// a time, as through a Matcher.
//
// A user is a leaver only where everything that speaks for it is known: whatever
// is in doubt makes a member stay.
type Roster struct {
	opts  Options
	doubt string
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
	// leaving members are named by no row.
	leaving
	// released members are no concern of the import any more: they are suspended.
	released
)

// Leaver is a member whom no row is about any more.
type Leaver struct {
	// What identifies the live user.
	ID, Username, Email, EmployeeIdentifier string
	// Activated is set where JumpCloud shows that the user is.
	Activated bool
	// Protected leavers are never changed.
	Protected bool
}

// Departures are what became of the members of an import.
type Departures struct {
	// Doubt says why it is not known who left; "" if it is known. Nobody left then.
	// BlockedBy is the object because of whose claims it is not known, if so.
	Doubt, BlockedBy string
	// Leavers by id.
	Leavers []Leaver
	// Members that are still remembered, the leavers among them, by id.
	Members []string
}

// NewRoster returns a roster of the members of an import whose sources hold these
// rows: all of them, the invalid ones among them.
func NewRoster(members []string, set *rows.Set, opts Options) *Roster {
	r := &Roster{
		opts: opts, members: make(map[string]standing, len(members)),
		leavers: map[string]Leaver{}, usernames: map[string]bool{}, emails: map[string]bool{}, identifiers: map[string]bool{},
	}
	for _, id := range members {
		if IsID(id) {
			r.members[id] = unseen
		}
	}
	for i := range set.Rows {
		row := &set.Rows[i]
		addLower(r.usernames, row.Username())
		addLower(r.emails, row.Email())
		addLower(r.identifiers, row.EmployeeIdentifier())
	}
	r.doubt = Incomplete(set)
	return r
}

// Incomplete says why rows do not tell whom their sources name; "" if they do.
func Incomplete(set *rows.Set) string {
	switch {
	case len(set.Rows) == 0:
		return "there are no rows, so the source may be cut short"
	case len(set.Empty) > 0:
		return set.Empty[0] + " holds no rows, so it may be cut short"
	}
	for i := range set.Rows {
		if row := &set.Rows[i]; len(row.Problems) > 0 {
			return row.Origin + " is invalid, so it is not known whom it is about; correct the row"
		}
	}
	return ""
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
			ID: u.ID, Username: value(u.Username), Email: value(u.Email), EmployeeIdentifier: value(u.EmployeeIdentifier), Protected: r.opts.protects(u),
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
// whom it did not show were deleted at JumpCloud, and are forgotten, as are those
// whom other objects claim.
func (r *Roster) Decide(decisions []Decision, claims Claims) Departures {
	departures := Departures{Doubt: cmp.Or(r.doubt, unmatched(decisions))}
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

// unmatched says which row is about a user who is not known; "" if there is none.
func unmatched(decisions []Decision) string {
	for i := range decisions {
		if d := &decisions[i]; d.Action == Fail && d.UserID == "" {
			return d.Row.Origin + " fails (" + d.Reason + "), so it is not known whom it is about; correct the row"
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
