package jumpcloudtest

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// user is the stored form of a user: what was stated and what the server made of it. value and
// render add what follows from that, or has a default. Values inside fields are never changed
// in place, so answers may share them.
type user struct {
	id           string
	serial       uint64 // order of insertion
	organization string
	fields       map[string]any
	password     string
	visibleFrom  time.Time // in lists and searches; zero: always
}

func (u *user) text(name string) string {
	text, _ := u.fields[name].(string)
	return text
}

// directory holds the users of one organization. A page in the order of ids or of insertion
// costs no more than the page, and unique values are looked up in maps, so that 100,000 users
// are no burden.
type directory struct {
	serial   uint64
	byID     []*user // ascending; ids usually grow, so adding is appending
	inserted []*user
	ids      map[string]*user
	// usernames is keyed by the folded name, so that names that differ only in case share a
	// key.
	usernames map[string][]*user
	emails    map[string]*user
	employees map[string]*user
	// allVisibleFrom is when the last user becomes visible.
	allVisibleFrom time.Time
}

func newDirectory() *directory {
	return &directory{
		ids:       map[string]*user{},
		usernames: map[string][]*user{},
		emails:    map[string]*user{},
		employees: map[string]*user{},
	}
}

func (d *directory) byUsername(name string) *user {
	for _, u := range d.usernames[fold(name)] {
		if u.text("username") == name {
			return u
		}
	}
	return nil
}

// called returns the user with this id, or else with this username, or nil.
func (d *directory) called(name string) *user {
	if u := d.ids[name]; u != nil {
		return u
	}
	return d.byUsername(name)
}

func (d *directory) add(u *user) {
	d.serial++
	u.serial = d.serial
	at, _ := slices.BinarySearchFunc(d.byID, u.id, compareID)
	d.byID = slices.Insert(d.byID, at, u)
	d.inserted = append(d.inserted, u)
	d.ids[u.id] = u
	if u.visibleFrom.After(d.allVisibleFrom) {
		d.allVisibleFrom = u.visibleFrom
	}
	d.index(u)
}

func (d *directory) remove(u *user) {
	if at, ok := slices.BinarySearchFunc(d.byID, u.id, compareID); ok {
		d.byID = slices.Delete(d.byID, at, at+1)
	}
	bySerial := func(x *user, serial uint64) int { return cmp.Compare(x.serial, serial) }
	if at, ok := slices.BinarySearchFunc(d.inserted, u.serial, bySerial); ok {
		d.inserted = slices.Delete(d.inserted, at, at+1)
	}
	delete(d.ids, u.id)
	d.unindex(u)
}

// change sets fields, or removes those whose value is nil, and updates the look-up maps.
func (d *directory) change(u *user, fields map[string]any) {
	d.unindex(u)
	for name, value := range fields {
		if value == nil {
			delete(u.fields, name)
			continue
		}
		u.fields[name] = value
	}
	d.index(u)
}

func (d *directory) index(u *user) {
	key := fold(u.text("username"))
	d.usernames[key] = append(d.usernames[key], u)
	d.emails[u.text("email")] = u
	if number := u.text("employeeIdentifier"); number != "" {
		d.employees[number] = u
	}
}

func (d *directory) unindex(u *user) {
	key := fold(u.text("username"))
	d.usernames[key] = slices.DeleteFunc(d.usernames[key], func(x *user) bool { return x == u })
	if len(d.usernames[key]) == 0 {
		delete(d.usernames, key)
	}
	if d.emails[u.text("email")] == u {
		delete(d.emails, u.text("email"))
	}
	if number := u.text("employeeIdentifier"); d.employees[number] == u {
		delete(d.employees, number)
	}
}

func compareID(u *user, id string) int { return strings.Compare(u.id, id) }

// fold maps strings that are equal without regard to case, as strings.EqualFold and regular
// expressions define it, to one string.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && !unicode.IsLetter(r) {
			return r
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
