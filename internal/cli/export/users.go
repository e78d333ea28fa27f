package export

import (
	"context"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// The paths with rules of their own.
const (
	managerPath = "manager"
	lockedPath  = "accountLocked"
)

// person is a user that is written.
type person struct {
	row rows.Row
	// existing is set if JumpCloud would not accept such a new user, so that none may be
	// created.
	existing bool
}

// users writes a User for each user, or rows.
func (m *maker) users(ctx context.Context) error {
	if !m.options.Users {
		return nil
	}
	found, err := m.declare(ctx)
	if err != nil {
		return err
	}
	m.omit("all users", "passwords, MFA and recovery emails, and what users are bound to: devices, applications and directories")
	if m.options.CSV {
		return m.rows(found)
	}
	texts := make([]string, len(found))
	for i := range found {
		texts[i] = found[i].row.Username()
	}
	names := newNames("user", texts)
	for i := range found {
		object := &v1alpha1.User{Spec: v1alpha1.UserSpec{OrganizationRef: m.reference(), UserRow: found[i].row.Declared()}}
		if found[i].existing {
			object.Spec.AdoptionPolicy = v1alpha1.AdoptMustExist
		}
		if err := m.add("User", "users", names.of(texts[i]), object); err != nil {
			return err
		}
	}
	return nil
}

// declare returns what each user has, by the rules for rows.
func (m *maker) declare(ctx context.Context) ([]person, error) {
	all := make([]rows.Row, len(m.live.Users))
	for i := range m.live.Users {
		all[i] = m.row(&m.live.Users[i])
	}
	if err := rows.Validate(ctx, all, rows.Options{}); err != nil {
		return nil, err
	}
	var found []person
	for i := range all {
		p, ok := m.person(&m.live.Users[i], all[i])
		if !ok {
			continue
		}
		p, ok, err := m.faithful(ctx, p)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b person) int { return strings.Compare(a.row.Username(), b.row.Username()) })
	return found, nil
}

// row returns the row that states what a user has. It omits flags that are off, because most
// users have most of them off, and whether the account is locked, which is no setting of a
// person.
func (m *maker) row(user *jumpcloud.User) rows.Row {
	row := rows.FromUser(user)
	row.Fields = slices.DeleteFunc(row.Fields, func(f rows.Field) bool {
		entry, _ := rows.FieldOf(f.Path)
		return f.Path == lockedPath || entry.Type == v1alpha1.FieldBoolean && f.Value == "false"
	})
	for i := range row.Fields {
		if row.Fields[i].Path != managerPath {
			continue
		}
		if manager, known := m.people.find(row.Fields[i].Value); known {
			row.Fields[i].Value = manager.String()
		}
	}
	row.Origin = "user " + m.people.name(user.ID)
	return row
}

// person returns what can be written of a validated row.
func (m *maker) person(user *jumpcloud.User, row rows.Row) (person, bool) {
	name := row.Origin
	if user.ID == "" || row.Username() == "" {
		m.omit("a user", "its id or username cannot be read")
		return person{}, false
	}
	for _, member := range user.Unread {
		m.omit(name, member+": its value cannot be read")
	}
	if ptr.Deref(user.AccountLocked, false) {
		m.omit(name, lockedPath+": the account is currently locked, which manifests do not change")
	}
	if m.spellings[strings.ToLower(row.Username())] > 1 {
		m.omit(name, "another user has a username that differs only in case: rename one of them in JumpCloud")
		return person{}, false
	}
	p := person{row: row}
	_, mailed := row.Get("email")
	p.existing = !mailed
	for _, problem := range row.Problems {
		p.existing = p.existing || problem.Field == "username" || problem.Field == "email"
		if problem.Field == "username" || problem.Field == "email" && !mailed {
			continue // it is allowed for existing users
		}
		m.omit(name, problem.String())
		p.row.Fields = slices.DeleteFunc(p.row.Fields, func(f rows.Field) bool {
			return f.Path == problem.Field || strings.HasPrefix(f.Path, problem.Field+".")
		})
	}
	p.row.Problems = nil
	return p, true
}
