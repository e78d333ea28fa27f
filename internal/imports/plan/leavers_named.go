package plan

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Named are the users that the sources of an import name.
type Named struct {
	// The unique values that rows state, in lower case.
	usernames, emails, identifiers map[string]bool
	// doubt says why the sources may name others too; "" if they do not.
	doubt string
}

// NamedBy returns the users that rows name. set holds all rows of the sources, including
// invalid ones.
func NamedBy(set *rows.Set) *Named {
	n := &Named{usernames: map[string]bool{}, emails: map[string]bool{}, identifiers: map[string]bool{}, doubt: Incomplete(set)}
	for i := range set.Rows {
		row := &set.Rows[i]
		addLower(n.usernames, row.Username())
		addLower(n.emails, row.Email())
		addLower(n.identifiers, row.EmployeeIdentifier())
	}
	return n
}

// include reports whether any row names a live user.
func (n *Named) include(u *jumpcloud.User) bool {
	return n.usernames[strings.ToLower(value(u.Username))] || n.emails[strings.ToLower(value(u.Email))] ||
		n.identifiers[strings.ToLower(value(u.EmployeeIdentifier))]
}

// Incomplete says why the rows may not be all that their sources name; "" if they are.
func Incomplete(set *rows.Set) string {
	switch {
	case len(set.Rows) == 0:
		return "there are no rows, so the source may be cut short"
	case len(set.Empty) > 0:
		return set.Empty[0] + " holds no rows, so it may be cut short"
	}
	for i := range set.Rows {
		if row := &set.Rows[i]; len(row.Problems) > 0 {
			return row.Origin + " is invalid, so it is not known which user it is about; correct the row"
		}
	}
	return ""
}

// Claims are the users that other objects of the organization name.
type Claims struct {
	// All but IDs are in lower case.
	IDs, Usernames, Emails, EmployeeIdentifiers map[string]bool
	// Unknown says why it is not known whom some object names, and BlockedBy is that object;
	// "" if it is known for all.
	Unknown, BlockedBy string
}

// include reports whether any of the claims names a user.
func (c *Claims) include(l *Leaver) bool {
	return c.IDs[l.ID] || c.Usernames[strings.ToLower(l.Username)] || c.Emails[strings.ToLower(l.Email)] ||
		c.EmployeeIdentifiers[strings.ToLower(l.EmployeeIdentifier)]
}

// Names reports whether any of the claims names the user of a decision.
func (c *Claims) Names(d *Decision) bool {
	return c.include(&Leaver{ID: d.UserID, Username: d.Row.Username(), Email: d.Row.Email(), EmployeeIdentifier: d.Row.EmployeeIdentifier()})
}

// MaxMembers is how many users an import remembers.
const MaxMembers = 100_000

// Remember returns the members of an import after a run: the earlier members and the users
// that the run found or created, by id. If there are too many, those that the run found or
// created take precedence.
func Remember(before, found []string) []string {
	members := map[string]bool{}
	for _, id := range slices.Concat(found, before) {
		if rows.IsID(id) && len(members) < MaxMembers {
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
