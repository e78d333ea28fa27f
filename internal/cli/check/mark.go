package check

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

const (
	// Prefix begins the username and the address of each user that the check
	// makes, and the name of each group.
	Prefix = "jcop-check-"
	// groupDescription is that of each group that the check makes.
	groupDescription = "Made by kubectl jumpcloud check; may be deleted"
)

// markedUser reports whether a user was made by a check. Username and address
// must both say so: one of them alone might be a person's.
func markedUser(user object) bool {
	return strings.HasPrefix(text(user, "username"), Prefix) && strings.HasPrefix(text(user, "email"), Prefix)
}

// markedGroup reports whether a group was made by a check.
func markedGroup(group object) bool {
	return strings.HasPrefix(text(group, "name"), Prefix) && text(group, "description") == groupDescription
}

// markedDate is the date of each scheduled state that is not meant to happen. Its
// time of day is a mark: the row of a user who was deleted says nothing else of
// its origin.
func markedDate(now time.Time) string {
	day := now.UTC().AddDate(0, 0, 300)
	return time.Date(day.Year(), day.Month(), day.Day(), 3, 14, 15, 0, time.UTC).Format(time.RFC3339)
}

func isMarkedDate(date string) bool { return strings.Contains(date, "T03:14:15") }

// kind is the sort of object that is made.
type kind int

const (
	schedules kind = iota
	groups
	users
)

// path is where objects of a kind are.
func (k kind) path() string {
	return [...]string{"/v2/bulk/userstates", "/v2/usergroups", "/systemusers"}[k]
}

// thing is one object that was made.
type thing struct {
	kind kind
	id   string
	name string // for people
}

// own notes that an object was made by a check.
func (l *lab) own(t thing) {
	if t.id == "" || l.known[t.id] {
		return
	}
	l.known[t.id] = true
	l.made = append(l.made, t)
}

// learn notes what a call made.
func (l *lab) learn(c *call, a *answer) {
	if c.method != http.MethodPost || !a.fine() {
		return
	}
	switch c.path {
	case users.path():
		made := a.object()
		l.own(thing{users, text(made, "_id"), "user " + text(made, "username")})
	case groups.path():
		made := a.object()
		l.own(thing{groups, text(made, "id"), "group " + text(made, "name")})
	case schedules.path():
		rows, _ := a.rows()
		for _, row := range rows {
			l.own(thing{schedules, text(row, "scheduledJobId"), "scheduled state " + text(row, "scheduledJobId")})
		}
	}
}

// randomHex returns n random bytes as text.
func randomHex(n int) string {
	content := make([]byte, n)
	_, _ = rand.Read(content) // never fails
	return hex.EncodeToString(content)
}
