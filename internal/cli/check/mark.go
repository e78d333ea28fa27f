package check

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

const (
	// Prefix begins the username and the address of each user that the check creates, and the
	// name of each group.
	Prefix = "jcop-check-"
	// groupDescription is the description of each group that the check creates.
	groupDescription = "Made by kubectl jumpcloud check; may be deleted"
)

// markedUser reports whether a check created the user. Both username and address must say so:
// one of them alone might be a person's.
func markedUser(user object) bool {
	return strings.HasPrefix(text(user, "username"), Prefix) && strings.HasPrefix(text(user, "email"), Prefix)
}

// markedGroup reports whether a check created the group.
func markedGroup(group object) bool {
	return strings.HasPrefix(text(group, "name"), Prefix) && text(group, "description") == groupDescription
}

// markedDate returns the date of scheduled states that are not meant to happen. Its time of
// day is a mark: nothing else in the row of a deleted user reveals its origin.
func markedDate(now time.Time) string {
	day := now.UTC().AddDate(0, 0, 300)
	return time.Date(day.Year(), day.Month(), day.Day(), 3, 14, 15, 0, time.UTC).Format(time.RFC3339)
}

func isMarkedDate(date string) bool { return strings.Contains(date, "T03:14:15") }

// kind is a kind of object that a check creates.
type kind int

const (
	schedules kind = iota
	groups
	users
)

// path is the path of the objects of a kind.
func (k kind) path() string {
	return [...]string{"/v2/bulk/userstates", "/v2/usergroups", "/systemusers"}[k]
}

// thing is one object that a check created.
type thing struct {
	kind kind
	id   string
	name string // for people
}

// own records that a check created the object.
func (l *lab) own(t thing) {
	if t.id == "" || l.known[t.id] {
		return
	}
	l.known[t.id] = true
	l.made = append(l.made, t)
}

// learn records what a call created.
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

// randomHex returns n random bytes in hexadecimal.
func randomHex(n int) string {
	content := make([]byte, n)
	_, _ = rand.Read(content) // never fails
	return hex.EncodeToString(content)
}
