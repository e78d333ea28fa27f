package v1alpha1

import "slices"

// Demands are what an object asks of the grants of its Organization. They count
// for objects of other namespaces than the Organization's own.
type Demands struct {
	// Groups are the names of user groups that the object declares.
	Groups []string
	// Has are the names that its user groups have already, whatever it declares.
	Has []string
	// Adopts is set where the object takes over what it did not create, or has done
	// so.
	Adopts bool
	// Privileges are what the object states that needs allowedNamespaces.privileged:
	// paths of fields, or words for people.
	Privileges []string
}

// GrantsGroup reports whether spec.allowedNamespaces.groups names a group, with
// case. Where it names none, every name is granted, but only to groups that an
// object creates.
func (a *AllowedNamespaces) GrantsGroup(name string) bool {
	return len(a.Groups) == 0 || slices.ContainsFunc(a.Groups, func(pattern string) bool { return matchesGroup(pattern, name) })
}

// GrantsKind reports whether spec.allowedNamespaces.kinds names a kind. Where it
// names none, every kind is granted.
func (a *AllowedNamespaces) GrantsKind(kind string) bool {
	return len(a.Kinds) == 0 || slices.Contains(a.Kinds, kind)
}

// Demands of an import are made by its rows: each is asked about its privileges.
func (*BulkUserImport) Demands() Demands { return Demands{} }

// Demands of an import are made by its rows: each is asked about its privileges.
func (*WorkdayImport) Demands() Demands { return Demands{} }

// Demands of a schedule: there are none. What others have scheduled counts, and
// is never changed.
func (*ScheduledUserState) Demands() Demands { return Demands{} }

// Demands of a push endpoint: a device was there before its object.
func (*PushEndpoint) Demands() Demands { return Demands{Adopts: true} }

// Demands of a Workday instance: whose workers become users is a privilege.
func (w *WorkdayInstance) Demands() Demands {
	return Demands{Adopts: w.Status.Adopted, Privileges: []string{"a Workday instance"}}
}

// Demands of a group: its name, that it was there before, and every attribute
// that gives members access to systems.
func (g *UserGroup) Demands() Demands {
	d := Demands{Groups: []string{g.GroupName()}, Adopts: g.Status.Adopted}
	if g.Status.Name != "" {
		d.Has = []string{g.Status.Name}
	}
	a := g.Spec.Attributes
	if a == nil {
		return d
	}
	for _, attribute := range []struct {
		name   string
		stated bool
	}{
		{"sudo", a.Sudo != nil}, {"ldapGroups", a.LDAPGroups != nil}, {"posixGroups", len(a.POSIXGroups) > 0},
		{"radius", a.RADIUS != nil}, {"sambaEnabled", a.SambaEnabled != nil},
	} {
		if attribute.stated {
			d.Privileges = append(d.Privileges, "spec.attributes."+attribute.name)
		}
	}
	return d
}
